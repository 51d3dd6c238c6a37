// What all families of triggers have in common: the keys that each takes, and the way to fire.
//
// A family is a class that derives from BasicTrigger, a struct of what was written (shared by all
// triggers made from it), and one function of triggerfamilies.h that reads it.
//
// Main thread.

#pragma once

#include "automation/core/event.h"
#include "automation/engine/configreader.h"
#include "automation/engine/templatedvalue.h"
#include "automation/engine/trigger.h"
#include "automation/template/templatedict.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hubkeep::automation {

struct TriggerOptions
{
    int index = 0;
    QString id; // as written, else the index
    QString alias;
    QString platform; // "state"
    EnabledOption enabled {};
    std::vector<std::pair<QString, TemplatedValue>> variables {}; // in their order
};
using TriggerOptionsPointer = std::shared_ptr<const TriggerOptions>;

class BasicTrigger : public Trigger
{
public:
    Result<void> start(const EngineParts &parts, const TemplateNames &names, Fire fire) final;

protected:
    explicit BasicTrigger(TriggerOptionsPointer options);

    // Begins to watch; not called where the trigger is not enabled.
    virtual Result<void> listen() = 0;

    const TriggerOptionsPointer &options() const { return m_options; }
    // From start() on:
    const EngineParts &parts() const { return *m_parts; }
    const TemplateNames &names() const { return *m_names; }
    TemplateScope limitedScope() const;
    // id, idx, alias and platform: what every `trigger` begins with.
    TemplateDict variables() const;

    // May destroy the trigger. A context without id: nothing caused it.
    void fire(TemplateDict variables, const QString &description, const Context &context = {});
    // How long a `for` is, whose template sees this as `trigger`. Logged where it is none.
    std::optional<std::chrono::milliseconds> period(
        const TemplatedPeriod &written, const TemplateDict &variables) const;
    void warn(const QString &sentence) const;
    void warnLeftOut(const QDateTime &first) const; // RecurringTime's

private:
    const TriggerOptionsPointer m_options;
    const EngineParts *m_parts = nullptr;
    const TemplateNames *m_names = nullptr;
    Fire m_fire;
};

// The state, or None.
TemplateValue valueOf(const std::optional<State> &state);
TemplateValue valueOf(const std::optional<std::chrono::milliseconds> &period);
inline TemplateValue textValue(const char *text)
{
    return TemplateValue(QString::fromLatin1(text));
}

// The texts of a key, one or a list, each among known; another one is a problem.
enum class CaseOfChoices { AsWritten, Upper, Lower };
QStringList choicesOf(ConfigReader &reader, const QString &key, const QStringList &known,
    CaseOfChoices letters = CaseOfChoices::AsWritten);

} // namespace hubkeep::automation
