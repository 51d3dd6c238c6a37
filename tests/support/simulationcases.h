// The cases of tests/data/simulate: a name, a question and the answer that it has to have.

#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace hubkeep::test {

struct SimulationCase
{
    QString name;
    QJsonObject question;
    QByteArray answer;
};

// Of the file so named; none where a line of it is not understood, and then that is said.
QList<SimulationCase> simulationCases(const char *file);

} // namespace hubkeep::test
