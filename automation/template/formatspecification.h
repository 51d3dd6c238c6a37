// Python's format specifications: "[[fill]align][sign][z][#][0][width][,][.precision][type]".
//
// Plain values; any thread.

#pragma once

#include "automation/template/rendering.h"

namespace hubkeep {

struct FormatSpecification
{
    QString fill = QStringLiteral(" ");
    char16_t align = 0; // < > ^ =; 0: not said
    char16_t sign = 0; // + - or blank; 0: not said
    bool noNegativeZero = false;
    bool alternate = false;
    bool zeros = false;
    qint64 width = 0;
    char16_t grouping = 0; // , or _
    qint64 precision = -1;
    char16_t type = 0;

    // nullopt: it is none, and the rendering has failed.
    static std::optional<FormatSpecification> parse(
        TemplateRendering &rendering, const QString &text);
};

// A number in its pieces, to be put together with padding and grouping.
struct NumberText
{
    QString sign {}; // and "0x"
    QString digits {}; // before the point
    QString rest {};
    QString assembled(const FormatSpecification &specification) const;
};

// A finite number as e, f, g and their kin say; type 0 is the shortest text.
QString floatDigits(double number, char16_t type, qint64 precision, bool alternate, bool dotZero);
QString wholeDigits(quint64 number, char16_t type);

} // namespace hubkeep
