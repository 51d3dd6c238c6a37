// Takes the first file out of a multipart/form-data body (RFC 7578), wherever its bytes are
// cut; the other parts are read over.
//
// Holds at most a part's headers (8 KiB) and one boundary back. Values; any thread.

#pragma once

#include <QByteArray>

#include <functional>
#include <optional>

namespace hubkeep::api {

class MultipartReader
{
public:
    explicit MultipartReader(const QByteArray &boundary);

    // The boundary that a Content-Type names; nothing where it has none that is permitted.
    static std::optional<QByteArray> boundaryOf(const QByteArray &contentType);

    // False: malformed, for good.
    bool feed(QByteArrayView bytes, const std::function<void(QByteArrayView)> &write);
    bool sawFile() const { return m_sawFile; }
    bool atEnd() const { return m_state == State::End; } // the last boundary came

private:
    enum class State { Content, AfterBoundary, Headers, End };
    using Write = std::function<void(QByteArrayView)>;

    bool readContent(const Write &write);
    bool readAfterBoundary(const Write &write);
    bool readHeaders();

    const QByteArray m_delimiter; // "\r\n--boundary"
    QByteArray m_held = "\r\n"; // so that a boundary may be the first thing
    State m_state = State::Content;
    bool m_inFile = false;
    bool m_sawFile = false;
    bool m_failed = false;
};

} // namespace hubkeep::api
