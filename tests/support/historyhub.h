// A TestHub with a recorder and the history's routes, and a past that is written as wanted.

#pragma once

#include "app/api/historycontroller.h"
#include "tests/support/testhub.h"
#include "tests/support/websocketclient.h"

namespace hubkeep::test {

class HistoryHub
{
public:
    HistoryHub();
    ~HistoryHub();

    // minute counts from begin, and may be a part of one.
    QDateTime at(double minute) const { return begin.addMSecs(qint64(minute * 60'000)); }
    // A value that replaces another, or changes attributes alone; null: there was none before.
    void state(double minute, const char *entityId, const char *value, const char *before,
        const char *attributes = "{}", const Context &context = {});
    void event(double minute, const char *type, const char *data, const Context &context = {});

    // What a path answers; "@" in it is begin.
    QJsonArray get(const char *path);
    HttpAnswer ask(const char *path);

    QString filled(const char *text) const;

    TestHub hub;
    const QDateTime begin; // two hours ago, a whole second

private:
    void write(const Event &event);

    std::unique_ptr<api::HistoryController> m_controller;
};

} // namespace hubkeep::test
