// The lists of a JSON document, where they are too long to be held.
//
// The first list goes to standard output as it comes, the others wait in temporary
// files. Nothing happens without --json.
//
//     JsonLists lists(context, { "added", "removed" });
//     lists.add(1, row);
//     lists.close();
//     context.printJson({ { "total", 1 } }); // or context.fail(error): it ends the document

#pragma once

#include "app/cli/command.h"
#include "integrations/backup/archive/spoolfile.h"

#include <initializer_list>
#include <optional>
#include <vector>

namespace hubkeep::cli {

class JsonLists
{
public:
    JsonLists(const Context &context, std::initializer_list<const char *> keys);

    Result<void> add(size_t list, const QJsonObject &row);

    // Prints what waits.
    Result<void> close();

    // Ends the document with the error; returns its exit code.
    int fail(const Error &error);

private:
    struct List
    {
        const char *key;
        bool isEmpty = true;
        std::optional<backup::SpoolFile> spool; // not for the first
    };

    void begin();
    Result<void> printSpool(List &list);

    const Context &m_context;
    std::vector<List> m_lists;
    bool m_begun = false;
};

} // namespace hubkeep::cli
