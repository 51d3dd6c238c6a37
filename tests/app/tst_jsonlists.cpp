// JSON documents with lists that are printed as they come.

#include "app/cli/jsonlists.h"
#include "app/signalhandler.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>
#include <QJsonDocument>

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::cli;
using namespace hubkeep::test;

namespace {

struct Command
{
    JobControl control;
    SignalHandler signalHandler { control };
    Context context { control, signalHandler };
};

// What print says on standard output.
template <typename F>
QByteArray printed(F print)
{
    const Folder folder;
    const QByteArray path = folder / "out";
    std::fflush(stdout);
    const int before = ::dup(STDOUT_FILENO);
    const int file = ::open(path.constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ::dup2(file, STDOUT_FILENO);
    print();
    std::fflush(stdout);
    ::dup2(before, STDOUT_FILENO);
    ::close(before);
    ::close(file);
    return readFile(path);
}

QJsonObject row(int number)
{
    return { { QStringLiteral("n"), number } };
}

void addRows(JsonLists &lists, size_t list, int count)
{
    for (int i = 0; i < count; ++i) {
        if (!lists.add(list, row(i)))
            qFatal("A row was not taken");
    }
}

} // namespace

class TestJsonLists : public QObject
{
    Q_OBJECT

private slots:
    void areOneDocument_data()
    {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        for (const int first : { 0, 1, 2, 100'000 }) {
            for (const int second : { 0, 1, 2, 100'000 })
                QTest::addRow("%d and %d", first, second) << first << second;
        }
    }

    void areOneDocument()
    {
        QFETCH(int, first);
        QFETCH(int, second);
        Command command;
        command.context.json = true;
        const Context &context = command.context;
        const QByteArray out = printed([&] {
            JsonLists lists(context, { "first", "second" });
            addRows(lists, 1, second);
            addRows(lists, 0, first);
            if (!lists.close())
                qFatal("The lists were not closed");
            context.printJson({ { QStringLiteral("more"), true } });
        });
        const QJsonObject document = QJsonDocument::fromJson(out).object();
        const QJsonArray a = document[QStringLiteral("first")].toArray();
        const QJsonArray b = document[QStringLiteral("second")].toArray();
        QCOMPARE(document.keys().size(), 3);
        QCOMPARE(a.size(), first);
        QCOMPARE(b.size(), second);
        if (second > 0)
            QCOMPARE(b.last().toObject(), row(second - 1));
        QVERIFY(document[QStringLiteral("more")].toBool());
        QVERIFY(out.endsWith("}\n") && out.count('\n') == 1);
    }

    void anErrorEndsTheDocument()
    {
        Command command;
        command.context.json = true;
        const Context &context = command.context;
        int code = 0;
        const QByteArray out = printed([&] {
            JsonLists lists(context, { "first", "second" });
            addRows(lists, 0, 2);
            addRows(lists, 1, 1);
            code = lists.fail({ ErrorCode::Corrupt, QStringLiteral("It is damaged") });
        });
        QCOMPARE(code, int(Damaged));
        const QJsonObject document = QJsonDocument::fromJson(out).object();
        QCOMPARE(document[QStringLiteral("first")].toArray().size(), 2);
        QCOMPARE(document[QStringLiteral("second")].toArray().size(), 1);
        QCOMPARE(document[QStringLiteral("exit_code")].toInt(), int(Damaged));
        QCOMPARE(document[QStringLiteral("message")].toString(), QStringLiteral("It is damaged"));
    }

    void anErrorBeforeTheFirstRowIsTheDocument()
    {
        Command command;
        command.context.json = true;
        const Context &context = command.context;
        const QByteArray out = printed([&] {
            JsonLists lists(context, { "first" });
            lists.fail({ ErrorCode::Io, QStringLiteral("It cannot be read") });
        });
        QCOMPARE(QJsonDocument::fromJson(out).object().keys(),
            (QStringList { QStringLiteral("exit_code"), QStringLiteral("message") }));
    }

    void withoutJsonNothingIsPrinted()
    {
        const Command command;
        const Context &context = command.context;
        QCOMPARE(printed([&] {
            JsonLists lists(context, { "first", "second" });
            addRows(lists, 0, 2);
            addRows(lists, 1, 2);
            if (!lists.close())
                qFatal("The lists were not closed");
            context.printJson({});
        }),
            QByteArray());
    }
};

QTEST_GUILESS_MAIN(TestJsonLists)
#include "tst_jsonlists.moc"
