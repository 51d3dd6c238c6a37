#include "automation/core/glob.h"

#include <vector>

namespace hubkeep {
namespace {

enum class TokenKind { Byte, AnyByte, Set, Star, StarStar, StarStarSlash };

struct Token
{
    TokenKind kind;
    char byte = 0;
    QByteArray set; // pairs of first and last byte
    bool negated = false;
};

// Reads "[a-z]" from pattern at i (which stands on '['); false when it is not closed.
bool readSet(const QByteArray &pattern, qsizetype &i, Token &token)
{
    qsizetype j = i + 1;
    token.negated = j < pattern.size() && (pattern[j] == '!' || pattern[j] == '^');
    if (token.negated)
        ++j;
    const qsizetype first = j;
    for (; j < pattern.size() && (pattern[j] != ']' || j == first); ++j) {
        const char from = pattern[j];
        char to = from;
        if (j + 2 < pattern.size() && pattern[j + 1] == '-' && pattern[j + 2] != ']') {
            to = pattern[j + 2];
            j += 2;
        }
        token.set.append(from).append(to);
    }
    if (j >= pattern.size())
        return false;
    i = j;
    return true;
}

std::vector<Token> tokenize(const QByteArray &pattern)
{
    std::vector<Token> tokens;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        Token token { TokenKind::Byte, pattern[i], {} };
        if (pattern[i] == '*') {
            token.kind = TokenKind::Star;
            if (i + 1 < pattern.size() && pattern[i + 1] == '*') {
                ++i;
                token.kind = TokenKind::StarStar;
                if (i + 1 < pattern.size() && pattern[i + 1] == '/') {
                    ++i; // "**/" also matches nothing at all: "**/x" finds "x"
                    token.kind = TokenKind::StarStarSlash;
                }
            }
        } else if (pattern[i] == '?') {
            token.kind = TokenKind::AnyByte;
        } else if (pattern[i] == '[') {
            Token set { TokenKind::Set, 0, {} };
            if (readSet(pattern, i, set))
                token = std::move(set); // else '[' stands for itself
        } else if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            token.byte = pattern[++i];
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

bool inSet(const Token &token, char c)
{
    const auto byte = static_cast<unsigned char>(c);
    bool found = false;
    for (qsizetype i = 0; i + 1 < token.set.size(); i += 2) {
        found = found
            || (byte >= static_cast<unsigned char>(token.set[i])
                && byte <= static_cast<unsigned char>(token.set[i + 1]));
    }
    return c != '/' && found != token.negated;
}

// The set of reachable pattern positions, advanced one byte of the path at a
// time: linear in path x pattern, whatever the pattern (no backtracking).
class Matcher
{
public:
    explicit Matcher(std::vector<Token> tokens)
        : m_tokens(std::move(tokens))
    {
    }

    bool matches(const QByteArray &path) const
    {
        std::vector<char> now(m_tokens.size() + 1, 0);
        reach(now, 0, true);
        for (qsizetype i = 0; i < path.size(); ++i)
            now = advance(now, path[i]);
        return now.back();
    }

private:
    // Marks position and all that it reaches without reading a byte.
    void reach(std::vector<char> &positions, size_t position, bool atPartStart) const
    {
        if (positions[position])
            return;
        positions[position] = 1;
        if (position == m_tokens.size())
            return;
        const TokenKind kind = m_tokens[position].kind;
        if (kind == TokenKind::Star || kind == TokenKind::StarStar
            || (kind == TokenKind::StarStarSlash && atPartStart))
            reach(positions, position + 1, atPartStart);
    }

    std::vector<char> advance(const std::vector<char> &now, char c) const
    {
        std::vector<char> next(now.size(), 0);
        for (size_t p = 0; p < m_tokens.size(); ++p) {
            if (!now[p])
                continue;
            const Token &token = m_tokens[p];
            switch (token.kind) {
            case TokenKind::Byte:
                if (token.byte == c)
                    reach(next, p + 1, c == '/');
                break;
            case TokenKind::AnyByte:
                if (c != '/')
                    reach(next, p + 1, false);
                break;
            case TokenKind::Set:
                if (inSet(token, c))
                    reach(next, p + 1, false);
                break;
            case TokenKind::Star:
                if (c != '/')
                    reach(next, p, false);
                break;
            case TokenKind::StarStar:
                reach(next, p, c == '/');
                break;
            case TokenKind::StarStarSlash:
                next[p] = 1;
                if (c == '/')
                    reach(next, p + 1, true);
                break;
            }
        }
        return next;
    }

    std::vector<Token> m_tokens;
};

} // namespace

bool globMatches(const QByteArray &pattern, const QByteArray &path, bool isFolder)
{
    QByteArray p = pattern;
    if (p.endsWith('/')) {
        if (!isFolder)
            return false;
        p.chop(1);
    }
    const bool anyDepth = !p.contains('/');
    if (p.startsWith('/'))
        p.remove(0, 1);
    const QByteArray subject = anyDepth ? path.mid(path.lastIndexOf('/') + 1) : path;
    return Matcher(tokenize(p)).matches(subject);
}

bool GlobList::matches(const QByteArray &path, bool isFolder) const
{
    return std::any_of(m_patterns.begin(), m_patterns.end(),
        [&](const QByteArray &p) { return globMatches(p, path, isFolder); });
}

bool GlobList::matchesTree(const QByteArray &path, bool isFolder) const
{
    if (matches(path, isFolder))
        return true;
    for (qsizetype slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        if (matches(path.left(slash), true))
            return true;
    }
    return false;
}

} // namespace hubkeep
