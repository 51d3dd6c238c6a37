#include "tests/support/historyhub.h"

#include <QEventLoop>
#include <QJsonArray>

namespace hubkeep::test {

using namespace hubkeep::recorder;

HistoryHub::HistoryHub()
    : begin(
        QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch() - 2 * 60 * 60, Qt::UTC))
{
    const Result<void> added = hub.hub->add(std::make_unique<RecorderIntegration>(), {});
    if (!added)
        qFatal("%s", qPrintable(added.error().message));
    m_controller
        = std::make_unique<api::HistoryController>(hub.router, *hub.hub, hub.folder.path());
}

HistoryHub::~HistoryHub() = default;

void HistoryHub::state(double minute, const char *entityId, const char *value, const char *before,
    const char *attributes, const Context &context)
{
    const QString id = QString::fromLatin1(entityId);
    const QVariantMap all = json(attributes).toVariantMap();
    const QDateTime time = at(minute);
    const bool same = before && QByteArray(before) == value;
    auto change = std::make_shared<StateChange>();
    change->entityId = id;
    if (before)
        change->oldState
            = State { id, QString::fromUtf8(before), {}, time.addSecs(-30), time.addSecs(-30) };
    change->newState = State { id, QString::fromUtf8(value), all, same ? time.addSecs(-30) : time,
        time, context };
    write({ QString::fromLatin1(stateChangedEvent), {}, context, time, change });
}

void HistoryHub::event(double minute, const char *type, const char *data, const Context &context)
{
    write({ QString::fromLatin1(type), json(data).toVariantMap(), context, at(minute) });
}

void HistoryHub::write(const Event &event)
{
    QEventLoop loop;
    hub.hub->find<RecorderIntegration>()->read(
        [event](History &history, const std::atomic<bool> &) {
            return history.write({ &event, 1 });
        },
        [&loop](const Result<void> &done) {
            if (!done)
                qFatal("%s", qPrintable(done.error().message));
            loop.quit();
        });
    loop.exec();
}

QString HistoryHub::filled(const char *text) const
{
    return QString::fromLatin1(text).replace(
        u'@', begin.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")) + u'Z');
}

HttpAnswer HistoryHub::ask(const char *path)
{
    return hub.http("GET", filled(path), hub.user);
}

QJsonArray HistoryHub::get(const char *path)
{
    const HttpAnswer answer = ask(path);
    if (answer.status != 200)
        qFatal("%s: %d %s", path, answer.status, answer.body.constData());
    return answer.array();
}

} // namespace hubkeep::test
