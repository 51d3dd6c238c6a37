#include "tests/support/forgedrun.h"

#include <QCryptographicHash>
#include <QElapsedTimer>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

namespace hubkeep::forge {
namespace {

constexpr qint64 largestRead = 1 << 20;

QByteArray takeAll(int fd)
{
    QByteArray all;
    char part[65536];
    ::lseek(fd, 0, SEEK_SET);
    for (ssize_t n = ::read(fd, part, sizeof part); n > 0; n = ::read(fd, part, sizeof part)) {
        all.append(part, n);
        if (all.size() > (64 << 20))
            break;
    }
    ::close(fd);
    return all;
}

[[noreturn]] void becomeHubkeep(const QList<QByteArray> &arguments, const QByteArray &folder,
    const QByteArray &temporary, int output, int errors)
{
    std::vector<char *> argv { const_cast<char *>(HUBKEEP_BINARY) };
    for (const QByteArray &argument : arguments)
        argv.push_back(const_cast<char *>(argument.constData()));
    argv.push_back(nullptr);
    ::setenv("TMPDIR", temporary.constData(), 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("TZ", "UTC", 1);
    ::setenv("HUBKEEP_DATA", "/nonexistent/hubkeep", 1);
    const int null = ::open("/dev/null", O_RDONLY);
    const bool ready = ::dup2(null, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(errors, 2) == 2
        && ::chdir(folder.constData()) == 0;
    if (ready)
        ::execv(HUBKEEP_BINARY, argv.data());
    ::_exit(127);
}

QByteArray attributesOf(const QByteArray &path)
{
    QByteArray names(65536, '\0');
    const ssize_t size = ::llistxattr(path.constData(), names.data(), size_t(names.size()));
    if (size <= 0)
        return {};
    names.resize(size);
    QList<QByteArray> lines;
    for (const QByteArray &name : names.chopped(1).split('\0')) {
        QByteArray value(65536, '\0');
        const ssize_t length
            = ::lgetxattr(path.constData(), name.constData(), value.data(), size_t(value.size()));
        lines.append(name + '=' + value.left(std::max<ssize_t>(length, 0)).toHex());
    }
    std::sort(lines.begin(), lines.end());
    return lines.join(',');
}

QByteArray contentOf(const QByteArray &path, const struct stat &status)
{
    if (S_ISLNK(status.st_mode)) {
        QByteArray target(4096, '\0');
        target.resize(std::max<ssize_t>(
            ::readlink(path.constData(), target.data(), size_t(target.size())), 0));
        return target;
    }
    if (!S_ISREG(status.st_mode))
        return {};
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const int fd = ::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_NOATIME);
    if (fd < 0)
        return "unreadable";
    char part[65536];
    for (ssize_t n = ::read(fd, part, sizeof part); n > 0; n = ::read(fd, part, sizeof part))
        hash.addData({ part, qsizetype(n) });
    ::close(fd);
    return hash.result().toHex();
}

struct Walk
{
    Watch watch;
    const QList<QByteArray> &skipped;
    QMap<QByteArray, QByteArray> state;
    std::map<quint64, QByteArray> firstNames; // by inode, for hard links

    // Not recursive: the tree may be as deep as a path is long.
    void run(const QByteArray &root)
    {
        QList<std::pair<QByteArray, QByteArray>> next { { root, {} } };
        while (!next.isEmpty()) {
            const auto [path, relative] = next.takeLast();
            visit(path, relative);
            QList<QByteArray> names = namesIn(path);
            std::sort(names.begin(), names.end(), std::greater<>());
            for (const QByteArray &name : names)
                next.append(
                    { path + '/' + name, relative.isEmpty() ? name : relative + '/' + name });
        }
    }

    void visit(const QByteArray &path, const QByteArray &relative)
    {
        if (skipped.contains(path))
            return;
        struct stat s;
        if (::lstat(path.constData(), &s) != 0)
            return;
        const bool onTheWay = std::any_of(skipped.begin(), skipped.end(),
            [&](const QByteArray &skip) { return skip.startsWith(path + '/'); });
        QList<QByteArray> facts { "mode " + QByteArray::number(s.st_mode, 8),
            "owner " + QByteArray::number(s.st_uid) + ':' + QByteArray::number(s.st_gid) };
        if (!onTheWay)
            facts.append("mtime " + QByteArray::number(qint64(s.st_mtim.tv_sec)) + '.'
                + QByteArray::number(qint64(s.st_mtim.tv_nsec)));
        if (!S_ISDIR(s.st_mode)) {
            facts.append("size " + QByteArray::number(qint64(s.st_size)));
            const auto first = firstNames.emplace(s.st_ino, relative).first;
            if (s.st_nlink > 1)
                facts.append("same file as " + first->second);
        }
        if (watch == Watch::Identity) {
            facts.append("inode " + QByteArray::number(quint64(s.st_ino)));
            if (!onTheWay)
                facts.append("ctime " + QByteArray::number(qint64(s.st_ctim.tv_sec)) + '.'
                    + QByteArray::number(qint64(s.st_ctim.tv_nsec)));
        }
        facts.append("attributes " + attributesOf(path));
        // The ctime of a hole of 10 GB tells enough.
        if (watch == Watch::Content || s.st_size < largestRead)
            facts.append("content " + contentOf(path, s));
        state.insert(relative, facts.join("; "));
    }

    QList<QByteArray> namesIn(const QByteArray &path) const
    {
        const int fd = ::open(path.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 || skipped.contains(path) ? nullptr : ::fdopendir(fd);
        QList<QByteArray> names;
        while (const dirent *entry = dir ? ::readdir(dir) : nullptr) {
            const QByteArray name = entry->d_name;
            if (name != "." && name != "..")
                names.append(name);
        }
        if (dir)
            ::closedir(dir);
        else if (fd >= 0)
            ::close(fd);
        return names;
    }
};

} // namespace

QList<QByteArray> Ran::sentences() const
{
    QList<QByteArray> found;
    for (const QByteArray &line : errors.split('\n')) {
        if (line.startsWith("hubkeep: "))
            found.append(line);
    }
    return found;
}

QByteArray Ran::misconduct() const
{
    if (tookTooLong)
        return "took longer than " + QByteArray::number(qint64(timeLimit.count())) + " s";
    if (signal != 0)
        return "died of signal " + QByteArray::number(signal);
    if (!isSanitized && peakBytes > memoryLimit)
        return "took " + QByteArray::number(peakBytes >> 20) + " MiB of memory";
    if (errors.contains("Sanitizer") || errors.contains("runtime error:"))
        return "a sanitizer complained";
    for (const char c : output + errors) {
        if ((quint8(c) < 0x20 && c != '\n') || c == 0x7f)
            return "wrote a control character";
    }
    if (exitCode == 127)
        return "could not be started";
    if (exitCode == 2)
        return "misunderstood its command line";
    for (const QByteArray &line : errors.split('\n')) {
        const bool known = line.isEmpty() || line.startsWith("hubkeep: ")
            || line.startsWith("damaged: ") || line.startsWith("damaged, not restored: ")
            || line.startsWith("marked: ") || line.startsWith("warning: ")
            || line.contains(" files restored (") || line.contains(" file restored (");
        if (!known)
            return "wrote a line that begins like none of its own";
    }
    const qsizetype expected = exitCode == 0 ? 0 : 1;
    if (sentences().size() != expected)
        return "ended with " + QByteArray::number(sentences().size()) + " sentences";
    if (expected == 1 && sentences().first().size() < 30)
        return "its sentence says next to nothing";
    return {};
}

QByteArray Ran::summary() const
{
    return "exit " + QByteArray::number(exitCode) + ", signal " + QByteArray::number(signal) + ", "
        + QByteArray::number(milliseconds) + " ms, " + QByteArray::number(peakBytes >> 20)
        + " MiB\n" + output.left(600) + errors.right(900);
}

Ran runHubkeep(
    const QList<QByteArray> &arguments, const QByteArray &folder, const QByteArray &temporary)
{
    const int output = ::memfd_create("output", MFD_CLOEXEC);
    const int errors = ::memfd_create("errors", MFD_CLOEXEC);
    QElapsedTimer timer;
    timer.start();
    const pid_t child = ::fork();
    if (child == 0)
        becomeHubkeep(arguments, folder, temporary, output, errors);
    Ran ran;
    int status = 0;
    rusage usage {};
    while (::wait4(child, &status, WNOHANG, &usage) == 0) {
        if (timer.elapsed() > 6 * std::chrono::milliseconds(timeLimit).count()) {
            ran.tookTooLong = true;
            ::kill(child, SIGKILL);
            ::wait4(child, &status, 0, &usage);
            break;
        }
        ::usleep(1000);
    }
    ran.milliseconds = timer.elapsed();
    // The machine may be busy with other things: what counts is the time that it worked.
    const auto worked = std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
    ran.tookTooLong = ran.tookTooLong || worked >= timeLimit;
    ran.peakBytes = qint64(usage.ru_maxrss) * 1024;
    ran.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ran.output = takeAll(output);
    ran.errors = takeAll(errors);
    return ran;
}

QMap<QByteArray, QByteArray> treeState(
    const QByteArray &root, Watch watch, const QList<QByteArray> &skipped)
{
    Walk walk { watch, skipped, {}, {} };
    walk.run(root);
    return walk.state;
}

QByteArray firstDifference(
    const QMap<QByteArray, QByteArray> &before, const QMap<QByteArray, QByteArray> &after)
{
    for (auto it = before.begin(); it != before.end(); ++it) {
        if (!after.contains(it.key()))
            return it.key() + " is gone";
        if (after.value(it.key()) != it.value())
            return it.key() + " was <" + it.value() + "> and is <" + after.value(it.key()) + '>';
    }
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (!before.contains(it.key()))
            return it.key() + " is new: " + it.value();
    }
    return {};
}

void removeTree(const QByteArray &path)
{
    // rm goes deeper than any path is long.
    const pid_t child = ::fork();
    if (child == 0) {
        ::execlp("rm", "rm", "-rf", "--one-file-system", path.constData(), nullptr);
        ::_exit(127);
    }
    ::waitpid(child, nullptr, 0);
}

} // namespace hubkeep::forge
