// The recovery kit: a page that somebody prints and keeps, with which encrypted backups are opened
// when the machine they came from is gone.
//
// It holds an identity, so whoever has it can read every backup made for it. Pure functions; any
// thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/backup/archive/agekeys.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

namespace hubkeep {

struct RecoveryKit
{
    QString hub; // its name
    QString keyId;
    QDateTime created; // UTC
    backup::AgeIdentity identity;
};

// 72 columns at most, with a QR code of block characters.
QByteArray kitText(const RecoveryKit &kit);

// The same on one A4 page, in the fonts that every PDF reader has.
Result<QByteArray> kitPdf(const RecoveryKit &kit);

// The modules of a QR code, row by row; true is dark. Without a quiet zone.
Result<std::vector<std::vector<bool>>> qrCode(const QByteArray &text);

} // namespace hubkeep
