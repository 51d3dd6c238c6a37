// A hub with nothing in it but the recorder, and a clock that is set.

#pragma once

#include "automation/core/hub.h"
#include "integrations/recorder/recorderintegration.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QStringList>

#include <functional>

// Ends the test program where result is a failure.
#define REQUIRE(result)                                                                            \
    do {                                                                                           \
        const auto outcome = (result);                                                             \
        if (!outcome)                                                                              \
            qFatal("%s", qPrintable(outcome.error().message));                                     \
    } while (false)

namespace hubkeep::test {

QStringList list(const char *words);

struct RecorderFixture
{
    explicit RecorderFixture(const Folder &folder, const QVariantMap &config = {});
    void begin(const QVariantMap &config = {});

    void passSeconds(int seconds) { clock.set(clock.now().addSecs(seconds)); }
    // A minute passes after it.
    void set(const QString &id, const QString &value, const QVariantMap &attributes = {},
        const Context &context = {});

    // Waits until it is done.
    Result<void> read(const std::function<Result<void>(recorder::History &)> &reading);
    QList<recorder::RecordedState> states(const recorder::StatesQuery &query);
    QStringList values(const QString &id, const QDateTime &from = {}, const QDateTime &to = {});
    QList<recorder::LogbookRow> logbook(const QDateTime &from = {}, const QDateTime &to = {});
    // What the logbook has, in its order: "sensor.x=1", "my_event".
    QStringList recorded();

    const QDateTime start { QDate(2026, 4, 13), QTime(14, 0), Qt::UTC };
    SetClock clock { start };
    QByteArray path; // history.db
    Hub hub;
};

} // namespace hubkeep::test
