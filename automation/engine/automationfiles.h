// Finds the automations in config/: automations.yaml, and every .yaml file of automations/.
//
// A file has one of the forms in which people paste them: a list of automations, a mapping whose
// key `automation` (or `automation some label`) holds a list or one, or a bare single one.
//
// Plain values; any thread.

#pragma once

#include "automation/core/value.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace hubkeep::automation {

// One automation as it was written.
struct AutomationItem
{
    Value value; // a map, or what somebody wrote instead
    QString file; // relative to config/
    QByteArray fingerprint; // the same for the same content, wherever it lies
    QList<ValueProblem> problems {}; // of reading it: secrets, tags, keys that come twice
};

struct AutomationFiles
{
    std::vector<AutomationItem> items; // by file, in the order of writing
    // Files of which nothing could be read, and why.
    QList<ValueProblem> problems;
    QStringList unreadable; // their names

    static QStringList names(
        const QString &configFolder); // relative, sorted, automations.yaml first
    // With text: as if file, which need not exist, held that.
    static AutomationFiles load(const QString &configFolder);
    static AutomationFiles loadText(
        const QString &configFolder, const QString &file, const QByteArray &text);
};

// What a value says, without where: equal for equal content.
QByteArray fingerprintOf(const Value &value);

} // namespace hubkeep::automation
