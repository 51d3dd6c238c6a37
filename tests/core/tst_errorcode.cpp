#include "automation/core/errorcode.h"

#include <QtTest>

using namespace hubkeep;

class TestErrorCode : public QObject
{
    Q_OBJECT

private slots:
    void everyCodeIsFoundByItsName()
    {
        QStringList names;
        for (int i = int(ErrorCode::InvalidArgument); i <= int(ErrorCode::Internal); ++i) {
            const QString name = QString::fromLatin1(nameOf(ErrorCode(i)));
            QVERIFY2(!names.contains(name), qPrintable(name));
            names.append(name);
            QCOMPARE(errorCodeNamed(name), std::optional(ErrorCode(i)));
        }
        QCOMPARE(QString::fromLatin1(nameOf(ErrorCode::NoSpace)), QStringLiteral("no_space"));
    }

    void whatIsNoNameIsNoCode()
    {
        for (const char *name : { "", "NoSpace", "no space", "too_many_attempts" })
            QCOMPARE(errorCodeNamed(QString::fromLatin1(name)), std::optional<ErrorCode>());
    }
};

QTEST_GUILESS_MAIN(TestErrorCode)
#include "tst_errorcode.moc"
