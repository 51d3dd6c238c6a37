// German says everything that English does: Qt's own tool reads the sources and finds nothing new.

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

} // namespace

class TestTranslations : public QObject
{
    Q_OBJECT

private slots:
    void everyTextHasItsTranslation_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("pluralsOnly");
        QTest::newRow("German") << text("de") << false;
        QTest::newRow("English plurals") << text("en") << true;
    }
    void everyTextHasItsTranslation()
    {
        QFETCH(const QString, language);
        QFETCH(const bool, pluralsOnly);
        const QTemporaryDir folder;
        const QString name = text("hubkeep_%1.ts").arg(language);
        const QString copy = folder.filePath(name);
        const QDir source(QStringLiteral(HUBKEEP_SOURCE_DIR));
        QVERIFY(QFile::copy(source.filePath(text("resources/translations/") + name), copy));
        QStringList arguments { text("-silent"), text("-no-obsolete"), text("-locations"),
            text("none"), text("-I"), source.path(), source.filePath(text("qml")), text("-ts"),
            copy };
        if (pluralsOnly)
            arguments.prepend(text("-pluralonly"));
        QProcess lupdate;
        lupdate.start(QStringLiteral(HUBKEEP_LUPDATE), arguments);
        QVERIFY(lupdate.waitForFinished(120'000));
        QCOMPARE(lupdate.exitCode(), 0);

        QFile file(copy);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString updated = QString::fromUtf8(file.readAll());
        QVERIFY(updated.count(text("<message")) > 15);
        static const QRegularExpression unfinished(
            text("<source>([^<]*)</source>\\s*<translation type=\"unfinished\""));
        const QRegularExpressionMatch match = unfinished.match(updated);
        QVERIFY2(!match.hasMatch(), qPrintable(text("not translated: ") + match.captured(1)));
    }
};

QTEST_GUILESS_MAIN(TestTranslations)
#include "tst_translations.moc"
