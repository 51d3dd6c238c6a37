#include "app/bytecount.h"

#include <QRegularExpression>

namespace hubkeep {

std::optional<qint64> parseByteCount(const QString &text)
{
    static const QRegularExpression pattern(
        QStringLiteral("\\A(\\d{1,18})(?:\\.(\\d{1,3}))?\\s*([KMGT]?)(?:i?B)?\\z"),
        QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = pattern.match(text.trimmed());
    if (!match.hasMatch())
        return {};
    const QString unit = match.captured(3).toUpper();
    const int power = unit.isEmpty() ? 0 : int(QStringLiteral("KMGT").indexOf(unit)) + 1;
    const double written
        = (match.captured(1) + u'.' + match.captured(2) + u'0').toDouble(); // "2" is "2.0"
    const double bytes = written * double(qint64(1) << (10 * power));
    if (bytes > double(qint64(1) << 61))
        return {};
    return qint64(bytes);
}

} // namespace hubkeep
