// /api/v1/automations: the automations' files, as text, and what their runs did.
//
//     AutomationController controller({ router, hub, audit, configFolder, engine });
//
// `automations.yaml` is config/automations.yaml, any other NAME.yaml is
// config/automations/NAME.yaml; nothing else can be reached. A file that is written is checked
// first, and replaced in one go. What it says is in force when the answer comes.
//
// Main thread. Everything in Parts must outlive it.

#pragma once

#include "app/api/router.h"
#include "app/auditlog.h"
#include "automation/core/hub.h"
#include "automation/core/value.h"

#include <QObject>

namespace hubkeep::automation {
class AutomationEngine;
using Problems = QList<ValueProblem>;
}

namespace hubkeep::api {

class AutomationController : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        Router &router;
        Hub &hub;
        AuditLog &audit;
        QString configFolder; // absolute
        automation::AutomationEngine &engine;
    };

    explicit AutomationController(Parts parts, QObject *parent = nullptr);

private:
    struct File
    {
        QString name; // "night.yaml"
        QString relative; // "automations/night.yaml", to config/
        QString path;
    };

    void list(Responder responder);
    void read(const Request &request, Responder responder);
    void write(const Request &request, Responder responder);
    void remove(const Request &request, Responder responder);
    void check(const Request &request, Responder responder);
    void traces(const Request &request, Responder responder);
    void trace(const Request &request, Responder responder);

    std::optional<File> fileNamed(const QString &name) const; // nothing: there can be none
    QList<File> files() const;
    // Whether the file is as the request's If-Match and If-None-Match want it; else answered.
    bool isAsWanted(
        const Request &request, const std::optional<QByteArray> &content, Responder &responder);
    automation::Problems problemsOf(const QString &relative, const QByteArray &text) const;
    QStringList actionNames() const;
    QString itemIdOf(const QString &id) const; // of an entity's id too

    const Parts m_parts;
};

} // namespace hubkeep::api
