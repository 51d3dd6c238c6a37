// The standard `age` command (Debian's), as the other side of tests.
//
// Blocking. What fails is a sentence; no test asserts in here.

#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace hubkeep::test {

// Why there is no `age` to test with; empty where there is one.
QString ageIsMissing();

// Runs age; empty, or what it said when it failed. It asks for passphrases on a terminal only, so
// it gets one, and passphrase as the answer to each question.
QString runAge(const QStringList &arguments, const QString &passphrase = {});

} // namespace hubkeep::test
