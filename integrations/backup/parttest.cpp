#include "integrations/backup/parttest.h"

#include "integrations/backup/wording.h"

#include <QElapsedTimer>

namespace hubkeep::backup {
namespace {

using PartTest = BackupIntegration::PartTest;

constexpr qint64 longestWalk = 10'000; // milliseconds

struct Walked
{
    qint64 files = 0;
    qint64 bytes = 0;
    qint64 remarks = 0;
    bool whole = true;
};

Result<Walked> walk(const BackupSource &source, JobControl &control)
{
    Walked walked;
    const SourceContext context { control, [&walked](SourceRemark) { ++walked.remarks; }, {} };
    Result<std::unique_ptr<SourceReader>> reader = source.open(context);
    if (!reader)
        return reader.error();
    QElapsedTimer timer;
    timer.start();
    for (;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        if (timer.elapsed() > longestWalk) {
            walked.whole = false;
            return walked;
        }
        const Result<std::optional<SourceItem>> item = (*reader)->next();
        if (!item)
            return item.error();
        if (!*item)
            return walked;
        if ((*item)->kind != ItemKind::Directory)
            ++walked.files;
        if ((*item)->kind == ItemKind::File)
            walked.bytes += (*item)->status.st_size;
    }
}

QString megabytes(qint64 bytes)
{
    return QStringLiteral("%1 MB").arg(double(bytes) / 1e6, 0, 'f', 1);
}

PartTest finished(const QElapsedTimer &timer, const Result<QString> &message)
{
    return { message.ok(), message ? *message : message.error().message,
        double(timer.elapsed()) / 1000 };
}

Error noSuchType(const Part &part)
{
    return { ErrorCode::InvalidArgument, QStringLiteral("There is no type %1").arg(part.type) };
}

} // namespace

PartTest testSource(const Part &part, const SourceTypes::mapped_type &make, JobControl &control)
{
    QElapsedTimer timer;
    timer.start();
    if (!make)
        return finished(timer, noSuchType(part));
    const Result<std::unique_ptr<BackupSource>> source = make(part);
    if (!source)
        return finished(timer, source.error());
    const Result<Walked> walked = walk(**source, control);
    if (!walked)
        return finished(timer, walked.error());
    if (walked->files == 0)
        return finished(timer,
            Error { ErrorCode::NotFound, QStringLiteral("There is nothing in it to back up") });
    QString message = QStringLiteral("%1%2, %3")
                          .arg(walked->whole ? QString() : QStringLiteral("More than "),
                              countText(walked->files, "file"), megabytes(walked->bytes));
    if (walked->remarks > 0)
        message += QStringLiteral("; %1 left out").arg(walked->remarks);
    return finished(timer, message);
}

PartTest testAgent(const Part &part, const AgentTypes::mapped_type &make, JobControl &control)
{
    QElapsedTimer timer;
    timer.start();
    if (!make)
        return finished(timer, noSuchType(part));
    const Result<std::shared_ptr<BackupAgent>> agent = make(part);
    if (!agent)
        return finished(timer, agent.error());
    (*agent)->keepUnfinished();
    const std::stop_callback ended(control.stopToken(), [&agent] { (*agent)->hurry(); });
    const Result<QList<AgentBackup>> listed = (*agent)->list();
    if (!listed)
        return finished(timer, listed.error());
    const Result<qint64> free = (*agent)->freeSpace();
    return finished(timer,
        QStringLiteral("%1%2").arg(countText(listed->size(), "backup"),
            free ? QStringLiteral(", %1 free").arg(megabytes(*free)) : QString()));
}

} // namespace hubkeep::backup
