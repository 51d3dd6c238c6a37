#include "app/recoverykit.h"

#include "integrations/backup/backupinfo.h"
#include "integrations/backup/keystore.h"

#include <hpdf.h>
#include <qrencode.h>

#include <memory>

namespace hubkeep {
namespace {

constexpr int quietZone = 2; // modules around a code on screen and paper
constexpr int groupsPerLine = 5;

struct Line
{
    enum Kind { Title, Text, Code } kind;
    QString text;
};

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
    QList<Line> lines { { Line::Title, QStringLiteral("HubKeep recovery kit") },
        { Line::Text, QStringLiteral("Hub: %1").arg(kit.hub) },
        { Line::Text,
            QStringLiteral("Key: %1, made %2").arg(kit.keyId, backup::toRfc3339(kit.created)) },
        text("It opens every backup (.zip.age) that was encrypted to this recipient:"),
        { Line::Code, QString::fromLatin1(kit.identity.recipient().text()) }, text(""),
        text("The identity. Keep it where the hub is not, and from strangers' eyes:"),
        { Line::Code, QString::fromLatin1(kit.identity.text()) }, text(""),
        text("The same behind AGE-SECRET-KEY-1, in numbered groups:") };
    lines += groupLines(kit.identity);
    lines += QList<Line> { text(""), text("To restore, write the identity into a file key.txt."),
        text("With HubKeep:"), code("hubkeep verify BACKUP.zip.age --identity key.txt"),
        code("hubkeep restore BACKUP.zip.age --identity key.txt --to DIR"),
        text("Without HubKeep, with the age command and unzip:"),
        code("age -d -i key.txt -o backup.zip BACKUP.zip.age"), code("unzip backup.zip") };
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

// A page from top to bottom. What the fonts have no character for becomes a question mark.
class PdfPage
{
public:
    explicit PdfPage(HPDF_Doc document)
        : m_page(HPDF_AddPage(document))
        , m_title(HPDF_GetFont(document, "Helvetica-Bold", "WinAnsiEncoding"))
        , m_text(HPDF_GetFont(document, "Helvetica", "WinAnsiEncoding"))
        , m_code(HPDF_GetFont(document, "Courier-Bold", "WinAnsiEncoding"))
    {
        HPDF_Page_SetSize(m_page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
        m_y = HPDF_Page_GetHeight(m_page) - margin;
    }

    void write(const Line &line)
    {
        const bool isTitle = line.kind == Line::Title;
        const bool isCode = line.kind == Line::Code;
        const float size = isTitle ? 20 : isCode ? 10 : 11;
        m_y -= isTitle ? 28 : 16;
        HPDF_Page_BeginText(m_page);
        HPDF_Page_SetFontAndSize(m_page, isTitle ? m_title : isCode ? m_code : m_text, size);
        HPDF_Page_TextOut(
            m_page, isCode ? margin + 10 : margin, m_y, line.text.left(110).toLatin1().constData());
        HPDF_Page_EndText(m_page);
    }

    void draw(const std::vector<std::vector<bool>> &modules)
    {
        constexpr float module = 4;
        m_y -= 20;
        for (size_t row = 0; row < modules.size(); ++row) {
            for (size_t column = 0; column < modules.size(); ++column) {
                if (modules[row][column])
                    HPDF_Page_Rectangle(m_page, margin + 10 + float(column) * module,
                        m_y - float(row + 1) * module, module, module);
            }
        }
        HPDF_Page_Fill(m_page);
    }

private:
    static constexpr float margin = 56;
    HPDF_Page m_page;
    HPDF_Font m_title;
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
