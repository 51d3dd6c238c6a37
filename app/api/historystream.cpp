#include "app/api/historystream.h"

#include "app/api/historytext.h"
#include "app/api/websocketsession.h"
#include "automation/core/hub.h"
#include "integrations/recorder/recorderintegration.h"

#include <QLoggingCategory>
#include <QPointer>

#include <algorithm>
#include <utility>

namespace hubkeep::api {
namespace {

Q_LOGGING_CATEGORY(streamLog, "hubkeep.websocket.history")

using namespace std::chrono_literals;
using hubkeep::recorder::RecorderIntegration;

constexpr auto gatherFor = 350ms; // as Home Assistant
constexpr auto tryAgain = 2s;

} // namespace

HistoryStream::HistoryStream(WebSocketSession &session, qint64 id, Source source,
    const QDateTime &from, const QDateTime &end)
    : m_session(session)
    , m_id(id)
    , m_source(std::move(source))
    , m_from(from)
    , m_end(end)
{
    m_soon.setSingleShot(true);
    m_soon.callOnTimeout(this, [this] { read(); });
}

void HistoryStream::start()
{
    m_events = m_session.hub().bus().subscribe({}, [this](const Event &event) {
        if (m_source.concerns(event))
            readLater(gatherFor);
    });
    read();
}

void HistoryStream::readLater(std::chrono::milliseconds wait)
{
    if (m_isReading)
        m_isToReadAgain = true;
    else if (!m_soon.isActive())
        m_soon.start(wait);
}

void HistoryStream::read()
{
    const bool isFirst = !m_since.isValid();
    const QDateTime now = m_session.hub().clock().now();
    // A window has what is later than its beginning; and a clock may be set back.
    const Window window { isFirst ? m_from : std::max(m_from, std::min(m_since, now)).addMSecs(-1),
        std::min(now, m_end), isFirst };
    if (window.from >= window.to) {
        if (isFirst)
            done(window, m_source.nothing, {});
        return;
    }
    auto *recorder = m_session.hub().find<RecorderIntegration>();
    if (!recorder)
        return; // the hub is stopping
    m_isReading = true;
    const auto text = std::make_shared<QByteArray>();
    recorder->read(
        [text, window, write = m_source.write](
            recorder::History &history, const std::atomic<bool> &ending) -> Result<void> {
            JsonSpool spool = JsonSpool::inMemory(largestMessage);
            const Result<void> written = write(history, window, ending, spool);
            const Result<std::shared_ptr<Spooled>> whole = spool.finish();
            if (!written)
                return written;
            if (!whole)
                return whole.error();
            *text = (*whole)->bytes;
            return {};
        },
        [self = QPointer<HistoryStream>(this), window, text](const Result<void> &result) {
            if (!self)
                return;
            self->m_isReading = false;
            self->done(window, *text, result);
        });
}

void HistoryStream::done(const Window &window, const QByteArray &text, const Result<void> &result)
{
    if (!result && window.isFirst) {
        m_session.fail(m_id, "home_assistant_error", result.error().message);
        m_session.unfollow(m_id); // with this
        return;
    }
    if (!result && result.error().code != ErrorCode::TooLarge)
        return readLater(tryAgain);
    if (!result)
        qCWarning(streamLog).noquote()
            << "What a client follows is left out:" << result.error().message;
    m_since = std::max(window.from, window.to);
    const QString list = u'"' + m_source.key + QLatin1String("\":") + QString::fromUtf8(text);
    if (window.isFirst) {
        m_session.result(m_id);
        m_session.event(m_id,
            QStringLiteral("{%1,\"start_time\":%2,\"end_time\":%3}")
                .arg(list, QString::fromLatin1(secondsText(window.from.toMSecsSinceEpoch())),
                    QString::fromLatin1(secondsText(m_since.toMSecsSinceEpoch()))));
    } else if (result && text != m_source.nothing) {
        m_session.event(m_id, u'{' + list + u'}');
    }
    if (m_since >= m_end)
        m_events = Subscription();
    else if (window.isFirst || std::exchange(m_isToReadAgain, false))
        readLater(gatherFor); // what happened in the millisecond that was read last
}

} // namespace hubkeep::api
