// Armour: an age file as text, for mails and clipboards.
//
// Strict, as age is: lines of 64 columns, canonical base64, only white space outside.
// One thread at a time.

#pragma once

#include "integrations/backup/archive/ageinput.h"

namespace hubkeep::backup {

// Whether what begins so wants to be armour. Needs 64 bytes, or all there are.
bool looksArmoured(const QByteArray &begin);

class ArmourReader
{
public:
    explicit ArmourReader(BufferedInput &from)
        : m_from(from)
    {
    }

    // The bytes inside, as a ByteReader gives them; Corrupt for what is no such armour.
    Result<qsizetype> read(std::span<char> buffer);

private:
    Result<void> begin();
    Result<void> nextLine();
    Result<void> end();
    Result<QByteArray> line(); // without its line end

    BufferedInput &m_from;
    QByteArray m_decoded;
    bool m_begun = false;
    bool m_isLast = false; // the last line of content came
    bool m_ended = false;
};

// The same backwards, for texts that fit into memory.
QByteArray armoured(const QByteArray &bytes);

} // namespace hubkeep::backup
