#include "tests/support/recorderfixture.h"

#include <QEventLoop>

#include <atomic>
#include <optional>

namespace hubkeep::test {

using namespace hubkeep::recorder;

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(u' ', Qt::SkipEmptyParts);
}

RecorderFixture::RecorderFixture(const Folder &folder, const QVariantMap &config)
    : path(folder / "data/history.db")
    , hub(clock,
          HubIdentity { QStringLiteral("Home"), QStringLiteral("UTC"),
              QString::fromUtf8(folder.path()), {}, false })
{
    begin(config);
}

void RecorderFixture::begin(const QVariantMap &config)
{
    const Result<void> done = hub.add(std::make_unique<RecorderIntegration>(), config);
    if (!done)
        qFatal("%s", qPrintable(done.error().message));
}

void RecorderFixture::set(
    const QString &id, const QString &value, const QVariantMap &attributes, const Context &context)
{
    if (!hub.states().set(id, value, attributes, context))
        qFatal("%s was refused", qPrintable(value));
    passSeconds(60);
}

Result<void> RecorderFixture::read(const std::function<Result<void>(History &)> &reading)
{
    QEventLoop loop;
    std::optional<Result<void>> answer;
    hub.find<RecorderIntegration>()->read(
        [&reading](History &history, const std::atomic<bool> &) { return reading(history); },
        [&](const Result<void> &done) {
            answer = done;
            loop.quit();
        });
    if (!answer)
        loop.exec();
    return *answer;
}

QList<RecordedState> RecorderFixture::states(const StatesQuery &query)
{
    QList<RecordedState> list;
    const std::atomic<bool> ending = false;
    const Result<void> done = read([&](History &history) {
        return history.states(
            query,
            [&list](const RecordedState &state) {
                list.append(state);
                return true;
            },
            ending);
    });
    if (!done)
        qFatal("%s", qPrintable(done.error().message));
    return list;
}

QStringList RecorderFixture::values(const QString &id, const QDateTime &from, const QDateTime &to)
{
    QStringList list;
    for (const RecordedState &state :
        states({ id, from.isValid() ? from : QDateTime::fromMSecsSinceEpoch(0, Qt::UTC),
            to.isValid() ? to : start.addYears(1000) }))
        list << state.value;
    return list;
}

QList<LogbookRow> RecorderFixture::logbook(const QDateTime &from, const QDateTime &to)
{
    QList<LogbookRow> list;
    const std::atomic<bool> ending = false;
    const Result<void> done = read([&](History &history) {
        return history.logbook(
            from.isValid() ? from : start.addYears(-1), to.isValid() ? to : start.addYears(1),
            [&list](const LogbookRow &row) {
                list.append(row);
                return true;
            },
            ending);
    });
    if (!done)
        qFatal("%s", qPrintable(done.error().message));
    return list;
}

QStringList RecorderFixture::recorded()
{
    QStringList list;
    for (const LogbookRow &row : logbook())
        list << (row.isState() ? row.entityId + u'=' + row.value : row.eventType);
    return list;
}

} // namespace hubkeep::test
