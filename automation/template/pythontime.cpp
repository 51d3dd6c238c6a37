#include "automation/template/pythontime.h"

#include "automation/template/valuetext.h"

#include <QLocale>

#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;
using operations::Arithmetic;
using std::chrono::microseconds;
using namespace std::chrono_literals;

constexpr qint64 microsecondsPerDay = 86'400'000'000;
constexpr qint64 longestDuration = 100'000'000 * microsecondsPerDay;
constexpr qint64 tooLong = longestDuration + 1;

// What the clock on the wall shows, as microseconds since 1970.
qint64 wallClock(const TemplateTime &time)
{
    const QDateTime shown(time.dateTime.date(), time.dateTime.time(), Qt::UTC);
    return shown.toMSecsSinceEpoch() * 1000 + time.microseconds;
}

qint64 floorDivided(qint64 value, qint64 by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

TemplateValue outOfRange(TemplateRendering &rendering)
{
    return rendering.fail(QStringLiteral("the time is out of range: years go from 1 to 9999"));
}

TemplateValue atWallClock(TemplateRendering &rendering, const TemplateTime &like, qint64 shown)
{
    const qint64 milliseconds = floorDivided(shown, 1000);
    const QDateTime wall = QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC);
    if (wall.date().year() < 1 || wall.date().year() > 9999)
        return outOfRange(rendering);
    TemplateTime moved = like;
    moved.dateTime.setDate(wall.date());
    moved.dateTime.setTime(wall.time());
    moved.microseconds = int(shown - milliseconds * 1000);
    return moved;
}

TemplateValue duration(TemplateRendering &rendering, qint64 count)
{
    if (count > longestDuration || count < -longestDuration)
        return rendering.fail(QStringLiteral("a duration is longer than 100000000 days"));
    return microseconds(count);
}

TemplateValue duration(TemplateRendering &rendering, double count)
{
    if (!(std::abs(count) <= double(longestDuration)))
        return rendering.fail(QStringLiteral("a duration is longer than 100000000 days"));
    return microseconds(qint64(std::nearbyint(count)));
}

bool sameZone(const TemplateTime &a, const TemplateTime &b)
{
    if (a.dateTime.timeSpec() != b.dateTime.timeSpec())
        return false;
    switch (a.dateTime.timeSpec()) {
    case Qt::TimeZone:
        return a.dateTime.timeZone() == b.dateTime.timeZone();
    case Qt::OffsetFromUTC:
        return a.dateTime.offsetFromUtc() == b.dateTime.offsetFromUtc();
    default:
        return true;
    }
}

TemplateValue between(
    TemplateRendering &rendering, const TemplateTime &later, const TemplateTime &earlier)
{
    if (later.naive != earlier.naive)
        return rendering.fail(QStringLiteral(
            "can't subtract offset-naive and offset-aware datetimes; one of them has "
            "no time zone (as_local gives it one)"));
    if (later.naive || sameZone(later, earlier))
        return microseconds(wallClock(later) - wallClock(earlier));
    return microseconds(
        (later.dateTime.toMSecsSinceEpoch() - earlier.dateTime.toMSecsSinceEpoch()) * 1000
        + later.microseconds - earlier.microseconds);
}

TemplateValue daysLater(TemplateRendering &rendering, QDate date, qint64 span)
{
    const QDate moved = date.addDays(floorDivided(span, microsecondsPerDay));
    return moved.year() < 1 || moved.year() > 9999 ? outOfRange(rendering) : TemplateValue(moved);
}

std::optional<TemplateValue> durations(
    TemplateRendering &rendering, Arithmetic operation, qint64 left, qint64 right)
{
    qint64 sum = 0;
    switch (operation) {
    case Arithmetic::Add:
        return __builtin_add_overflow(left, right, &sum) ? duration(rendering, tooLong)
                                                         : duration(rendering, sum);
    case Arithmetic::Subtract:
        return __builtin_sub_overflow(left, right, &sum) ? duration(rendering, tooLong)
                                                         : duration(rendering, sum);
    case Arithmetic::Divide:
        return operations::arithmetic(rendering, operation, left, right);
    case Arithmetic::FloorDivide:
        return operations::arithmetic(rendering, operation, left, right);
    case Arithmetic::Modulo: {
        const TemplateValue rest = operations::arithmetic(rendering, operation, left, right);
        return rest.isUndefined() ? rest : TemplateValue(microseconds(rest.toInteger()));
    }
    default:
        return std::nullopt;
    }
}

std::optional<TemplateValue> scaled(
    TemplateRendering &rendering, Arithmetic operation, qint64 span, const TemplateValue &number)
{
    if (operation == Arithmetic::Multiply) {
        qint64 product = 0;
        if (number.kind() == Kind::Float)
            return duration(rendering, double(span) * number.toDouble());
        if (__builtin_mul_overflow(span, number.toInteger(), &product))
            return duration(rendering, tooLong);
        return duration(rendering, product);
    }
    if (operation == Arithmetic::Divide) {
        if (number.toDouble() == 0)
            return rendering.fail(QStringLiteral("division by zero"));
        return duration(rendering, double(span) / number.toDouble());
    }
    if (operation == Arithmetic::FloorDivide && number.kind() != Kind::Float) {
        const TemplateValue result
            = operations::arithmetic(rendering, operation, span, number.toInteger());
        return result.isUndefined() ? result : TemplateValue(microseconds(result.toInteger()));
    }
    return std::nullopt;
}

bool isNumeric(const TemplateValue &value)
{
    return value.kind() >= Kind::Boolean && value.kind() <= Kind::Float;
}

// Writes what directives say.
class TimeWriter
{
public:
    TimeWriter(const TemplateTime &time, bool hasZone)
        : m_time(time)
        , m_date(time.dateTime.date())
        , m_clock(time.dateTime.time())
        , m_hasZone(hasZone)
    {
    }
    QString write(const QString &format) const;

private:
    bool directive(QChar code, QString &out) const;
    bool dateDirective(QChar code, QString &out) const;
    bool clockDirective(QChar code, QString &out) const;
    static QString padded(qint64 number, int width, QChar fill = u'0')
    {
        return QString::number(number).rightJustified(width, fill);
    }
    int week(int firstWeekday) const // of the year; what is before the first such day is 0
    {
        const int behind = (m_date.dayOfWeek() % 7 - firstWeekday + 7) % 7;
        return (m_date.dayOfYear() - 1 + 7 - behind) / 7;
    }

    const TemplateTime &m_time;
    const QDate m_date;
    const QTime m_clock;
    const bool m_hasZone;
};

bool TimeWriter::dateDirective(QChar code, QString &out) const
{
    const QLocale locale = QLocale::c();
    int isoYear = 0;
    switch (code.unicode()) {
    case u'a':
        out += locale.dayName(m_date.dayOfWeek(), QLocale::ShortFormat);
        return true;
    case u'A':
        out += locale.dayName(m_date.dayOfWeek());
        return true;
    case u'b':
    case u'h':
        out += locale.monthName(m_date.month(), QLocale::ShortFormat);
        return true;
    case u'B':
        out += locale.monthName(m_date.month());
        return true;
    case u'C':
        out += padded(m_date.year() / 100, 2);
        return true;
    case u'd':
        out += padded(m_date.day(), 2);
        return true;
    case u'e':
        out += padded(m_date.day(), 2, u' ');
        return true;
    case u'g':
        m_date.weekNumber(&isoYear);
        out += padded(isoYear % 100, 2);
        return true;
    case u'G':
        m_date.weekNumber(&isoYear);
        out += QString::number(isoYear);
        return true;
    case u'j':
        out += padded(m_date.dayOfYear(), 3);
        return true;
    case u'm':
        out += padded(m_date.month(), 2);
        return true;
    case u'u':
        out += QString::number(m_date.dayOfWeek());
        return true;
    case u'U':
        out += padded(week(0), 2);
        return true;
    case u'V':
        out += padded(m_date.weekNumber(), 2);
        return true;
    case u'w':
        out += QString::number(m_date.dayOfWeek() % 7);
        return true;
    case u'W':
        out += padded(week(1), 2);
        return true;
    case u'y':
        out += padded(m_date.year() % 100, 2);
        return true;
    case u'Y':
        out += QString::number(m_date.year());
        return true;
    default:
        return false;
    }
}

bool TimeWriter::clockDirective(QChar code, QString &out) const
{
    const int hour12 = (m_clock.hour() + 11) % 12 + 1;
    switch (code.unicode()) {
    case u'f':
        out += padded(m_clock.msec() * 1000 + m_time.microseconds, 6);
        return true;
    case u'H':
        out += padded(m_clock.hour(), 2);
        return true;
    case u'I':
        out += padded(hour12, 2);
        return true;
    case u'k':
        out += padded(m_clock.hour(), 2, u' ');
        return true;
    case u'l':
        out += padded(hour12, 2, u' ');
        return true;
    case u'M':
        out += padded(m_clock.minute(), 2);
        return true;
    case u'p':
        out += m_clock.hour() < 12 ? QLatin1String("AM") : QLatin1String("PM");
        return true;
    case u'P':
        out += m_clock.hour() < 12 ? QLatin1String("am") : QLatin1String("pm");
        return true;
    case u's':
        out += QString::number(m_time.dateTime.toSecsSinceEpoch());
        return true;
    case u'S':
        out += padded(m_clock.second(), 2);
        return true;
    case u'z':
        if (m_hasZone)
            out += offsetText(m_time.dateTime.offsetFromUtc(), false);
        return true;
    case u'Z':
        if (m_hasZone)
            out += zoneName(m_time);
        return true;
    default:
        return false;
    }
}

bool TimeWriter::directive(QChar code, QString &out) const
{
    switch (code.unicode()) {
    case u'c':
        out += write(QStringLiteral("%a %b %e %H:%M:%S %Y"));
        return true;
    case u'D':
    case u'x':
        out += write(QStringLiteral("%m/%d/%y"));
        return true;
    case u'F':
        out += write(QStringLiteral("%Y-%m-%d"));
        return true;
    case u'n':
        out += u'\n';
        return true;
    case u'r':
        out += write(QStringLiteral("%I:%M:%S %p"));
        return true;
    case u'R':
        out += write(QStringLiteral("%H:%M"));
        return true;
    case u't':
        out += u'\t';
        return true;
    case u'T':
    case u'X':
        out += write(QStringLiteral("%H:%M:%S"));
        return true;
    case u'%':
        out += u'%';
        return true;
    default:
        return dateDirective(code, out) || clockDirective(code, out);
    }
}

QString TimeWriter::write(const QString &format) const
{
    QString out;
    for (qsizetype i = 0; i < format.size(); ++i) {
        if (format[i] != u'%' || i + 1 >= format.size()) {
            out += format[i];
            continue;
        }
        QChar code = format[++i];
        const bool bare = code == u'-' && i + 1 < format.size(); // without zeros or blanks
        if (bare)
            code = format[++i];
        QString text;
        if (!directive(code, text)) {
            out += bare ? QStringLiteral("%-") + code : QStringLiteral("%") + code;
            continue;
        }
        while (bare && text.size() > 1 && (text[0] == u'0' || text[0] == u' '))
            text.remove(0, 1);
        out += text;
    }
    return out;
}

} // namespace

std::optional<TemplateValue> timeArithmetic(TemplateRendering &rendering, Arithmetic operation,
    const TemplateValue &left, const TemplateValue &right)
{
    const bool adds = operation == Arithmetic::Add;
    const bool subtracts = operation == Arithmetic::Subtract;
    if (right.kind() == Kind::Duration && (adds || subtracts)) {
        if (std::abs(right.duration() / 1h) > longestDuration / microsecondsPerDay * 24)
            return outOfRange(rendering);
        const qint64 span = subtracts ? -right.toInteger() : right.toInteger();
        if (left.kind() == Kind::DateTime)
            return atWallClock(rendering, left.time(), wallClock(left.time()) + span);
        if (left.kind() == Kind::Date)
            return daysLater(rendering, left.date(), span);
    }
    if (left.kind() == Kind::Duration && adds
        && (right.kind() == Kind::DateTime || right.kind() == Kind::Date))
        return timeArithmetic(rendering, operation, right, left);
    if (subtracts && left.kind() == Kind::DateTime && right.kind() == Kind::DateTime)
        return between(rendering, left.time(), right.time());
    if (subtracts && left.kind() == Kind::Date && right.kind() == Kind::Date)
        return microseconds(right.date().daysTo(left.date()) * microsecondsPerDay);
    if (left.kind() == Kind::Duration && right.kind() == Kind::Duration)
        return durations(rendering, operation, left.toInteger(), right.toInteger());
    if (left.kind() == Kind::Duration && isNumeric(right))
        return scaled(rendering, operation, left.toInteger(), right);
    if (right.kind() == Kind::Duration && isNumeric(left) && operation == Arithmetic::Multiply)
        return scaled(rendering, operation, right.toInteger(), left);
    return std::nullopt;
}

double secondsSinceEpoch(const TemplateTime &time, const QTimeZone &zone)
{
    QDateTime when = time.dateTime;
    if (time.naive)
        when = QDateTime(when.date(), when.time(), zone);
    const qint64 count = when.toMSecsSinceEpoch() * 1000 + time.microseconds;
    return double(count) / 1e6;
}

QString zoneName(const TemplateTime &time)
{
    const QDateTime &when = time.dateTime;
    if (when.timeSpec() == Qt::UTC || when.timeZone() == QTimeZone::utc())
        return QStringLiteral("UTC");
    if (when.timeSpec() == Qt::OffsetFromUTC)
        return QStringLiteral("UTC") + offsetText(when.offsetFromUtc());
    return when.timeZone().abbreviation(when);
}

QString strftime(const TemplateTime &time, const QString &format)
{
    return TimeWriter(time, !time.naive).write(format);
}

QString strftime(QDate date, const QString &format)
{
    const TemplateTime midnight { QDateTime(date, QTime(0, 0), Qt::UTC), 0, true };
    return TimeWriter(midnight, false).write(format);
}

QString strftime(QTime time, const QString &format)
{
    const TemplateTime when { QDateTime(QDate(1900, 1, 1), time, Qt::UTC), 0, true };
    return TimeWriter(when, false).write(format);
}

} // namespace hubkeep
