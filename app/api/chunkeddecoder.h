// Takes the chunked coding off a body, wherever its bytes are cut.
//
//     while (!bytes.empty() && !decoder.atEnd())
//         if (!decoder.feed(bytes, [&](QByteArrayView piece) { … }))
//             …   // no such coding: 400
//
// Extensions and trailers are read over, within bounds. Values; any thread.

#pragma once

#include <QByteArray>

namespace hubkeep::api {

class ChunkedDecoder
{
public:
    // Takes bytes off the front up to the end of a piece of content, which it appends to
    // content. False: malformed, for good.
    bool feed(QByteArrayView &bytes, QByteArray &content);
    bool atEnd() const { return m_state == State::End; }

private:
    enum class State { Size, Extension, SizeEnd, Data, DataReturn, DataEnd, Trailer, End };
    bool step(char c);

    State m_state = State::Size;
    qint64 m_left = 0; // of the chunk
    int m_digits = 0;
    int m_overhead = 0; // bytes of extensions and trailers
    int m_lineLength = 0; // of the trailer
    bool m_afterReturn = false;
};

} // namespace hubkeep::api
