// Glob patterns as people write them in exclude lists.
//
// A pattern matches the whole path relative to its source. `*` and `?` stay
// within a folder, `**` crosses folders, `[a-z]` and `[!a-z]` are sets, `\` takes
// the next character as it is. A pattern without a slash matches the last part of
// a path at any depth; a final slash makes it match folders only. Bytes, not
// characters: `?` is one byte of a name that is not ASCII.
//
// Plain values; any thread.

#pragma once

#include <QByteArray>
#include <QList>

namespace hubkeep {

bool globMatches(const QByteArray &pattern, const QByteArray &path, bool isFolder = false);

class GlobList
{
public:
    GlobList() = default;
    explicit GlobList(QList<QByteArray> patterns)
        : m_patterns(std::move(patterns))
    {
    }
    bool isEmpty() const { return m_patterns.isEmpty(); }

    // Whether any pattern matches path itself.
    bool matches(const QByteArray &path, bool isFolder = false) const;

    // Whether any pattern matches path or a folder above it, so that "photos"
    // selects everything in photos.
    bool matchesTree(const QByteArray &path, bool isFolder = false) const;

private:
    QList<QByteArray> m_patterns;
};

} // namespace hubkeep
