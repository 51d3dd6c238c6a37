#include "automation/template/filters/jsonwriter.h"

#include "automation/template/filters/arguments.h"
#include "automation/template/templatedict.h"
#include "automation/template/valuetext.h"

#include <algorithm>
#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

class JsonWriter
{
public:
    JsonWriter(TemplateRendering &rendering, const JsonLayout &layout)
        : m_rendering(rendering)
        , m_layout(layout)
    {
    }

    void write(const TemplateValue &value, int level)
    {
        if (!m_problem.isEmpty() || !m_rendering.step() || !withinOutput(m_rendering, m_out.size()))
            return;
        switch (value.kind()) {
        case Kind::None:
            m_out += QLatin1String("null");
            break;
        case Kind::Boolean:
            m_out += QLatin1String(value.toBool() ? "true" : "false");
            break;
        case Kind::Integer:
            m_out += QString::number(value.toInteger());
            break;
        case Kind::Float:
            m_out += number(value.toDouble());
            break;
        case Kind::String:
            writeText(value.string());
            break;
        case Kind::List:
        case Kind::Tuple:
            writeItems(value.items(), level);
            break;
        case Kind::Dict:
            writeDict(value.dict(), level);
            break;
        default:
            refuse(value);
        }
    }

    QString out() { return std::move(m_out); }
    const QString &problem() const { return m_problem; }

private:
    void refuse(const TemplateValue &value)
    {
        m_problem = value.isUndefined()
            ? value.undefinedReason()
            : QStringLiteral("a %1 cannot be written as JSON").arg(value.typeName());
    }

    QString number(double value) const
    {
        if (std::isfinite(value))
            return floatText(value);
        if (!m_layout.spaced)
            return QStringLiteral("null");
        return std::isnan(value) ? QStringLiteral("NaN")
            : value > 0          ? QStringLiteral("Infinity")
                                 : QStringLiteral("-Infinity");
    }

    void escape(QChar c)
    {
        m_out += QLatin1String("\\u");
        m_out += QString::number(c.unicode(), 16).rightJustified(4, u'0');
    }

    void writeText(const QString &text)
    {
        m_out += u'"';
        for (const QChar c : text) {
            switch (c.unicode()) {
            case u'"':
                m_out += QLatin1String("\\\"");
                break;
            case u'\\':
                m_out += QLatin1String("\\\\");
                break;
            case u'\n':
                m_out += QLatin1String("\\n");
                break;
            case u'\r':
                m_out += QLatin1String("\\r");
                break;
            case u'\t':
                m_out += QLatin1String("\\t");
                break;
            case u'\b':
                m_out += QLatin1String("\\b");
                break;
            case u'\f':
                m_out += QLatin1String("\\f");
                break;
            default:
                if (c.unicode() < 0x20 || (m_layout.ascii && c.unicode() > 0x7e))
                    escape(c);
                else
                    m_out += c;
            }
        }
        m_out += u'"';
    }

    void newLine(int level)
    {
        if (m_layout.indent < 0)
            return;
        m_out += u'\n';
        if (m_rendering.allowText(m_layout.indent * level))
            m_out += QString(m_layout.indent * level, u' ');
    }

    void comma()
    {
        m_out += u',';
        if (m_layout.spaced && m_layout.indent < 0)
            m_out += u' ';
    }

    void writeItems(const TemplateValue::Items &items, int level)
    {
        m_out += u'[';
        for (size_t i = 0; i < items.size() && !m_rendering.failed(); ++i) {
            if (i > 0)
                comma();
            newLine(level + 1);
            write(items[i], level + 1);
        }
        if (!items.empty())
            newLine(level);
        m_out += u']';
    }

    // Keys are texts in JSON.
    QString keyText(const TemplateValue &key)
    {
        switch (key.kind()) {
        case Kind::String:
            return key.string();
        case Kind::None:
            return QStringLiteral("null");
        case Kind::Boolean:
            return key.toBool() ? QStringLiteral("true") : QStringLiteral("false");
        case Kind::Integer:
            return QString::number(key.toInteger());
        case Kind::Float:
            return number(key.toDouble());
        default:
            m_problem = QStringLiteral("a %1 cannot be a key in JSON").arg(key.typeName());
            return {};
        }
    }

    struct Member
    {
        QString name;
        const TemplateDict::Entry *entry;
    };

    // Python compares the keys, which have to be of one kind; Home Assistant their texts.
    void sort(std::vector<Member> &members)
    {
        std::stable_sort(
            members.begin(), members.end(), [this](const Member &left, const Member &right) {
                if (!m_layout.spaced)
                    return left.name < right.name;
                return !m_rendering.failed()
                    && operations::less(m_rendering, left.entry->first, right.entry->first)
                    && !m_rendering.failed();
            });
    }

    void writeDict(const TemplateDict &dict, int level)
    {
        std::vector<Member> members;
        for (const TemplateDict::Entry &entry : dict)
            members.push_back({ keyText(entry.first), &entry });
        if (m_layout.sorted)
            sort(members);
        m_out += u'{';
        bool first = true;
        for (const auto &[name, entry] : members) {
            if (m_rendering.failed())
                return;
            if (!first)
                comma();
            first = false;
            newLine(level + 1);
            writeText(name);
            m_out += u':';
            if (m_layout.spaced || m_layout.indent >= 0)
                m_out += u' ';
            write(entry->second, level + 1);
        }
        if (!first)
            newLine(level);
        m_out += u'}';
    }

    TemplateRendering &m_rendering;
    const JsonLayout &m_layout;
    QString m_out;
    QString m_problem;
};

} // namespace

Result<QString> toJson(
    TemplateRendering &rendering, const TemplateValue &value, const JsonLayout &layout)
{
    JsonWriter writer(rendering, layout);
    writer.write(value, 0);
    if (!writer.problem().isEmpty())
        return Error { ErrorCode::InvalidArgument, writer.problem() };
    return writer.out();
}

} // namespace hubkeep::filters
