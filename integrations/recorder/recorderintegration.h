// Keeps every change of a state in data/history.db: "recorder: {keep_days: 10}".
//
//     if (auto *recorder = hub.find<RecorderIntegration>())
//         recorder->history({ "sensor.backup_count" }, yesterday, now);
//
// Changes are gathered and written in one commit a second, so that a burst costs little; what
// has gathered is written when the integration goes. Once a day and at the start, states older
// than keep_days go. A damaged file is moved aside and begun again.
//
// Main thread.

#pragma once

#include "automation/core/eventbus.h"
#include "automation/core/integration.h"
#include "integrations/recorder/history.h"

#include <QTimer>

#include <vector>

namespace hubkeep::recorder {

class RecorderIntegration final : public Integration
{
public:
    RecorderIntegration() = default;
    ~RecorderIntegration() override;

    QString name() const override { return QStringLiteral("recorder"); }
    Result<void> setUp(Hub &hub, const QVariantMap &config) override;

    // See History::states(). What has gathered is written first.
    Result<QList<QList<State>>> history(
        const QStringList &entityIds, const QDateTime &from, const QDateTime &to);

private:
    Result<void> open();
    void gather(RecordedChange change);
    void flush(); // some of what has gathered
    void flushAll();
    Result<void> writeSome();
    void beginAgain(const Error &error);
    void purgeOnceADay();
    void purgeSome();

    Hub *m_hub = nullptr;
    QString m_path;
    int m_keepDays = 10;
    std::unique_ptr<History> m_history;
    std::vector<RecordedChange> m_gathered;
    bool m_failing = false; // and said so
    QDateTime m_purged; // when it was last begun
    QTimer m_flushTimer;
    QTimer m_dayTimer;
    QTimer m_purgeTimer;
    Subscription m_changes;
};

} // namespace hubkeep::recorder
