// The QML module HubKeep, for an engine that is to load it.

#pragma once

class QQmlEngine;

namespace hubkeep::desktop {

// GUI thread; once for each engine, before it loads anything.
void addHubKeepModule(QQmlEngine &engine);

} // namespace hubkeep::desktop
