#include "qml/client/safety.h"

#include "qml/text/formats.h"

#include <QCoreApplication>

namespace hubkeep::desktop {

namespace {

class Safety
{
    Q_DECLARE_TR_FUNCTIONS(Safety)
};

QString workSentence(const QString &operation)
{
    if (operation == u"restore")
        return Safety::tr("A restore is running.");
    if (operation == u"verify")
        return Safety::tr("A backup is being verified.");
    if (operation == u"upload")
        return Safety::tr("A backup is being received.");
    return Safety::tr("A backup is running.");
}

// What the day was like, for a verdict that has nothing to complain about.
QString newest(const SafetyFacts &facts)
{
    return Safety::tr("The newest backup was made %1.").arg(inWords(facts.newestBackup));
}

} // namespace

// Danger first: a backup that runs now does not yet help whoever has none.
Verdict assess(const SafetyFacts &facts)
{
    if (!facts.known)
        return {};
    const bool works = !facts.managerState.isEmpty() && facts.managerState != u"idle";
    if (works) {
        return { Verdict::Working, workSentence(facts.operation),
            facts.backups == 0 ? Safety::tr("It is the first one; until it is done there is none.")
                               : newest(facts),
            {}, {} };
    }
    if (facts.backups == 0) {
        return { Verdict::Danger, Safety::tr("Nothing is backed up yet."),
            Safety::tr("If this computer failed now, its data would be lost."),
            Safety::tr("Back up now"), QStringLiteral("backup") };
    }
    if (facts.overdue) {
        return { Verdict::Danger, Safety::tr("Your backups have stopped."),
            facts.lastSuccessful.isValid()
                ? Safety::tr("No automatic backup has succeeded since %1.")
                      .arg(inWords(facts.lastSuccessful))
                : Safety::tr("No automatic backup has succeeded yet."),
            Safety::tr("Back up now"), QStringLiteral("backup") };
    }
    if (!facts.problems.isEmpty()) {
        return { Verdict::Attention, Safety::tr("Your backups need attention."),
            facts.problems.first(), Safety::tr("See what happened"), QStringLiteral("activity") };
    }
    if (!facts.scheduled) {
        return { Verdict::Attention,
            Safety::tr("Backups are made only when somebody asks for one."), newest(facts),
            Safety::tr("Set up automatic backups"), QStringLiteral("schedule") };
    }
    return { Verdict::Safe, Safety::tr("Your data is safe."), newest(facts), {}, {} };
}

} // namespace hubkeep::desktop
