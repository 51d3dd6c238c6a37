// The lines of manifest/entries.jsonl: written by hand, key by key, because a
// million of them are written in one go, and read with RapidJSON's SAX parser,
// because whoever made them may be hostile.

#include "integrations/backup/archive/manifest.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstring>
#include <limits>

namespace hubkeep::backup {
namespace {

enum Field : unsigned {
    NoField,
    Name,
    NameBase64,
    Type,
    Mode,
    Uid,
    Gid,
    Stamp,
    Attributes,
    HardLink,
    HardLinkBase64,
    Size,
    Stored,
    MethodKey,
    Crc32,
    StoredCrc32,
    DigestKey,
    Sparse,
    Torn,
    PageSize,
    Damage,
    Wal,
    FieldCount
};

constexpr const char *keyNames[FieldCount]
    = { "", "name", "name_base64", "type", "mode", "uid", "gid", "stamp", "attributes", "hard_link",
          "hard_link_base64", "size", "stored", "method", "crc32", "stored_crc32", "sha256",
          "sparse", "torn", "database_page_size", "database_damage", "wal_stamp" };

constexpr const char *typeNames[] = { "file", "directory", "symlink" };
constexpr unsigned stampLength = 7;
constexpr qsizetype longestAttributeName = 255;

class LineWriter
{
public:
    LineWriter() { m_line.reserve(512); }

    void number(Field key, qint64 value) { open(key).append(QByteArray::number(value)); }
    void text(Field key, const char *value) { open(key).append('"').append(value).append('"'); }
    void flag(Field key, bool value)
    {
        if (value)
            open(key).append("true");
    }
    // As text where it is text, else as base64 under the key that follows.
    void bytes(Field key, const QByteArray &value)
    {
        if (value.isValidUtf8()) {
            open(key);
            quoted(value);
        } else {
            text(Field(key + 1), value.toBase64().constData());
        }
    }
    void string(Field key, const QByteArray &utf8)
    {
        open(key);
        quoted(utf8);
    }
    void stamp(Field key, const FileStamp &s)
    {
        open(key).append('[');
        const qint64 values[stampLength] = { s.size, s.modified.seconds, s.modified.nanoseconds,
            s.changed.seconds, s.changed.nanoseconds, qint64(s.inode), qint64(s.device) };
        for (unsigned i = 0; i < stampLength; ++i)
            m_line.append(i ? "," : "").append(QByteArray::number(values[i]));
        m_line.append(']');
    }
    void attributes(const QList<ExtendedAttribute> &list)
    {
        open(Attributes).append('[');
        for (qsizetype i = 0; i < list.size(); ++i) {
            m_line.append(i ? ",\"" : "\"").append(list[i].name.toBase64()).append("\",\"");
            m_line.append(list[i].value.toBase64()).append('"');
        }
        m_line.append(']');
    }
    QByteArray take() { return m_line + "}\n"; }

private:
    QByteArray &open(Field key)
    {
        m_line.append(m_line.isEmpty() ? "{\"" : ",\"").append(keyNames[key]).append("\":");
        return m_line;
    }
    void quoted(const QByteArray &utf8)
    {
        static const char hex[] = "0123456789abcdef";
        m_line.append('"');
        for (const char c : utf8) {
            if (c == '"' || c == '\\')
                m_line.append('\\').append(c);
            else if (quint8(c) < 0x20)
                m_line.append("\\u00").append(hex[c >> 4]).append(hex[c & 15]);
            else
                m_line.append(c);
        }
        m_line.append('"');
    }
    QByteArray m_line;
};

// Collects one line. Any handler that returns false ends the parse.
class LineHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LineHandler>
{
public:
    ManifestEntry entry;

    bool has(Field key) const { return m_seen & (1U << key); }

    bool StartObject() { return ++m_depth == 1 || m_key == NoField; }
    bool EndObject(rapidjson::SizeType)
    {
        --m_depth;
        return true;
    }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth > 1)
            return true;
        m_key = NoField;
        m_inArray = false; // an unknown key's value may have ended with one
        for (unsigned k = 1; k < FieldCount; ++k) {
            if (std::strlen(keyNames[k]) == length && std::memcmp(keyNames[k], text, length) == 0)
                m_key = Field(k);
        }
        if (m_key != NoField && has(m_key))
            return false;
        m_seen |= 1U << m_key;
        m_index = 0;
        return true;
    }
    bool StartArray()
    {
        ++m_depth;
        m_inArray = true;
        return m_key == NoField
            || (m_depth == 2 && (m_key == Stamp || m_key == Wal || m_key == Attributes));
    }
    bool EndArray(rapidjson::SizeType)
    {
        --m_depth;
        m_inArray = m_depth > 1;
        return m_key == NoField
            || (m_key == Attributes ? m_index % 2 == 0 : m_index == stampLength);
    }
    bool Null() { return m_key == NoField; }
    bool Bool(bool value)
    {
        if (m_key == Sparse)
            entry.sparse = value;
        else if (m_key == Torn)
            entry.torn = value;
        else
            return m_key == NoField;
        return true;
    }
    bool Double(double) { return m_key == NoField; }
    bool Int(int value) { return number(value); }
    bool Uint(unsigned value) { return number(value); }
    bool Int64(int64_t value) { return number(value); }
    bool Uint64(uint64_t value)
    {
        return value <= uint64_t(std::numeric_limits<qint64>::max()) ? number(qint64(value))
                                                                     : m_key == NoField;
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        return m_key == NoField || string(QByteArray(text, qsizetype(length)));
    }

private:
    bool number(qint64 value)
    {
        if (m_key == Stamp || m_key == Wal)
            return m_inArray && stampValue(value);
        if (m_key == NoField)
            return true;
        if (value < 0 || m_inArray)
            return false;
        const bool fits32 = value <= 0xffffffffLL;
        switch (m_key) {
        case Mode:
            entry.mode = quint32(value);
            return fits32;
        case Uid:
            entry.uid = quint32(value);
            return fits32;
        case Gid:
            entry.gid = quint32(value);
            return fits32;
        case Size:
            entry.size = value;
            return true;
        case Stored:
            entry.stored = value;
            return true;
        case Crc32:
            entry.crc32 = quint32(value);
            return fits32;
        case StoredCrc32:
            entry.storedCrc32 = quint32(value);
            return fits32;
        case PageSize:
            database().pageSize = quint32(value);
            return fits32;
        default:
            return false;
        }
    }
    bool stampValue(qint64 value)
    {
        if (m_key == Wal && !database().wal)
            database().wal = FileStamp();
        FileStamp &s = m_key == Wal ? *database().wal : entry.stamp;
        const unsigned index = m_index++;
        const bool nanoseconds = value >= 0 && value < 1'000'000'000;
        switch (index) {
        case 0:
            s.size = value;
            return value >= 0;
        case 1:
            s.modified.seconds = value;
            return true;
        case 2:
            s.modified.nanoseconds = value;
            return nanoseconds;
        case 3:
            s.changed.seconds = value;
            return true;
        case 4:
            s.changed.nanoseconds = value;
            return nanoseconds;
        case 5:
            s.inode = quint64(value);
            return true;
        case 6:
            s.device = quint64(value);
            return true;
        default:
            return false;
        }
    }
    bool string(const QByteArray &text)
    {
        switch (m_key) {
        case Name:
            entry.name = text;
            return !m_inArray;
        case NameBase64:
            return base64(text, entry.name);
        case HardLink:
            entry.hardLinkTo = text;
            return !m_inArray;
        case HardLinkBase64:
            return base64(text, entry.hardLinkTo);
        case Damage:
            database().damage = text;
            return !m_inArray;
        case Type:
            for (int t = 0; t < 3; ++t) {
                if (text == typeNames[t]) {
                    entry.type = EntryType(t);
                    return !m_inArray;
                }
            }
            return false;
        case MethodKey:
            entry.method = text == "deflate" ? Method::Deflate : Method::Store;
            return text == "deflate" || text == "store";
        case DigestKey: {
            const QByteArray digest = QByteArray::fromHex(text);
            if (text.size() != 64 || digest.size() != 32 || digest.toHex() != text)
                return false;
            std::memcpy(entry.digest.data(), digest.constData(), 32);
            return !m_inArray;
        }
        case Attributes:
            return m_inArray && attribute(text);
        default:
            return false;
        }
    }
    bool attribute(const QByteArray &text)
    {
        QByteArray value;
        if (!base64(text, value))
            return false;
        // A name with a NUL in it would be another one for the system: security.capability.
        const bool isName = m_index++ % 2 == 0;
        if (isName
            && (value.isEmpty() || value.size() > longestAttributeName || value.contains('\0')))
            return false;
        if (isName)
            entry.attributes.append({ value, {} });
        else
            entry.attributes.last().value = value;
        return true;
    }
    static bool base64(const QByteArray &text, QByteArray &value)
    {
        auto decoded
            = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded)
            return false;
        value = decoded.decoded;
        return true;
    }
    DatabaseMark &database()
    {
        if (!entry.database)
            entry.database = DatabaseMark();
        return *entry.database;
    }

    unsigned m_seen = 0;
    Field m_key = NoField;
    unsigned m_index = 0;
    int m_depth = 0;
    bool m_inArray = false;
};

// SQLite's messages quote names, which a damaged database need not have in UTF-8.
QByteArray asText(const QByteArray &message)
{
    return message.isValidUtf8() ? message : QString::fromUtf8(message).toUtf8();
}

Error damagedLine(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("A line of its manifest is damaged: %1").arg(QLatin1String(what)) };
}

} // namespace

QByteArray toJsonLine(const ManifestEntry &e)
{
    LineWriter line;
    line.bytes(Name, e.name);
    line.text(Type, typeNames[int(e.type)]);
    line.number(Mode, e.mode);
    line.number(Uid, e.uid);
    line.number(Gid, e.gid);
    line.stamp(Stamp, e.stamp);
    if (!e.attributes.isEmpty())
        line.attributes(e.attributes);
    if (e.type == EntryType::Directory)
        return line.take();
    if (!e.hardLinkTo.isEmpty())
        line.bytes(HardLink, e.hardLinkTo);
    line.number(Size, e.size);
    line.number(Stored, e.stored);
    line.text(MethodKey, e.method == Method::Deflate ? "deflate" : "store");
    line.number(Crc32, e.crc32);
    line.number(StoredCrc32, e.storedCrc32);
    line.text(DigestKey, toHex(e.digest).constData());
    line.flag(Sparse, e.sparse);
    line.flag(Torn, e.torn);
    if (e.database) {
        line.number(PageSize, e.database->pageSize);
        if (!e.database->damage.isEmpty())
            line.string(Damage, asText(e.database->damage));
        if (e.database->wal)
            line.stamp(Wal, *e.database->wal);
    }
    return line.take();
}

Result<ManifestEntry> parseJsonLine(const QByteArray &line)
{
    LineHandler handler;
    rapidjson::Reader reader;
    rapidjson::MemoryStream stream(line.constData(), size_t(line.size()));
    reader.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
        stream, handler);
    if (reader.HasParseError())
        return damagedLine(rapidjson::GetParseError_En(reader.GetParseErrorCode()));
    if (stream.Tell() != size_t(line.size())) // RapidJSON takes a NUL for the end
        return damagedLine("NUL");
    for (const Field required : { Type, Mode, Uid, Gid, Stamp }) {
        if (!handler.has(required))
            return damagedLine(keyNames[required]);
    }
    ManifestEntry &entry = handler.entry;
    if (handler.has(Name) == handler.has(NameBase64))
        return damagedLine("name");
    const bool isFolder = entry.type == EntryType::Directory;
    for (const Field content : { Size, Stored, MethodKey, Crc32, StoredCrc32, DigestKey }) {
        if (handler.has(content) == isFolder)
            return damagedLine(keyNames[content]);
    }
    for (const Field more : { HardLink, HardLinkBase64, Sparse, Torn, PageSize, Damage, Wal }) {
        if (isFolder && handler.has(more))
            return damagedLine(keyNames[more]);
    }
    if (handler.has(HardLink) && handler.has(HardLinkBase64))
        return damagedLine("hard_link");
    if (entry.database && !handler.has(PageSize))
        return damagedLine("database_page_size");
    return std::move(entry);
}

} // namespace hubkeep::backup
