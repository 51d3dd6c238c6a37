// An arena in which one script is at work.
//
//     RunArena arena;
//     arena.start("- action: test.note\n  data: {message: '{{ n }}'}", R"({"n": 5})");
//     QCOMPARE(arena.end(), QStringLiteral("finished"));
//     QCOMPARE(arena.noted(), QStringLiteral("5"));
//
// Its actions: test.note writes its message down, test.ask answers 42, test.fail fails, test.slow
// is as far as the test says, test.stop destroys the run. Whatever
// moves it returns once the run has nothing left to do but wait; only begin() does not.

#pragma once

#include "automation/engine/script.h"
#include "automation/engine/trace.h"
#include "tests/support/enginearena.h"

#include <QEventLoop>
#include <QPromise>
#include <QStringList>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

namespace hubkeep::test {

class RunArena : public EngineArena
{
public:
    using Pending = std::shared_ptr<QPromise<Result<QVariantMap>>>;

    RunArena();

    // Aborts the test program where yaml is no script. variables are a JSON object.
    void start(const QByteArray &yaml, const char *variables = "{}");
    void start(const Value &value, const char *variables);
    void begin(const QByteArray &yaml);

    void advance(std::chrono::milliseconds time);
    void set(const char *entityId, const char *state);
    void fire(const char *type, const QVariantMap &data = {});

    // Lets it go on until it ends; false where that takes more than a minute.
    bool waitForEnd();
    // How it ended, "" while it runs: "finished", "error: …".
    QString end() const;
    // What test.note was told, "message@entity", one after the other.
    QString noted() const { return notes.join(u' '); }

    QStringList paths() const; // of the trace's steps
    // The last step with this path, and what JSON its parts are.
    const automation::TraceStep &step(const char *path) const;
    QString result(const char *path) const;
    QString changed(const char *path) const;

    QStringList notes;
    std::deque<Pending> pending; // of test.slow
    Context context { QStringLiteral("RUN"), QStringLiteral("CAUSE"), {} };
    Context lastContext; // that test.note was called in
    automation::Trace trace;
    std::unique_ptr<automation::ScriptRun> run;
    std::optional<automation::ScriptOutcome> outcome;
    int outcomes = 0; // how often somebody was told

private:
    void begin(const Value &value, const char *variables);
    // On a slow machine a run may need more than one turn of the event loop for what a test does
    // at once.
    void settle() const;

    QEventLoop m_waiting; // for the end

    void addAction(const char *name, bool responds, ActionRegistry::Handler handler);
};

QString jsonOf(const TemplateValue &value);

} // namespace hubkeep::test
