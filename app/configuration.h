// What config/hubkeep.yaml says, checked and with its defaults filled in.
//
//     Result<Configuration> configuration = loadConfiguration(dataFolder);
//     if (!configuration) … configuration.problems
//
// Every problem has its place, and all are found in one go: `hubkeep check-config` prints
// them, `hubkeep serve` refuses to start on any.
//
// Plain values; any thread.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QList>
#include <QStringList>
#include <QVariantMap>

#include <chrono>
#include <optional>

namespace hubkeep {

// "hubkeep.yaml:12:5: sentence"; line and column begin at 1, 0 where the whole file is meant.
struct ConfigurationProblem
{
    QString file; // relative to config/
    int line = 0;
    int column = 0;
    QString message;
};
QString toString(const ConfigurationProblem &problem);

struct TlsConfiguration
{
    QString certificate; // absolute; empty: no TLS
    QString key;
};

struct HttpConfiguration
{
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 8420;
    TlsConfiguration tls {};
    bool insecure = false; // permits a non-loopback host without TLS
};

// A source, an agent or a notifier: its type's own keys stay in `options`, checked by that type.
struct PartConfiguration
{
    QString name;
    QString type;
    QVariantMap options; // as written, name and type included
    QStringList secret {}; // of the options, those in which something came by !secret
    bool operator==(const PartConfiguration &) const = default;
};

struct HookConfiguration
{
    QStringList command;
    std::chrono::milliseconds timeout = std::chrono::seconds(60);
    QString onError = QStringLiteral("fail"); // "warn", "ignore"
};

struct EncryptionConfiguration
{
    QStringList recipients; // "age1…", recovery recipients included
};

struct DrillConfiguration
{
    std::chrono::milliseconds every = std::chrono::hours(7 * 24); // zero: never
    qint64 remoteBytes = qint64(2) << 30;
};

struct BackupConfiguration
{
    bool enabled = true;
    std::chrono::milliseconds timeout = std::chrono::hours(2);
    QList<PartConfiguration> sources {};
    QList<PartConfiguration> agents {}; // never empty: the default is local.local in backups/
    QList<HookConfiguration> before {};
    QList<HookConfiguration> after {};
    DrillConfiguration drills {};
    QString pingUrl {}; // health.ping_url; empty: none
    std::optional<std::chrono::seconds> overdueAfter {}; // health.overdue_after
    EncryptionConfiguration encryption {};
};

struct Configuration
{
    QString name = QStringLiteral("Home");
    QString timeZone; // IANA
    HttpConfiguration http {};
    BackupConfiguration backup {};
    QList<PartConfiguration> notifiers {};
    // Sections whose parts are not built yet keep their checked values here, by section:
    // "recorder", "mqtt".
    QVariantMap sections {};
};

struct LoadedConfiguration
{
    Configuration configuration;
    QList<ConfigurationProblem> problems; // none: it is good
};

// Reads <dataFolder>/config/hubkeep.yaml and what it includes. A missing file is an empty one.
LoadedConfiguration loadConfiguration(const QString &dataFolder);

// Checks every YAML file of config/: what `hubkeep check-config` and the API print. An action of an
// automation that is not among knownActions is a problem; empty: nobody knows which there are.
QList<ConfigurationProblem> checkConfiguration(
    const QString &dataFolder, const QStringList &knownActions = {});

// Checks one source, agent or notifier that came through the API: InvalidArgument names the field.
Result<PartConfiguration> sourceFromVariant(const QVariantMap &fields);
Result<PartConfiguration> agentFromVariant(
    const QVariantMap &fields, const QString &dataFolder = {}); // that it must keep out of
Result<PartConfiguration> notifierFromVariant(const QVariantMap &fields);

// Writes commented defaults where there is no config/hubkeep.yaml yet.
Result<void> writeDefaultConfiguration(const QString &dataFolder);

// "2h", "90s", "1h 30m", "500ms", a number of seconds, or "HH:MM:SS".
std::optional<std::chrono::milliseconds> parseDuration(const QString &text);

// "2M" and "2 MiB" are 2 x 1024 x 1024; "512" is bytes.
std::optional<qint64> parseSize(const QString &text);

} // namespace hubkeep
