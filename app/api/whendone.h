// What is to happen once a future has its result, unless context is gone by then.
//
//     whenDone(this, m_manager.remove(id), [=](Result<…> removed) { … });
//
// The function is called from the event loop of context's thread, never at once, and may be one
// that can only be moved. Losing context leaves the work behind the future alone.

#pragma once

#include "automation/core/result.h"

#include <QFutureWatcher>

#include <memory>

namespace hubkeep::api {

template <typename T, typename Function>
void whenDone(QObject *context, const QFuture<Result<T>> &future, Function function)
{
    auto *watcher = new QFutureWatcher<Result<T>>(context);
    auto kept = std::make_shared<Function>(std::move(function));
    QObject::connect(watcher, &QFutureWatcherBase::finished, context, [watcher, kept] {
        watcher->deleteLater();
        if (watcher->future().resultCount() > 0)
            (*kept)(watcher->result());
        else
            (*kept)(Error { ErrorCode::Cancelled, QStringLiteral("It was cancelled") });
    });
    watcher->setFuture(future);
}

} // namespace hubkeep::api
