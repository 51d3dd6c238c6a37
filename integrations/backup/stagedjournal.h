// What a staged restore of the hub moves, written down before it is moved.
//
// The document restore.json in the data folder. Each part's files have their names from the
// beginning, so whoever reads it can tell from what is there how far it got, and go on or
// back: apply() and putBack() may be stopped and called again at any point.
//
// Plain value; see stagedrestore.h.

#pragma once

#include "automation/core/result.h"
#include "integrations/backup/backupinfo.h"

#include <QByteArray>
#include <QList>

#include <functional>
#include <optional>

namespace hubkeep::backup {

inline constexpr const char *stagedFolderName = "restore.staged";
inline constexpr const char *stagedDocumentName = "restore.staged/restore.json";
inline constexpr const char *journalName = "restore.json";
inline constexpr const char *resultName = "restore.result.json";

// A file or folder; all paths are relative to the data folder.
struct StagedPart
{
    QByteArray place; // "data/state.db"
    QByteArray staged;
    QByteArray kept; // what was in its place: "data/state.db.before-restore"
    QByteArray failed; // what was restored, if it is put back: "data/state.db.failed-restore"
    bool existed = false; // there was something in its place
};

struct StagedJournal
{
    enum class State { Applying, Applied, PuttingBack, Completed, Failed };

    State state = State::Applying;
    BackupId id;
    QString reason;
    QList<StagedPart> parts;
};

// Asked before each change on the disk; an error ends the work there.
using MayGoOn = std::function<Result<void>()>;

class StagedMoves
{
public:
    StagedMoves(QByteArray dataFolder, MayGoOn mayGoOn)
        : m_data(std::move(dataFolder))
        , m_mayGoOn(std::move(mayGoOn))
    {
    }

    // What lies in the staged folder, with names that are free.
    Result<StagedJournal> plan(const BackupId &id) const;

    Result<std::optional<StagedJournal>> read() const;
    Result<void> write(const StagedJournal &journal) const;
    Result<void> finish() const; // the journal becomes the result

    Result<void> apply(const StagedJournal &journal) const;
    Result<void> putBack(const StagedJournal &journal) const;
    Result<void> removeStaged() const; // its document first

private:
    QByteArray at(const QByteArray &path) const { return m_data + '/' + path; }
    bool isThere(const QByteArray &path) const;
    Result<void> move(const QByteArray &from, const QByteArray &to) const;
    Result<void> moveLogs(const QByteArray &from, const QByteArray &to) const;
    Result<void> applyPart(const StagedPart &part) const;
    Result<void> putBackPart(const StagedPart &part) const;
    QByteArray freeName(const QByteArray &place, const char *ending) const;

    const QByteArray m_data;
    const MayGoOn m_mayGoOn;
};

QJsonObject toJson(const StagedJournal &journal);
std::optional<StagedJournal> stagedJournalFromJson(const QByteArray &document);

// Replaces the file at once, flushed.
Result<void> writeDocument(const QByteArray &path, const QByteArray &content);
Result<std::optional<QByteArray>> readDocument(const QByteArray &path); // nothing: none there
Result<void> removeFolder(const QByteArray &path); // with all in it

} // namespace hubkeep::backup
