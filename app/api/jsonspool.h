// A JSON text that is made piece by piece on any thread: in memory while it is small, beyond that
// in a file that has no name, so that an answer of any length takes little memory.
//
//     JsonSpool spool(folder);
//     spool.write("[");
//     spool.writeText(name);
//     spool.write("]");
//     Result<std::shared_ptr<Spooled>> whole = spool.finish();
//
// Problems are remembered until finish().

#pragma once

#include "automation/core/filedescriptor.h"

#include <QByteArray>
#include <QString>

#include <memory>
#include <optional>

namespace hubkeep::api {

struct Spooled
{
    QByteArray bytes; // all of it, where there is no file
    FileDescriptor file {};
    qint64 size = 0;
};

class JsonSpool
{
public:
    static constexpr qint64 mostInMemory = 1024 * 1024;
    static constexpr qint64 mostAtAll = 1024 * 1024 * 1024;

    // Files are made in folder. Larger than most: TooLarge.
    explicit JsonSpool(QString folder);
    // Never a file.
    static JsonSpool inMemory(qint64 most) { return { {}, most, most }; }

    void write(QByteArrayView bytes);
    void writeText(QStringView text); // as a JSON string
    bool isGood() const { return !m_error; }
    qint64 size() const { return m_spilled + m_buffer.size(); }

    Result<std::shared_ptr<Spooled>> finish();

private:
    JsonSpool(QString folder, qint64 most, qint64 inMemory);
    void spill();

    const QString m_folder;
    const qint64 m_most;
    const qint64 m_inMemory;
    QByteArray m_buffer;
    FileDescriptor m_file;
    qint64 m_spilled = 0;
    std::optional<Error> m_error;
};

} // namespace hubkeep::api
