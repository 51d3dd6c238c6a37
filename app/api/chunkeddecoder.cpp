#include "app/api/chunkeddecoder.h"

#include <algorithm>

namespace hubkeep::api {

namespace {

constexpr int MostOverhead = 16 * 1024;
constexpr int MostDigits = 15;

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

bool ChunkedDecoder::feed(QByteArrayView &bytes, QByteArray &content)
{
    while (!bytes.empty() && m_state != State::End) {
        if (m_state == State::Data) {
            const qsizetype taken = std::min<qint64>(m_left, bytes.size());
            content.append(bytes.first(taken));
            bytes = bytes.sliced(taken);
            m_left -= taken;
            if (m_left == 0)
                m_state = State::DataReturn;
            continue;
        }
        if (!step(bytes.front()))
            return false;
        bytes = bytes.sliced(1);
    }
    return true;
}

bool ChunkedDecoder::step(char c)
{
    switch (m_state) {
    case State::Size:
        if (const int digit = hexDigit(c); digit >= 0) {
            if (++m_digits > MostDigits)
                return false;
            m_left = m_left * 16 + digit;
            return true;
        }
        m_state = c == ';' ? State::Extension : State::SizeEnd;
        return m_digits > 0 && (c == ';' || c == '\r');
    case State::Extension:
        if (c == '\r')
            m_state = State::SizeEnd;
        return c != '\n' && c != '\0' && ++m_overhead <= MostOverhead;
    case State::SizeEnd:
        m_state = m_left > 0 ? State::Data : State::Trailer;
        m_digits = 0;
        return c == '\n';
    case State::DataReturn:
        m_state = State::DataEnd;
        return c == '\r';
    case State::DataEnd:
        m_state = State::Size;
        return c == '\n';
    case State::Trailer:
        if (m_afterReturn != (c == '\n') || c == '\0')
            return false;
        m_afterReturn = c == '\r';
        if (c == '\n') {
            if (m_lineLength == 0)
                m_state = State::End;
            m_lineLength = 0;
        } else if (c != '\r') {
            ++m_lineLength;
        }
        return ++m_overhead <= MostOverhead;
    case State::Data:
    case State::End:
        break;
    }
    return false;
}

} // namespace hubkeep::api
