#include "tests/support/agecommand.h"

#include <QProcess>
#include <QStandardPaths>

namespace hubkeep::test {
namespace {

constexpr char onTerminal[] = R"(
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
everything = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
    everything += part
    if b"assphrase" in said and said.rstrip().endswith(b":"):
        said = b""
        os.write(terminal, sys.argv[1].encode() + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stderr.buffer.write(everything)
sys.exit(status)
)";

} // namespace

QString ageIsMissing()
{
    return QStandardPaths::findExecutable(QStringLiteral("age")).isEmpty()
        ? QStringLiteral("The age command is not installed: apt-get install age")
        : QString();
}

QString runAge(const QStringList &arguments, const QString &passphrase)
{
    QProcess process;
    if (passphrase.isEmpty())
        process.start(QStringLiteral("age"), arguments);
    else
        process.start(QStringLiteral("/usr/bin/python3"),
            QStringList { QStringLiteral("-c"), QString::fromLatin1(onTerminal), passphrase,
                QStringLiteral("age") }
                + arguments);
    if (!process.waitForFinished(240'000))
        return QStringLiteral("age did not end");
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return {};
    return QStringLiteral("age failed: ") + QString::fromUtf8(process.readAllStandardError());
}

} // namespace hubkeep::test
