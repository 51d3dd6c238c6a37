#include "automation/template/rendering.h"

#include "automation/core/clock.h"
#include "automation/core/processortime.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr qint64 stepsBetweenLooks = 500;

} // namespace

TemplateRendering::TemplateRendering(const TemplateScope &scope, TemplateReads *reads)
    : m_scope(scope)
    , m_reads(reads)
    , m_steps(scope.limits.steps)
    , m_nextLook(m_steps - stepsBetweenLooks)
    , m_deadline(0)
{
}

TemplateRendering::~TemplateRendering()
{
    for (const Kept &kept : m_kept)
        kept.forget();
}

QDateTime TemplateRendering::now() const
{
    return m_scope.clock ? m_scope.clock->now() : QDateTime::currentDateTimeUtc();
}

void TemplateRendering::readsEntity(const QString &entityId)
{
    if (m_reads)
        m_reads->entities.insert(entityId);
}

void TemplateRendering::readsDomain(const QString &domain)
{
    if (m_reads)
        m_reads->domains.insert(domain);
}

void TemplateRendering::readsAll()
{
    if (m_reads)
        m_reads->all = true;
}

void TemplateRendering::readsTime()
{
    if (m_reads)
        m_reads->time = true;
}

TemplateValue TemplateRendering::fail(const QString &message)
{
    if (!m_failed) {
        m_failed = true;
        m_message = message;
    }
    return TemplateValue::undefined(QStringLiteral("this"));
}

// Asking the clock costs more than a step, so it is asked now and then; short renderings never do.
bool TemplateRendering::look()
{
    if (m_failed)
        return false;
    if (m_steps < 0) {
        fail(QStringLiteral("the template takes more than %1 steps").arg(m_scope.limits.steps));
        return false;
    }
    m_nextLook = std::max<qint64>(0, m_steps - stepsBetweenLooks);
    const auto now = processorTime();
    if (m_deadline.count() == 0) {
        m_deadline = now + m_scope.limits.time;
    } else if (now > m_deadline) {
        fail(QStringLiteral("the template takes longer than %1 milliseconds")
                 .arg(m_scope.limits.time.count()));
        return false;
    }
    return true;
}

bool TemplateRendering::tooDeep()
{
    fail(QStringLiteral("calls are nested too deep"));
    return false;
}

bool TemplateRendering::tooLong()
{
    fail(QStringLiteral("a text is longer than %1 characters").arg(m_scope.limits.output));
    return false;
}

bool TemplateRendering::fitsItems(qint64 items)
{
    if (items > m_scope.limits.items)
        fail(QStringLiteral("there are more than %1 items").arg(m_scope.limits.items));
    return !m_failed;
}

bool TemplateRendering::allowText(qint64 characters)
{
    constexpr qint64 charactersPerStep = 64;
    return fitsText(characters)
        && (characters < charactersPerStep || step(characters / charactersPerStep));
}

bool TemplateRendering::allowItems(qint64 items)
{
    constexpr qint64 itemsPerStep = 4;
    return fitsItems(items) && (items < itemsPerStep || step(items / itemsPerStep));
}

bool TemplateRendering::allowNested(const TemplateValue &value)
{
    constexpr int deepest = 100;
    if (m_failed)
        return false;
    if (value.depth() > deepest) {
        fail(QStringLiteral("a value is nested deeper than %1 times").arg(deepest));
        return false;
    }
    if (value.weight() > 4 * m_scope.limits.items) {
        fail(QStringLiteral("a value has more than %1 items in all").arg(4 * m_scope.limits.items));
        return false;
    }
    return true;
}

bool TemplateRendering::enter()
{
    if (m_depth >= m_scope.limits.recursion) {
        fail(QStringLiteral("macros and loops call each other more than %1 times deep")
                 .arg(m_scope.limits.recursion));
        return false;
    }
    ++m_depth;
    return true;
}

void TemplateRendering::keep(std::shared_ptr<TemplateObject> object, std::function<void()> forget)
{
    m_kept.push_back({ std::move(object), std::move(forget) });
}

} // namespace hubkeep
