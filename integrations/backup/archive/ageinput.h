// Bytes that come one after the other, and where they go.
//
// One thread at a time.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>

#include <functional>
#include <optional>
#include <span>

namespace hubkeep::backup {

// Fills the buffer; less only where the input ends.
using ByteReader = std::function<Result<qsizetype>(std::span<char>)>;
using ByteWriter = std::function<Result<void>(std::span<const char>)>;

// Both at the file's beginning and going on; the descriptor must outlive them.
ByteReader readerOf(int fd);
ByteWriter writerTo(int fd);

// A reader that can be asked for lines as well.
class BufferedInput
{
public:
    explicit BufferedInput(ByteReader from)
        : m_from(std::move(from))
    {
    }

    Result<qsizetype> read(std::span<char> buffer);

    // The next line without its '\n', or what comes instead of one at the end; nothing for a
    // line that is longer than most.
    struct Line
    {
        QByteArray text;
        bool ended = false; // by '\n'
    };
    Result<std::optional<Line>> line(qsizetype most);

    // The next bytes, which stay there; fewer at the end.
    Result<QByteArray> peek(qsizetype count);

private:
    Result<bool> more(); // false at the end

    ByteReader m_from;
    QByteArray m_buffer;
    qsizetype m_at = 0;
};

} // namespace hubkeep::backup
