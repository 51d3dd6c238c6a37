// Python's datetime.strptime() in the C locale.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/timeparsing.h"

#include <QTimeZone>

namespace hubkeep::filters {
namespace {

constexpr const char *const monthNames[] = { "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december" };
constexpr const char *const dayNames[]
    = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };

class FormatReader
{
public:
    explicit FormatReader(const QString &text)
        : m_text(text)
    {
    }

    bool read(const QString &format)
    {
        for (qsizetype i = 0; i < format.size(); ++i) {
            if (isPythonSpace(format[i])) {
                while (i + 1 < format.size() && isPythonSpace(format[i + 1]))
                    ++i;
                if (!skipBlanks())
                    return false;
            } else if (format[i] != u'%') {
                if (!skip(format[i]))
                    return false;
            } else if (++i == format.size()) {
                m_problem = QStringLiteral("the format ends with a single %");
                return false;
            } else if (!directive(format[i])) {
                return false;
            }
        }
        return m_at == m_text.size();
    }

    const QString &problem() const { return m_problem; }

    std::optional<TemplateTime> time() const
    {
        const QDate day = date();
        int hour = m_hour;
        if (m_hour12 >= 0)
            hour = m_hour12 % 12 + (m_afternoon ? 12 : 0);
        if (!day.isValid() || !QTime::isValid(hour, m_minute, std::min(m_second, 59))
            || m_second > 59)
            return std::nullopt;
        const QTime clock(hour, m_minute, m_second, m_microseconds / 1000);
        TemplateTime result;
        result.naive = !m_offset;
        result.dateTime = m_offset.value_or(0) == 0
            ? QDateTime(day, clock, Qt::UTC)
            : QDateTime(day, clock, Qt::OffsetFromUTC, *m_offset);
        result.microseconds = m_microseconds % 1000;
        return result;
    }

private:
    QDate date() const
    {
        if (m_dayOfYear > 0 && m_month == 0) {
            const QDate found = QDate(m_year.value_or(1900), 1, 1).addDays(m_dayOfYear - 1);
            return found.year() == m_year.value_or(1900) ? found : QDate();
        }
        if (m_year && m_week >= 0 && m_weekDay >= 0 && m_month == 0)
            return dateOfWeek();
        return QDate(m_year.value_or(1900), m_month == 0 ? 1 : m_month, m_day == 0 ? 1 : m_day);
    }

    // The week's number counts from the year's first Monday, or Sunday.
    QDate dateOfWeek() const
    {
        const QDate newYear(*m_year, 1, 1);
        const int first = m_weekFromSunday ? newYear.dayOfWeek() % 7 : newYear.dayOfWeek() - 1;
        const int day = m_weekFromSunday ? (m_weekDay + 1) % 7 : m_weekDay;
        return newYear.addDays((7 - first) % 7 + 7 * (m_week - 1) + day);
    }

    bool skip(QChar wanted)
    {
        if (m_at < m_text.size() && m_text[m_at].toLower() == wanted.toLower()) {
            ++m_at;
            return true;
        }
        return false;
    }

    bool skipBlanks()
    {
        const qsizetype begin = m_at;
        while (m_at < m_text.size() && isPythonSpace(m_text[m_at]))
            ++m_at;
        return m_at > begin;
    }

    // As many digits as there are, at most so many, if the number is within the bounds.
    bool number(int &target, int digits, int low, int high)
    {
        qsizetype end = m_at;
        int value = 0;
        int best = -1;
        qsizetype bestEnd = m_at;
        while (end < m_text.size() && end - m_at < digits && m_text[end].isDigit()) {
            value = value * 10 + m_text[end++].digitValue();
            if (value >= low && value <= high) {
                best = value;
                bestEnd = end;
            }
        }
        if (best < 0)
            return false;
        target = best;
        m_at = bestEnd;
        return true;
    }

    template <size_t count>
    bool name(int &target, const char *const (&names)[count], qsizetype letters)
    {
        for (size_t i = 0; i < count; ++i) {
            const QString wanted = QString::fromLatin1(names[i]).left(letters);
            if (QStringView(m_text).sliced(m_at).startsWith(wanted, Qt::CaseInsensitive)) {
                target = int(i);
                m_at += wanted.size();
                return true;
            }
        }
        return false;
    }

    bool fraction()
    {
        qsizetype end = m_at;
        while (end < m_text.size() && end - m_at < 6 && m_text[end].isDigit())
            ++end;
        if (end == m_at)
            return false;
        m_microseconds = m_text.sliced(m_at, end - m_at).leftJustified(6, u'0').toInt();
        m_at = end;
        return true;
    }

    bool offset()
    {
        if (skip(u'z')) {
            m_offset = 0;
            return true;
        }
        if (m_at >= m_text.size() || (m_text[m_at] != u'+' && m_text[m_at] != u'-'))
            return false;
        const int sign = m_text[m_at++] == u'-' ? -1 : 1;
        int hours = 0;
        int minutes = 0;
        int seconds = 0;
        const qsizetype begin = m_at;
        if (!number(hours, 2, 0, 99) || m_at - begin != 2)
            return false;
        const bool colon = skip(u':');
        if (!number(minutes, 2, 0, 59))
            return false;
        if (m_at < m_text.size() && (!colon || m_text[m_at] == u':')) {
            const qsizetype before = m_at;
            if ((colon && !skip(u':')) || !number(seconds, 2, 0, 59))
                m_at = before;
        }
        m_offset = sign * (hours * 3600 + minutes * 60 + seconds);
        return hours < 24;
    }

    bool zoneName()
    {
        for (const char *const zone : { "utc", "gmt" }) {
            if (QStringView(m_text).sliced(m_at).startsWith(
                    QLatin1String(zone), Qt::CaseInsensitive)) {
                m_at += 3;
                return true;
            }
        }
        return false;
    }

    bool halfOfDay()
    {
        const QStringView rest = QStringView(m_text).sliced(m_at);
        m_afternoon = rest.startsWith(u"pm", Qt::CaseInsensitive);
        if (!m_afternoon && !rest.startsWith(u"am", Qt::CaseInsensitive))
            return false;
        m_at += 2;
        return true;
    }

    bool yearOfCentury()
    {
        int year = 0;
        const qsizetype begin = m_at;
        if (!number(year, 2, 0, 99) || m_at - begin != 2)
            return false;
        m_year = year + (year <= 68 ? 2000 : 1900);
        return true;
    }

    bool year()
    {
        int value = 0;
        const qsizetype begin = m_at;
        if (!number(value, 4, 0, 9999) || m_at - begin != 4)
            return false;
        m_year = value;
        return value > 0;
    }

    bool month(qsizetype letters)
    {
        if (!name(m_month, monthNames, letters))
            return false;
        ++m_month;
        return true;
    }

    bool directive(QChar letter)
    {
        switch (letter.unicode()) {
        case u'Y':
            return year();
        case u'y':
            return yearOfCentury();
        case u'm':
            return number(m_month, 2, 1, 12);
        case u'd':
            return number(m_day, 2, 1, 31);
        case u'H':
            return number(m_hour, 2, 0, 23);
        case u'I':
            return number(m_hour12, 2, 1, 12);
        case u'p':
            return halfOfDay();
        case u'M':
            return number(m_minute, 2, 0, 59);
        case u'S':
            return number(m_second, 2, 0, 61);
        case u'f':
            return fraction();
        case u'j':
            return number(m_dayOfYear, 3, 1, 366);
        case u'z':
            return offset();
        default:
            return rareDirective(letter);
        }
    }

    bool rareDirective(QChar letter)
    {
        switch (letter.unicode()) {
        case u'B':
            return month(9);
        case u'b':
            return month(3);
        case u'A':
            return name(m_weekDay, dayNames, 9);
        case u'a':
            return name(m_weekDay, dayNames, 3);
        case u'w': {
            int day = 0;
            if (!number(day, 1, 0, 6))
                return false;
            m_weekDay = (day + 6) % 7;
            return true;
        }
        case u'u':
            if (!number(m_weekDay, 1, 1, 7))
                return false;
            --m_weekDay;
            return true;
        case u'U':
        case u'W':
            m_weekFromSunday = letter == u'U';
            return number(m_week, 2, 0, 53);
        case u'Z':
            return zoneName();
        case u'%':
            return skip(u'%');
        case u'T':
        case u'X':
            return letter == u'X' && read(u"%H:%M:%S");
        case u'x':
            return read(u"%m/%d/%y");
        case u'c':
            return read(u"%a %b %d %H:%M:%S %Y");
        default:
            m_problem = QStringLiteral("there is no directive %%1").arg(letter);
            return false;
        }
    }

    // A part of the format, without asking for the end.
    bool read(QStringView part)
    {
        for (qsizetype i = 0; i < part.size(); ++i) {
            const bool fits = part[i] == u' ' ? skipBlanks()
                : part[i] == u'%'             ? directive(part[++i])
                                              : skip(part[i]);
            if (!fits)
                return false;
        }
        return true;
    }

    const QString &m_text;
    qsizetype m_at = 0;
    QString m_problem;
    std::optional<int> m_year;
    int m_month = 0;
    int m_day = 0;
    int m_dayOfYear = 0;
    int m_week = -1;
    int m_weekDay = -1; // from Monday
    bool m_weekFromSunday = false;
    int m_hour = 0;
    int m_hour12 = -1;
    bool m_afternoon = false;
    int m_minute = 0;
    int m_second = 0;
    int m_microseconds = 0;
    std::optional<int> m_offset;
};

} // namespace

std::optional<TemplateTime> parseByFormat(
    const QString &text, const QString &format, QString *problem)
{
    FormatReader reader(text);
    if (reader.read(format))
        return reader.time();
    *problem = reader.problem();
    return std::nullopt;
}

} // namespace hubkeep::filters
