#include "automation/core/actionregistry.h"

#include <QtTest>

using namespace hubkeep;

namespace {

const QString name = QStringLiteral("backup.create");

ActionDescription describe(FieldType type, bool required = false)
{
    ActionDescription description { name, {}, {} };
    description.fields.insert(QStringLiteral("value"), { {}, type, required });
    description.fields.insert(QStringLiteral("database"), { {}, FieldType::Any });
    return description;
}

ActionResult succeed(const ActionCall &call)
{
    return finishedAction(call.arguments);
}

} // namespace

class TestActionRegistry : public QObject
{
    Q_OBJECT

private slots:
    void argumentsAreBroughtIntoTheirTypes_data()
    {
        QTest::addColumn<FieldType>("type");
        QTest::addColumn<QVariant>("given");
        QTest::addColumn<QVariant>("taken"); // invalid: refused
        const auto text = [](const char *words) { return QVariant(QString::fromLatin1(words)); };
        const QVariantList ones { 1 };
        const QVariantMap object { { QStringLiteral("a"), 1 } };
        using enum FieldType;
        QTest::newRow("text") << Text << text("a") << text("a");
        QTest::newRow("empty text") << Text << text("") << text("");
        QTest::newRow("text of a number") << Text << QVariant(5) << text("5");
        QTest::newRow("text of a boolean") << Text << QVariant(true) << QVariant();
        QTest::newRow("text of a list") << Text << QVariant(ones) << QVariant();
        QTest::newRow("text of an object") << Text << QVariant(object) << QVariant();
        QTest::newRow("number") << Number << QVariant(5) << QVariant(5.0);
        QTest::newRow("large number")
            << Number << QVariant(1LL << 40) << QVariant(double(1LL << 40));
        QTest::newRow("number of a text") << Number << text("1.5") << QVariant(1.5);
        QTest::newRow("number of words") << Number << text("five") << QVariant();
        QTest::newRow("number of nothing") << Number << text("") << QVariant();
        QTest::newRow("number that is none") << Number << text("nan") << QVariant();
        QTest::newRow("number without an end") << Number << text("inf") << QVariant();
        QTest::newRow("number of a boolean") << Number << QVariant(true) << QVariant();
        QTest::newRow("boolean") << Boolean << QVariant(false) << QVariant(false);
        QTest::newRow("boolean of a number") << Boolean << QVariant(1) << QVariant();
        QTest::newRow("boolean of a text") << Boolean << text("true") << QVariant();
        QTest::newRow("list") << List << QVariant(ones) << QVariant(ones);
        QTest::newRow("list of texts") << List << QVariant(QStringList { QStringLiteral("a") })
                                       << QVariant(QVariantList { text("a") });
        QTest::newRow("list of one") << List << text("a") << QVariant(QVariantList { text("a") });
        QTest::newRow("list of an object") << List << QVariant(object) << QVariant();
        QTest::newRow("object") << Object << QVariant(object) << QVariant(object);
        QTest::newRow("object of a list") << Object << QVariant(ones) << QVariant();
        QTest::newRow("object of a text") << Object << text("{}") << QVariant();
        QTest::newRow("anything") << Any << QVariant(ones) << QVariant(ones);
    }
    void argumentsAreBroughtIntoTheirTypes()
    {
        QFETCH(FieldType, type);
        QFETCH(QVariant, given);
        QFETCH(QVariant, taken);
        const auto checked = checkArguments(describe(type), { { QStringLiteral("value"), given } });
        QCOMPARE(checked.ok(), taken.isValid());
        if (!checked) {
            QCOMPARE(checked.error().code, ErrorCode::InvalidArgument);
            QVERIFY2(checked.error().message.startsWith(
                         QStringLiteral("Calling backup.create: the field 'value' takes ")),
                qPrintable(checked.error().message));
            return;
        }
        const QVariant found = checked->value(QStringLiteral("value"));
        QCOMPARE(found, taken);
        QCOMPARE(found.typeId(), taken.typeId());
    }

    void anUnknownFieldIsNamedWithItsNeighbour()
    {
        const auto checked
            = checkArguments(describe(FieldType::Text), { { QStringLiteral("databse"), 1 } });
        QVERIFY(!checked.ok());
        QCOMPARE(checked.error().message,
            QStringLiteral("Calling backup.create: it has no field 'databse'; did you mean "
                           "'database'?"));
        const auto far
            = checkArguments(describe(FieldType::Text), { { QStringLiteral("xyzzy"), 1 } });
        QCOMPARE(
            far.error().message, QStringLiteral("Calling backup.create: it has no field 'xyzzy'"));
    }

    void requiredFieldsMustBeThereAndNotNull()
    {
        const ActionDescription description = describe(FieldType::Text, true);
        const auto missing = checkArguments(description, {});
        QVERIFY(!missing.ok());
        QVERIFY(missing.error().message.contains(QStringLiteral("'value' is missing")));
        const auto null = checkArguments(
            description, { { QStringLiteral("value"), QVariant::fromValue(nullptr) } });
        QVERIFY(!null.ok());
        QVERIFY(null.error().message.contains(QStringLiteral("'value' is null")));
    }

    void nullIsAsIfItWereNotThere()
    {
        const auto checked = checkArguments(
            describe(FieldType::Number), { { QStringLiteral("value"), QVariant() } });
        QVERIFY(checked.ok());
        QVERIFY(checked->isEmpty());
    }

    void aHandlerSeesCheckedArgumentsAndWhoCalled()
    {
        ActionRegistry actions;
        ActionCall seen;
        actions.add(describe(FieldType::Number), [&](const ActionCall &call) {
            seen = call;
            return finishedAction(QVariantMap { { QStringLiteral("done"), true } });
        });
        const Context context = Context::make(QStringLiteral("anna"));
        const ActionResult result
            = actions.call(name, { { { QStringLiteral("value"), QStringLiteral("2") } }, context });
        QVERIFY(result.isFinished());
        QCOMPARE(result.result()->value(QStringLiteral("done")), QVariant(true));
        QCOMPARE(seen.arguments.value(QStringLiteral("value")), QVariant(2.0));
        QVERIFY(seen.context == context);
    }

    void wrongArgumentsNeverReachAHandler()
    {
        ActionRegistry actions;
        bool called = false;
        actions.add(describe(FieldType::Number), [&](const ActionCall &) {
            called = true;
            return finishedAction(QVariantMap());
        });
        const ActionResult result
            = actions.call(name, { { { QStringLiteral("value"), QStringLiteral("x") } }, {} });
        QCOMPARE(result.result().error().code, ErrorCode::InvalidArgument);
        QVERIFY(!called);
    }

    void anUnknownActionIsNamedWithItsNeighbour()
    {
        ActionRegistry actions;
        actions.add(describe(FieldType::Text), succeed);
        const ActionResult result = actions.call(QStringLiteral("backup.craete"), {});
        QCOMPARE(result.result().error().code, ErrorCode::NotFound);
        QCOMPARE(result.result().error().message,
            QStringLiteral("There is no action backup.craete; did you mean 'backup.create'?"));
    }

    void anActionMayRemoveItself()
    {
        ActionRegistry actions;
        actions.add(describe(FieldType::Any), [&](const ActionCall &call) {
            actions.remove(name);
            return succeed(call);
        });
        QVERIFY(actions.call(name, {}).result().ok());
        QVERIFY(!actions.has(name));
    }

    void comingAndGoingIsTold()
    {
        ActionRegistry actions;
        QStringList told;
        actions.setListener([&](const QString &action, bool added) {
            told << (added ? QStringLiteral("+") : QStringLiteral("-")) + action;
        });
        actions.add({ QStringLiteral("b.b"), {}, {} }, succeed);
        actions.add({ QStringLiteral("a.a"), {}, {} }, succeed);
        QCOMPARE(actions.all().size(), 2);
        QCOMPARE(actions.all()[0].name, QStringLiteral("a.a"));
        QVERIFY(actions.find(QStringLiteral("b.b")));
        actions.remove(QStringLiteral("b.b"));
        actions.remove(QStringLiteral("b.b"));
        QVERIFY(!actions.find(QStringLiteral("b.b")));
        QCOMPARE(told,
            (QStringList {
                QStringLiteral("+b.b"), QStringLiteral("+a.a"), QStringLiteral("-b.b") }));
    }
};

QTEST_GUILESS_MAIN(TestActionRegistry)
#include "tst_actionregistry.moc"
