#include "automation/core/yamlparser.h"

#include "automation/core/yamlsource.h"

#include <QHash>
#include <QSet>

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace hubkeep {
namespace {

using Kind = Value::Kind;

bool hasStandardTag(const std::string &tag, const char *name)
{
    return tag == std::string("tag:yaml.org,2002:") + name;
}

bool isUntagged(const std::string &tag)
{
    return tag.empty() || tag == "?" || tag == "!";
}

class TreeBuilder final : public YAML::EventHandler
{
public:
    TreeBuilder(const YamlSource &text, const YamlParserHooks &hooks)
        : m_source(text)
        , m_hooks(hooks)
    {
    }

    Value takeRoot() { return std::move(m_root); }
    bool stopped() const { return m_stopped; }
    // Where the innermost '[' or '{' is that waits for its end.
    std::optional<Place> openBracket() const
    {
        if (m_open.empty() || m_open.back().block)
            return {};
        return m_open.back().place;
    }

    void OnDocumentStart(const YAML::Mark &mark) override
    {
        if (++m_documents != 2)
            return;
        m_hooks.problem(m_source.place(mark),
            m_source.line(mark.line).startsWith("---")
                ? QStringLiteral("a second document begins here; one file is one document")
                : QStringLiteral(
                    "this does not belong to what is above it; check the indentation"));
        m_stopped = true;
    }
    void OnDocumentEnd() override { }

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        const Place place = m_source.place(mark);
        if (inKey()) {
            takeKey(std::nullopt, place, QStringLiteral("a key is missing before this ':'"));
            return;
        }
        if (!m_open.empty() && m_open.back().block && m_open.back().keyPlace == place
            && !m_open.back().keyBroken && !m_stopped) {
            m_hooks.problem(
                place, QStringLiteral("a ':' is missing after %1").arg(quoted(m_open.back().key)));
            add(Value::broken(place), anchor);
            return;
        }
        add(Value::null(placeOfNothing(mark)), anchor);
    }

    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        const Place place = m_source.place(mark);
        const auto found = m_anchors.constFind(anchor);
        if (m_stopped)
            return;
        if (found == m_anchors.constEnd()) {
            m_hooks.problem(place, QStringLiteral("this alias stands within what it stands for"));
            if (inKey())
                takeKey(std::nullopt, place, {});
            else
                add(Value::broken(place), YAML::NullAnchor);
            return;
        }
        const Value value = *found; // a copy: adding may rehash
        if (inKey()) {
            takeKey(value.isCollection() ? std::nullopt : std::optional(value.text()), place,
                QStringLiteral("a key must be a text, not %1").arg(value.describe()));
        } else if (spend(value.nodes(1'000'000), place)) {
            add(value, YAML::NullAnchor);
        }
    }

    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
        const std::string &content) override
    {
        if (m_stopped)
            return;
        const Place place = m_source.place(mark);
        const QString text = QString::fromUtf8(content.data(), qsizetype(content.size()));
        if (tag != "?" && !m_source.isQuoteClosed(mark)) {
            m_hooks.problem(place, QStringLiteral("the quote that begins here is never closed"));
            m_stopped = true;
            return;
        }
        if (inKey()) {
            if (anchor != YAML::NullAnchor)
                m_anchors.insert(anchor, Value::string(text, place));
            const bool plain = isUntagged(tag) || hasStandardTag(tag, "str");
            m_open.back().merges = tag == "?" && text == QLatin1String("<<");
            takeKey(plain ? std::optional(text) : std::nullopt, place,
                QStringLiteral("a key cannot have a tag (%1)").arg(QString::fromStdString(tag)));
            return;
        }
        add(scalar(tag, text, place), anchor);
    }

    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
        YAML::EmitterStyle::value style) override
    {
        open(Kind::List, mark, anchor, isUntagged(tag) || hasStandardTag(tag, "seq"), tag,
            style == YAML::EmitterStyle::Block);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
        YAML::EmitterStyle::value style) override
    {
        open(Kind::Map, mark, anchor, isUntagged(tag) || hasStandardTag(tag, "map"), tag,
            style == YAML::EmitterStyle::Block);
    }
    void OnMapEnd() override { close(); }

private:
    // A list or map whose end was not seen yet.
    struct Open
    {
        Kind kind;
        Place place;
        YAML::anchor_t anchor;
        bool known = true; // its tag
        bool block = false;
        bool isKey = false; // it stands where a key should
        bool isWithinKey = false; // one around it does
        std::vector<Value> items {};
        std::vector<Value::Member> members {};
        QHash<QString, int> lines {}; // of the keys
        std::vector<Value> merged {};
        bool hasKey = false; // and its value comes next
        bool keyBroken = false;
        bool merges = false; // the key is <<
        QString key {};
        Place keyPlace {};
    };

    bool inKey() const
    {
        return !m_open.empty() && m_open.back().kind == Kind::Map && !m_open.back().hasKey;
    }

    // yaml-cpp gives the place of what comes next.
    Place placeOfNothing(const YAML::Mark &mark) const
    {
        if (m_open.empty())
            return m_source.place(mark);
        const Open &open = m_open.back();
        if (open.kind == Kind::Map)
            return open.keyPlace;
        constexpr int farthest = 20; // comments and empty lines may be between
        const int last = std::max(open.place.line - 1, mark.line - farthest);
        for (int line = mark.line; open.block && line >= last; --line) {
            QByteArray content = m_source.line(line);
            if (line == mark.line)
                content.truncate(mark.column);
            const qsizetype dash = content.indexOf('-');
            if (dash >= 0 && content.left(dash).trimmed().isEmpty())
                return { open.place.file, line + 1, int(dash) + 1 };
        }
        return m_source.place(mark);
    }

    bool spend(qsizetype values, const Place &place)
    {
        if (!m_stopped && !m_hooks.spend(values, place))
            m_stopped = true;
        return !m_stopped;
    }

    Value scalar(const std::string &tag, const QString &text, const Place &place)
    {
        if (tag == "?" || tag.empty())
            return Value::plain(text, place);
        if (tag == "!" || hasStandardTag(tag, "str"))
            return Value::string(text, place);
        for (const auto &[name, kind] :
            { std::pair("int", Kind::Integer), std::pair("float", Kind::Float),
                std::pair("bool", Kind::Boolean), std::pair("null", Kind::Null) }) {
            if (!hasStandardTag(tag, name))
                continue;
            const Value value = Value::plain(text, place);
            if (value.kind() == kind || (kind == Kind::Float && value.kind() == Kind::Integer))
                return value;
            m_hooks.problem(
                place, QStringLiteral("%1 is no !!%2").arg(quoted(text), QLatin1String(name)));
            return Value::broken(place);
        }
        return m_hooks.resolveTag(QString::fromStdString(tag), text, place);
    }

    void takeKey(const std::optional<QString> &key, const Place &place, const QString &otherwise)
    {
        if (m_stopped)
            return;
        Open &map = m_open.back();
        map.hasKey = true;
        map.keyBroken = !key;
        map.key = key.value_or(QString());
        map.keyPlace = place;
        if (!key) {
            map.merges = false;
            if (!otherwise.isEmpty())
                m_hooks.problem(place, otherwise);
        } else if (!map.merges) {
            const int first = map.lines.value(*key, 0);
            if (first != 0) {
                m_hooks.problem(place,
                    QStringLiteral("the key %1 is there already, in line %2")
                        .arg(quoted(*key))
                        .arg(first));
                map.keyBroken = true;
            } else {
                map.lines.insert(*key, std::max(place.line, 1));
            }
        }
    }

    void add(Value value, YAML::anchor_t anchor)
    {
        if (anchor != YAML::NullAnchor)
            m_anchors.insert(anchor, value);
        if (!spend(1, value.place()))
            return;
        if (m_open.empty()) {
            m_root = std::move(value);
            return;
        }
        Open &open = m_open.back();
        if (open.kind == Kind::List) {
            open.items.push_back(std::move(value));
            return;
        }
        open.hasKey = false;
        if (std::exchange(open.merges, false))
            merge(value);
        else if (!open.keyBroken)
            open.members.push_back({ open.key, open.keyPlace, std::move(value) });
    }

    void merge(const Value &value)
    {
        std::vector<Value> maps { value };
        if (value.kind() == Kind::List)
            maps = value.items();
        for (const Value &map : maps) {
            if (map.kind() == Kind::Map)
                m_open.back().merged.push_back(map);
            else if (map.kind() != Kind::Broken)
                m_hooks.problem(map.place(),
                    QStringLiteral("<< takes a mapping or a list of mappings, not %1")
                        .arg(map.describe()));
        }
    }

    void open(Kind kind, const YAML::Mark &mark, YAML::anchor_t anchor, bool known,
        const std::string &tag, bool block)
    {
        if (m_stopped)
            return;
        Open opened { kind, m_source.place(mark), anchor, known, block };
        opened.isKey = inKey();
        opened.isWithinKey = !m_open.empty() && (m_open.back().isKey || m_open.back().isWithinKey);
        if (!known && !opened.isKey && !opened.isWithinKey)
            m_hooks.problem(opened.place,
                QStringLiteral("the tag %1 is not for %2")
                    .arg(quoted(QString::fromStdString(tag)),
                        kind == Kind::List ? QStringLiteral("lists") : QStringLiteral("mappings")));
        m_open.push_back(std::move(opened));
    }

    void close()
    {
        if (m_stopped || m_open.empty())
            return;
        Open closed = std::move(m_open.back());
        m_open.pop_back();
        // What is in the map itself counts, then what was merged first.
        for (const Value &map : closed.merged) {
            if (!spend(qsizetype(map.members().size()), closed.place))
                return;
            for (const Value::Member &member : map.members()) {
                if (!closed.lines.contains(member.key)) {
                    closed.lines.insert(member.key, 1);
                    closed.members.push_back(member);
                }
            }
        }
        Value value = !closed.known     ? Value::broken(closed.place)
            : closed.kind == Kind::List ? Value::list(std::move(closed.items), closed.place)
                                        : Value::map(std::move(closed.members), closed.place);
        // Only now, because what is never closed is taken for a key too.
        if (closed.isKey)
            takeKey(std::nullopt, closed.place,
                closed.isWithinKey
                    ? QString() // said once is enough
                    : QStringLiteral("a key must be a text; does a text that begins with '{' or "
                                     "'[' need quotes?"));
        else
            add(std::move(value), closed.anchor);
    }

    const YamlSource &m_source;
    const YamlParserHooks &m_hooks;
    std::vector<Open> m_open;
    QHash<YAML::anchor_t, Value> m_anchors;
    Value m_root;
    int m_documents = 0;
    bool m_stopped = false;
};

// yaml-cpp's words, where better ones are known.
QString explain(const std::string &message)
{
    static const QHash<QString, QString> better {
        { QStringLiteral("illegal map value"),
            QStringLiteral("a ':' cannot stand here; check the indentation, and put texts with "
                           "': ' in them in quotes") },
        { QStringLiteral("end of map not found"),
            QStringLiteral("this does not belong to the mapping above; check the indentation, and "
                           "whether a ':' is missing") },
        { QStringLiteral("end of sequence not found"),
            QStringLiteral("this does not belong to the list above; check the indentation, and "
                           "whether a '-' is missing") },
        { QStringLiteral("end of map flow not found"),
            QStringLiteral("a ',' or '}' is missing in what begins here") },
        { QStringLiteral("end of sequence flow not found"),
            QStringLiteral("a ',' or ']' is missing in what begins here") },
        { QStringLiteral("unknown token"),
            QStringLiteral("a text cannot begin with this character; put it in quotes") },
    };
    const QString words = QString::fromStdString(message);
    return better.value(words, words);
}

} // namespace

Value parseYaml(const QByteArray &text, const QString &file, const YamlParserHooks &hooks)
{
    // The newline makes the end of the text, after an open quote or a key, like that of a line.
    const YamlSource source(text + '\n', file);
    TreeBuilder builder(source, hooks);
    try {
        std::istringstream stream(text.toStdString() + '\n');
        YAML::Parser parser(stream);
        while (!builder.stopped() && parser.HandleNextDocument(builder)) { }
        if (!builder.stopped())
            return builder.takeRoot();
    } catch (const YAML::Exception &error) {
        if (!builder.stopped()) {
            const bool flow = error.msg.find("flow not found") != std::string::npos;
            const bool tab = source.isIndentedWithTab(error.mark.line)
                || error.msg.find(" tab ") != std::string::npos;
            hooks.problem(
                flow && builder.openBracket() ? *builder.openBracket() : source.place(error.mark),
                tab ? QStringLiteral("a tab cannot indent; use spaces") : explain(error.msg));
        }
    } catch (const std::exception &error) {
        hooks.problem({ file, 0, 0 },
            QStringLiteral("cannot be read as YAML: %1").arg(QString::fromUtf8(error.what())));
    }
    return Value::broken({ file, 0, 0 });
}

} // namespace hubkeep
