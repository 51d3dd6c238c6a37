#include "app/notifierchecks.h"

#include "automation/core/schema.h"
#include "integrations/notify/webhooknotifier.h"

namespace hubkeep {
namespace {

bool isWritten(const Value &notifier, const char *key)
{
    const Value *value = notifier.find(QString::fromLatin1(key));
    return value && value->kind() != Value::Kind::Null;
}

void checkHeaders(const Value &headers, const QString &path, QList<ValueProblem> &problems)
{
    for (const Value::Member &header : headers.members()) {
        const QString problem = notify::headerProblem(header.key, header.value.text());
        if (!problem.isEmpty())
            problems.append({ header.place, atPath(pathTo(path, header.key), problem) });
    }
}

void checkBody(const Value &body, const QString &path, QList<ValueProblem> &problems)
{
    qsizetype index = 0;
    for (const Value &item : body.items())
        checkBody(item, pathTo(path, index++), problems);
    for (const Value::Member &member : body.members())
        checkBody(member.value, pathTo(path, member.key), problems);
    if (body.kind() != Value::Kind::String)
        return;
    const QString problem = notify::bodyTextProblem(body.text());
    if (!problem.isEmpty())
        problems.append({ body.place(), atPath(path, problem) });
}

} // namespace

void checkNotifier(const Value &notifier, const QString &path, QList<ValueProblem> &problems)
{
    const Value *type = notifier.find(QStringLiteral("type"));
    if (type && type->text() == QLatin1String("apprise")
        && isWritten(notifier, "url") == isWritten(notifier, "config"))
        problems.append({ notifier.place(),
            atPath(path,
                QStringLiteral(
                    "needs either 'url' or 'config', a file with Apprise's addresses")) });
    if (const Value *headers = notifier.find(QStringLiteral("headers")))
        checkHeaders(*headers, pathTo(path, QStringLiteral("headers")), problems);
    if (const Value *body = notifier.find(QStringLiteral("body")))
        checkBody(*body, pathTo(path, QStringLiteral("body")), problems);
}

void checkNotifiers(const Value *list, const QString &path, QList<ValueProblem> &problems)
{
    qsizetype index = 0;
    for (const Value &notifier : list ? list->items() : std::vector<Value>())
        checkNotifier(notifier, pathTo(path, index++), problems);
}

} // namespace hubkeep
