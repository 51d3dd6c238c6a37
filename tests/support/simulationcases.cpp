#include "tests/support/simulationcases.h"

#include <QFile>
#include <QJsonDocument>
#include <QtDebug>

namespace hubkeep::test {

QList<SimulationCase> simulationCases(const char *file)
{
    QFile input(QStringLiteral(HUBKEEP_TESTS_DATA_DIR "/simulate/%1").arg(QLatin1String(file)));
    if (!input.open(QIODevice::ReadOnly)) {
        qWarning() << "There is no" << input.fileName();
        return {};
    }
    QList<SimulationCase> cases;
    QString name;
    while (!input.atEnd()) {
        const QByteArray line = input.readLine().trimmed();
        if (line.startsWith("# ")) {
            name = QString::fromUtf8(line.mid(2));
        } else if (line.startsWith("? ")) {
            const QJsonObject question = QJsonDocument::fromJson(line.mid(2)).object();
            if (question.isEmpty()) {
                qWarning() << "No question:" << line;
                return {};
            }
            cases.append({ name, question, {} });
        } else if (line.startsWith("= ") && !cases.isEmpty()) {
            cases.last().answer = line.mid(2);
        } else if (!line.isEmpty()) {
            qWarning() << "Not understood:" << line;
            return {};
        }
    }
    return cases;
}

} // namespace hubkeep::test
