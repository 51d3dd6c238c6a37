// A hub's backups for a list: newest first, by day, searched and filtered.
//
// Rows are kept by id: what did not change keeps its place and its delegate. Ten thousand are set
// in a few milliseconds. GUI thread.

#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QVariant>
#include <QtQmlIntegration>

namespace hubkeep::desktop {

class BackupList : public QAbstractListModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("A hub has one.")
    // What is left of all by search and filter.
    Q_PROPERTY(int count READ shown NOTIFY countChanged)
    Q_PROPERTY(int total READ total NOTIFY countChanged)
    // Matches names, ids, sources and agents, in any case.
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(Filter filter READ filter WRITE setFilter NOTIFY filterChanged)

public:
    enum Filter { All, Automatic, Manual, Encrypted, NotVerified, Incomplete };
    Q_ENUM(Filter)

    enum Role {
        IdRole = Qt::UserRole,
        NameRole,
        DayRole, // "Saturday, 21 November 2026", what sections are made of
        CreatedRole, // as the API writes it
        SizeRole, // bytes
        AutomaticRole,
        ProtectedRole,
        VerifiedRole, // when; empty: never
        AgentsRole, // a list of names
        FailedAgentsRole,
        KindRole,
    };

    using QAbstractListModel::QAbstractListModel;

    // As GET /api/v1/backup gives them.
    void set(const QJsonArray &backups);

    int total() const { return int(m_all.size()); }
    int shown() const { return int(m_rows.size()); }
    QString search() const { return m_search; }
    void setSearch(const QString &text);
    Filter filter() const { return m_filter; }
    void setFilter(Filter filter);

    QDateTime newest() const; // invalid: there is none
    Q_INVOKABLE QString newestId() const { return m_all.isEmpty() ? QString() : m_all.first().id; }
    // The ids of those that are older than that one, newest first.
    Q_INVOKABLE QStringList olderThan(const QString &id) const;
    // The whole object of one of them; empty where there is none such.
    Q_INVOKABLE QJsonObject backup(const QString &id) const;

    // Where they lie, by agent in alphabetical order: {"agent", "count", "bytes", "newest",
    // "newestVerified"}, the times as the API writes them, "" where there is none. Filters do not
    // matter.
    Q_INVOKABLE QVariantList agents() const;
    // The sizes of the last `most` archives, oldest first: {"backupId", "created", "size"}.
    Q_INVOKABLE QVariantList sizes(int most) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();
    void searchChanged();
    void filterChanged();

private:
    struct Row
    {
        QString id;
        QDateTime created; // local
        QJsonObject json;
        QString haystack; // what the search looks at, folded

        bool operator==(const Row &other) const { return json == other.json; }
    };

    bool matches(const Row &row) const;
    void show();

    QList<Row> m_all;
    QList<int> m_rows; // places in m_all
    QString m_search;
    Filter m_filter = All;
};

} // namespace hubkeep::desktop
