#include "qml/window/qmlengine.h"

#include <QQmlEngine>

// Generated; it registers the types when the module is imported.
void qml_register_types_HubKeep();

namespace hubkeep::desktop {

void addHubKeepModule(QQmlEngine &engine)
{
    // The linker leaves out of a static library what nobody names.
    const auto volatile registration = &qml_register_types_HubKeep;
    Q_UNUSED(registration);
    engine.addImportPath(QStringLiteral("qrc:/"));
}

} // namespace hubkeep::desktop
