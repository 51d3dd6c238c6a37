#include "app/cli/command.h"

#include "integrations/backup/backupfolder.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QStandardPaths>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <unistd.h>

namespace hubkeep::cli {
namespace {

int exitCode(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Corrupt:
        return Damaged;
    case ErrorCode::Busy:
        return Busy;
    case ErrorCode::Cancelled:
        return Interrupted;
    default:
        return Failed;
    }
}

void writeLine(FILE *to, const QByteArray &line)
{
    std::fwrite(line.constData(), 1, size_t(line.size()), to);
    std::fputc('\n', to);
}

} // namespace

void Context::print(const QString &line) const
{
    if (!json)
        writeLine(stdout, line.toUtf8());
}

void Context::printJson(const QJsonObject &object) const
{
    m_printed = true;
    if (!json)
        return;
    const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact);
    if (m_begun)
        writeLine(stdout, (object.isEmpty() ? "" : ",") + text.mid(1));
    else
        writeLine(stdout, text);
}

void Context::printDocument(const QByteArray &text) const
{
    m_printed = true;
    writeLine(stdout, text);
}

void Context::printJsonPart(const QByteArray &text) const
{
    m_begun = true;
    if (json)
        std::fwrite(text.constData(), 1, size_t(text.size()), stdout);
}

void Context::say(const QString &line) const
{
    if (!quiet)
        writeLine(stderr, line.toUtf8());
}

void Context::sayVerbose(const QString &line) const
{
    if (verbose)
        say(line);
}

int Context::fail(const Error &error) const
{
    return fail(error, exitCode(error.code));
}

int Context::misuse(const Error &error) const
{
    return fail(error, WrongUsage);
}

int Context::fail(const Error &error, int code) const
{
    writeLine(stderr, "hubkeep: " + error.message.toUtf8());
    if (json && !m_printed)
        printJson({ { QStringLiteral("message"), error.message },
            { QStringLiteral("exit_code"), code } });
    return code;
}

QString Context::dataFolder() const
{
    QString folder = QString::fromStdString(data);
    if (folder.isEmpty())
        folder = qEnvironmentVariable("HUBKEEP_DATA");
    if (folder.isEmpty())
        folder = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
            + QStringLiteral("/hubkeep");
    return QDir::cleanPath(QDir(folder).absolutePath());
}

QByteArray Context::backupsFolder() const
{
    return QFile::encodeName(dataFolder() + QStringLiteral("/backups"));
}

Result<backup::ArchiveReader> Context::open(
    const std::string &name, const std::string &folder, const backup::AgeKeys &keys) const
{
    const QByteArray path = absolutePath(name);
    const QString id = QString::fromStdString(name);
    if (backup::isBackupId(id) && !QFileInfo::exists(QFile::decodeName(path))) {
        const QByteArray in = folder.empty() ? backupsFolder() : absolutePath(folder);
        QByteArray archive = in + '/' + backup::archiveName(id);
        if (!QFileInfo::exists(QFile::decodeName(archive)))
            archive = in + '/' + backup::encryptedName(id);
        if (!QFileInfo::exists(QFile::decodeName(archive)))
            return Error { ErrorCode::NotFound,
                QStringLiteral("There is no backup %1 in %2; name its file, or its folder with "
                               "--output")
                    .arg(id, displayName(in)) };
        return backup::ArchiveReader::open(archive, keys);
    }
    return backup::ArchiveReader::open(path, keys);
}

QByteArray absolutePath(const std::string &path)
{
    const QByteArray bytes = QByteArray::fromStdString(path);
    const std::unique_ptr<char, decltype(&std::free)> here(
        ::getcwd(nullptr, 0), &std::free); // bytes, as QDir's is not
    const QByteArray absolute
        = bytes.startsWith('/') ? bytes : QByteArray(here ? here.get() : "") + '/' + bytes;
    // "." and ".." and doubled slashes are for people, not for manifests.
    QList<QByteArray> parts;
    for (const QByteArray &part : absolute.split('/')) {
        if (part.isEmpty() || part == ".")
            continue;
        if (part != "..")
            parts.append(part);
        else if (!parts.isEmpty())
            parts.removeLast();
    }
    return '/' + parts.join('/');
}

QString humanSize(qint64 bytes)
{
    static constexpr const char *units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
    double value = double(bytes);
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    return QStringLiteral("%1 %2")
        .arg(value, 0, 'f', unit == 0 || value >= 100 ? 0 : 1)
        .arg(QLatin1String(units[unit]));
}

} // namespace hubkeep::cli
