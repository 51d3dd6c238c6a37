// One window a user: a second start wakes the first one up.
//
// GUI thread.

#pragma once

#include <QLocalServer>
#include <QObject>

namespace hubkeep::desktop {

class SingleInstance : public QObject
{
    Q_OBJECT

public:
    // name: for tests; the user's own otherwise.
    explicit SingleInstance(QString name = {}, QObject *parent = nullptr);

    // False where another one runs; it was told to show itself.
    bool claim();

signals:
    void wokenUp();

private:
    QString m_name;
    QLocalServer m_server;
};

} // namespace hubkeep::desktop
