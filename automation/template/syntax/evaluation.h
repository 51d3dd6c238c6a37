// What is alive while a parsed template is rendered: variables, and where output goes.
//
// Names are places, known since parsing: a frame's slot, so many frames up, or one of the names
// that the template takes from its scope. Lives for one rendering, on its thread.

#pragma once

#include "automation/template/rendering.h"

#include <memory>
#include <vector>

namespace hubkeep::templates {

// Where a name's value is.
struct NamePlace
{
    int up = -1; // frames; -1: slot is one of Evaluation's outer names
    int slot = 0;
};

// The variables of the template, or of one call of a macro or recursive loop.
struct Frame
{
    Frame(Frame *outer, size_t count)
        : parent(outer)
        , variables(count, TemplateValue::missing())
    {
    }
    Frame *parent;
    bool isKept = false; // something that outlives the call refers to it
    std::vector<TemplateValue> variables;
};

// A name that the template does not give a value itself.
struct OuterName
{
    QString name;
    const TemplateValue *builtin = nullptr;
};

class Evaluation
{
public:
    Evaluation(TemplateRendering &of, const std::vector<OuterName> &names)
        : rendering(of)
        , m_names(names)
        , m_outer(names.size(), nullptr)
    {
    }

    TemplateRendering &rendering;
    Frame *frame = nullptr;
    QString *out = nullptr; // where what is printed goes

    // missing() where the name has no value now.
    const TemplateValue &at(const NamePlace &place)
    {
        if (place.up < 0)
            return outer(size_t(place.slot));
        return slot(place);
    }
    TemplateValue &slot(const NamePlace &place)
    {
        Frame *owner = frame;
        for (int i = 0; i < place.up; ++i)
            owner = owner->parent;
        return owner->variables[size_t(place.slot)];
    }

    bool failed() const { return rendering.failed(); }
    // Says it, and where; returns undefined.
    TemplateValue fail(qsizetype offset, const QString &message)
    {
        rendering.fail(message);
        rendering.failedAt(offset);
        return {};
    }
    bool isStrict() const { return rendering.scope().strict; }

    // Adds to the output.
    void print(const QString &text);

    void keep(std::unique_ptr<Frame> kept) { m_kept.push_back(std::move(kept)); }

private:
    const TemplateValue &outer(size_t index);

    const std::vector<OuterName> &m_names;
    std::vector<const TemplateValue *> m_outer; // found already
    std::vector<std::unique_ptr<Frame>> m_kept;
};

// Sets something, and sets it back.
template <typename T>
class Exchanged
{
public:
    Exchanged(T &target, T value)
        : m_target(target)
        , m_before(std::exchange(target, std::move(value)))
    {
    }
    Exchanged(const Exchanged &) = delete;
    Exchanged &operator=(const Exchanged &) = delete;
    ~Exchanged() { m_target = std::move(m_before); }

private:
    T &m_target;
    T m_before;
};

} // namespace hubkeep::templates
