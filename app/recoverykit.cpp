#include "app/recoverykit.h"

#include "integrations/backup/keystore.h"

#include <hpdf.h>
#include <qrencode.h>

#include <algorithm>
#include <memory>

namespace hubkeep {
namespace {

constexpr int quietZone = 2; // modules around a code on screen and paper
constexpr int groupsPerLine = 5;

struct Line
{
    enum Kind { Title, Heading, Text, Code } kind;
    QString text;
};

// On one line, however long somebody made it.
QString shownName(const QString &hub)
{
    constexpr qsizetype longest = 200;
    const QString name = hub.simplified();
    return name.size() > longest ? name.left(longest) + u'…' : name;
}

// "1 EGTZ   2 VFFV   …": what is typed back, and typed in when no camera is at hand.
QList<Line> groupLines(const backup::AgeIdentity &identity)
{
    QList<Line> lines;
    const QList<QByteArray> groups = backup::secretGroups(identity);
    for (qsizetype at = 0; at < groups.size(); at += groupsPerLine) {
        QString line;
        for (qsizetype i = at; i < std::min(at + groupsPerLine, groups.size()); ++i)
            line += QStringLiteral("%1 %2   ").arg(i + 1, 2).arg(QLatin1String(groups[i]));
        lines.append({ Line::Code, line });
    }
    return lines;
}

QList<Line> linesOf(const RecoveryKit &kit)
{
    const auto text = [](const char *line) { return Line { Line::Text, QString::fromUtf8(line) }; };
    const auto code = [](const char *line) { return Line { Line::Code, QString::fromUtf8(line) }; };
    const auto heading = [](const char *line) {
        return Line { Line::Heading, QString::fromUtf8(line) };
    };
    QList<Line> lines { { Line::Title, QStringLiteral("HubKeep recovery kit") },
        { Line::Text, QStringLiteral("Hub: %1").arg(shownName(kit.hub)) },
        { Line::Text,
            QStringLiteral("Key: %1, made %2 UTC")
                .arg(kit.keyId, kit.created.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm"))) },
        text("It opens every backup (.zip.age) that was encrypted to this recipient:"),
        { Line::Code, QString::fromLatin1(kit.identity.recipient().text()) },
        heading("The identity"), text("Keep it where the hub is not, and from strangers' eyes:"),
        { Line::Code, QString::fromLatin1(kit.identity.text()) },
        text("The same behind AGE-SECRET-KEY-1, in groups (no letter is B, I or O):") };
    lines += groupLines(kit.identity);
    lines += QList<Line> { heading("To restore"),
        text("Write the identity into a file key.txt. With HubKeep:"),
        code("hubkeep verify BACKUP.zip.age --identity key.txt"),
        code("hubkeep restore BACKUP.zip.age --identity key.txt --to DIR"),
        text("Without HubKeep, with the age command and unzip:"),
        code("age -d -i key.txt -o backup.zip BACKUP.zip.age"), code("unzip backup.zip"),
        heading("The identity as a code for a camera") };
    return lines;
}

// Two modules a character, one above the other. Dark on light, as readers like it: what is light
// is printed.
QByteArray qrText(const std::vector<std::vector<bool>> &modules)
{
    const int size = int(modules.size());
    const auto isLight = [&](int row, int column) {
        const bool inside = row >= 0 && column >= 0 && row < size && column < size;
        return !inside || !modules[size_t(row)][size_t(column)];
    };
    QString text;
    for (int row = -quietZone; row < size + quietZone; row += 2) {
        text += QStringLiteral("    ");
        for (int column = -quietZone; column < size + quietZone; ++column) {
            const bool upper = isLight(row, column);
            const bool lower = isLight(row + 1, column);
            text += QChar(upper && lower ? 0x2588 : upper ? 0x2580 : lower ? 0x2584 : 0x20);
        }
        text += u'\n';
    }
    return text.toUtf8();
}

struct Free
{
    void operator()(QRcode *code) const { QRcode_free(code); }
    void operator()(HPDF_Doc document) const { HPDF_Free(document); }
};

void noteError(HPDF_STATUS number, HPDF_STATUS, void *failed)
{
    *static_cast<HPDF_STATUS *>(failed) = number;
}

// In the encoding of the fonts that every reader has: letters without those accents that it lacks;
// what it has nothing for becomes a question mark.
QByteArray winAnsi(const QString &text)
{
    static const QString punctuation = QStringLiteral("…‘’“”•–—"); // from 0x85 and 0x91 on
    QByteArray bytes;
    for (const QChar c : text.normalized(QString::NormalizationForm_C)) {
        const qsizetype at = punctuation.indexOf(c);
        if (c.unicode() < 0x80 || (c.unicode() >= 0xa0 && c.unicode() <= 0xff))
            bytes += char(c.unicode());
        else if (at >= 0)
            bytes += char(at == 0 ? 0x85 : 0x90 + at);
        else
            bytes += QString(c).normalized(QString::NormalizationForm_D).left(1).toLatin1();
    }
    return bytes;
}

// A page from top to bottom.
class PdfPage
{
public:
    explicit PdfPage(HPDF_Doc document)
        : m_page(HPDF_AddPage(document))
        , m_bold(HPDF_GetFont(document, "Helvetica-Bold", "WinAnsiEncoding"))
        , m_text(HPDF_GetFont(document, "Helvetica", "WinAnsiEncoding"))
        , m_code(HPDF_GetFont(document, "Courier-Bold", "WinAnsiEncoding"))
    {
        HPDF_Page_SetSize(m_page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
        m_y = HPDF_Page_GetHeight(m_page) - margin;
    }

    void write(const Line &line)
    {
        switch (line.kind) {
        case Line::Title:
            m_y -= 8;
            writeWrapped(line.text, m_bold, 20, 0);
            m_y -= 6;
            break;
        case Line::Heading:
            m_y -= 12;
            writeWrapped(line.text, m_bold, 13, 0);
            break;
        case Line::Text:
            writeWrapped(line.text, m_text, 11, 0);
            break;
        case Line::Code:
            writeWrapped(line.text, m_code, 10, indent);
            break;
        }
    }

    // With the quiet zone that readers want, white as the paper is.
    void draw(const std::vector<std::vector<bool>> &modules)
    {
        constexpr float module = 5;
        m_y -= 4 * module;
        for (size_t row = 0; row < modules.size(); ++row) {
            for (size_t column = 0; column < modules.size(); ++column) {
                if (modules[row][column])
                    HPDF_Page_Rectangle(m_page, margin + indent + float(column) * module,
                        m_y - float(row + 1) * module, module, module);
            }
        }
        HPDF_Page_Fill(m_page);
    }

private:
    void writeWrapped(const QString &text, HPDF_Font font, float size, float inset)
    {
        HPDF_Page_SetFontAndSize(m_page, font, size);
        const float width = HPDF_Page_GetWidth(m_page) - 2 * margin - inset;
        QByteArray rest = winAnsi(text);
        while (!rest.isEmpty()) {
            // As many whole words as fit; of one that does not, what fits.
            qsizetype count
                = HPDF_Page_MeasureText(m_page, rest.constData(), width, HPDF_TRUE, nullptr);
            if (count == 0)
                count = std::max<qsizetype>(
                    1, HPDF_Page_MeasureText(m_page, rest.constData(), width, HPDF_FALSE, nullptr));
            m_y -= size * 1.5F;
            HPDF_Page_BeginText(m_page);
            HPDF_Page_TextOut(m_page, margin + inset, m_y, rest.left(count).constData());
            HPDF_Page_EndText(m_page);
            rest.remove(0, count);
        }
    }

    static constexpr float margin = 56;
    static constexpr float indent = 10;
    HPDF_Page m_page;
    HPDF_Font m_bold;
    HPDF_Font m_text;
    HPDF_Font m_code;
    float m_y = 0;
};

} // namespace

Result<std::vector<std::vector<bool>>> qrCode(const QByteArray &text)
{
    const std::unique_ptr<QRcode, Free> code(
        QRcode_encodeString8bit(text.constData(), 0, QR_ECLEVEL_M));
    if (!code)
        return Error { ErrorCode::Internal, QStringLiteral("The QR code could not be drawn") };
    std::vector<std::vector<bool>> modules(size_t(code->width));
    for (int row = 0; row < code->width; ++row) {
        for (int column = 0; column < code->width; ++column)
            modules[size_t(row)].push_back((code->data[row * code->width + column] & 1) != 0);
    }
    return modules;
}

QByteArray kitText(const RecoveryKit &kit)
{
    QByteArray text;
    for (const Line &line : linesOf(kit)) {
        QString shown = line.text;
        while (shown.endsWith(u' '))
            shown.chop(1);
        const char *indent = line.kind == Line::Code && line.text.size() <= 68 ? "    " : "";
        if (line.kind == Line::Heading)
            text += '\n';
        text += indent + shown.toUtf8() + '\n';
        if (line.kind == Line::Title)
            text += QByteArray(line.text.size(), '=') + '\n';
    }
    const auto modules = qrCode(kit.identity.text());
    return modules ? text + '\n' + qrText(*modules) : text;
}

Result<QByteArray> kitPdf(const RecoveryKit &kit)
{
    const auto modules = qrCode(kit.identity.text());
    if (!modules)
        return modules.error();
    HPDF_STATUS failed = HPDF_OK;
    const std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, Free> document(
        HPDF_New(noteError, &failed));
    const Error error { ErrorCode::Internal, QStringLiteral("The PDF could not be made") };
    if (!document)
        return error;
    HPDF_SetCompressionMode(document.get(), HPDF_COMP_NONE);
    HPDF_SetInfoAttr(document.get(), HPDF_INFO_TITLE, "HubKeep recovery kit");
    PdfPage page(document.get());
    for (const Line &line : linesOf(kit))
        page.write(line);
    page.draw(*modules);
    HPDF_SaveToStream(document.get());
    QByteArray bytes(qsizetype(HPDF_GetStreamSize(document.get())), Qt::Uninitialized);
    HPDF_UINT32 size = HPDF_UINT32(bytes.size());
    HPDF_ResetStream(document.get());
    HPDF_ReadFromStream(document.get(), reinterpret_cast<HPDF_BYTE *>(bytes.data()), &size);
    // At the stream's end it says so in the same way as what went wrong.
    if ((failed != HPDF_OK && failed != HPDF_STREAM_EOF) || !bytes.startsWith("%PDF"))
        return error;
    bytes.truncate(size);
    return bytes;
}

} // namespace hubkeep
