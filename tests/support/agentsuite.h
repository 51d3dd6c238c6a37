// What every agent must do, as tests.
//
//     class TestNasAgent : public AgentSuite
//     {
//         Q_OBJECT
//         std::unique_ptr<AgentPlace> makePlace() override { … }
//     };
//     QTEST_GUILESS_MAIN(TestNasAgent)
//
// The tests here run beside those of the subclass.

#pragma once

#include "integrations/backup/backupagent.h"

#include <QObject>

#include <memory>

namespace hubkeep::test {

// Where an agent keeps what it is given, empty at first, gone with its object.
class AgentPlace
{
public:
    virtual ~AgentPlace() = default;

    // A fresh agent for this place, as after a restart.
    virtual std::shared_ptr<backup::BackupAgent> agent() = 0;

    // What lies there, as somebody without the agent sees it.
    virtual QStringList names() const = 0; // leaves out what the agent keeps for itself
    virtual void plant(const QString &name, const QByteArray &content) = 0;
    virtual QByteArray content(const QString &name) const = 0;
    virtual void erase(const QString &name) = 0;
    // Nothing says whether somebody is at work there: what is unfinished may be theirs.
    virtual bool isWithoutLocks() const { return false; }
};

// A real archive of a few files and what describes it.
struct SampleBackup
{
    backup::AgentBackup backup;
    QByteArray content;
};
SampleBackup makeSample(qint64 bytes = 100'000);
SampleBackup makeDatabaseSample(const QString &database = QStringLiteral("shop"));

class AgentSuite : public QObject
{
    Q_OBJECT

protected:
    virtual std::unique_ptr<AgentPlace> makePlace() = 0;

private slots:
    void aNewPlaceIsEmpty();
    void whatIsUploadedIsListedAsItWas();
    void whatIsUploadedIsListedByAFreshAgent();
    void whatIsDownloadedIsWhatWasUploaded();
    void namesOnTheAgentAreTheContracts();
    void aDatabaseIsKeptAsItsFile();
    void whatIsSetAsideIsKeptAndListedNoMore();
    void manyBackupsAreAllListed();
    void anEmptyOrALargeFileIsKept();
    void oddNamesComeBack();
    void uploadingAgainReplaces();
    void anotherFileOfTheSameIdReplaces();
    void whatIsRemovedIsGone();
    void removingWhatIsNotThereSucceeds();
    void downloadingWhatIsNotThereIsNotFound();
    void aTargetThatExistsIsNotOverwritten();
    void cancellingAnUploadLeavesNothing();
    void cancellingADownloadLeavesNothing();
    void anUploadThatFailsLeavesNothing();
    void aWrongSizeIsNotKept();
    void idsThatLeaveTheFolderAreRefused_data();
    void idsThatLeaveTheFolderAreRefused();
    void filenamesThatAreNoBackupsAreRefused_data();
    void filenamesThatAreNoBackupsAreRefused();
    void anArchiveWithoutADocumentIsListedByItself();
    void aDamagedDocumentIsNotBelieved_data();
    void aDamagedDocumentIsNotBelieved();
    void aDocumentWithoutItsFileIsNotListed();
    void anArchiveThatIsDamagedAndUndescribedIsNotListed();
    void whatIsUnfinishedIsNotListedAndGoesAway();
    void strangersFilesAreLeftAlone();
    void freeSpaceIsPlausible();
    void progressReachesTheSize();
};

} // namespace hubkeep::test
