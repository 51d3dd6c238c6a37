// What is logged while it is there, without the level. One at a time, on the main thread.

#pragma once

#include <QStringList>
#include <QtGlobal>

namespace hubkeep::test {

class LogListener
{
public:
    LogListener()
    {
        s_listening = this;
        m_before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &,
                                              const QString &text) { s_listening->said << text; });
    }
    ~LogListener() { qInstallMessageHandler(m_before); }
    LogListener(const LogListener &) = delete;
    LogListener &operator=(const LogListener &) = delete;

    QStringList said;

private:
    static inline LogListener *s_listening = nullptr;
    QtMessageHandler m_before;
};

} // namespace hubkeep::test
