#!/usr/bin/env python3
"""Plants one violation of each rule in a small tree, and looks whether lint.py finds it there.

The tree is made afresh for each case, clean but for what is planted, so a rule that finds too much
fails here as well as one that finds nothing.
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LINT = Path(__file__).resolve().with_name("lint.py")

HEADER = "#pragma once\n"

CLEAN = {
    "CMakeLists.txt": "project(Sample)\n",
    "README.md": "Built with g++ and cmake.\n",
    "resources/packages.txt": "# why\ng++\ncmake  # a reason\n",
    "automation/core/result.h": HEADER + "#include <QString>\n",
    "automation/core/glob.cpp": '#include "automation/core/result.h"\n',
    "automation/template/parser.h": HEADER + '#include "automation/core/result.h"\n',
    "automation/engine/script.h": HEADER + '#include "automation/template/parser.h"\n',
    "integrations/backup/integration.json": '{"name": "backup", "after": []}\n',
    "integrations/backup/backupsource.h": HEADER + '#include "automation/core/result.h"\n',
    "integrations/backup/schedule.h": HEADER,
    "integrations/backup/archive/manifest.h": HEADER
        + '#include "integrations/backup/schedule.h"\n',
    "integrations/files/integration.json": '{"name": "files", "after": ["backup"]}\n',
    "integrations/files/walker.cpp": '#include "integrations/backup/backupsource.h"\n',
    "integrations/system/integration.json": '{"name": "system", "after": []}\n',
    "integrations/system/space.cpp": "#include <QStorageInfo>\n",
    "app/main.cpp": '#include "automation/engine/script.h"\n'
        '#include "integrations/backup/archive/manifest.h"\n',
    "tests/support/scratch.h": HEADER,
    "tests/backup/tst_manifest.cpp": '#include "integrations/backup/archive/manifest.h"\n'
        '#include "tests/support/scratch.h"\n#include "tst_manifest.moc"\n',
    "tests/data/odd.h": '#include "nowhere.h"\n',
}

# what is planted: file, content, and the line that has to name it
PLANTED = {
    "core includes an integration":
        ("automation/core/glob.cpp", '\n#include "integrations/backup/schedule.h"\n',
         "automation/core/glob.cpp:2: automation/core/ may include"),
    "core includes the engine":
        ("automation/core/glob.cpp", '#include "automation/engine/script.h"\n',
         "automation/core/glob.cpp:1: automation/core/ may include"),
    "template includes the engine":
        ("automation/template/lexer.cpp", '#include "automation/engine/script.h"\n',
         "automation/template/lexer.cpp:1: automation/template/ may include"),
    "the engine includes an integration":
        ("automation/engine/script.cpp", '#include "integrations/backup/backupsource.h"\n',
         "automation/engine/script.cpp:1: automation/engine/ may include"),
    "an integration includes the engine":
        ("integrations/files/walker.cpp", '#include "automation/engine/script.h"\n',
         "integrations/files/walker.cpp:1: an integration includes its own headers"),
    "an integration includes the app":
        ("integrations/files/walker.cpp", '#include "app/application.h"\n',
         "integrations/files/walker.cpp:1: an integration includes its own headers",
         "app/application.h"),
    "an integration uses one that it does not name":
        ("integrations/system/space.cpp", '#include "integrations/backup/backupsource.h"\n',
         "integrations/system/space.cpp:1: integrations/system/integration.json does not list"),
    "an integration uses more than an interface":
        ("integrations/files/walker.cpp", '#include "integrations/backup/schedule.h"\n',
         "integrations/files/walker.cpp:1: of another integration, only the interface headers"),
    "an integration uses the inside of another's folder":
        ("integrations/files/walker.cpp", '#include "integrations/backup/archive/manifest.h"\n',
         "integrations/files/walker.cpp:1: of another integration, only the interface headers"),
    "the app includes tests":
        ("app/main.cpp", '#include "tests/support/scratch.h"\n',
         "app/main.cpp:1: nothing but tests includes tests"),
    "an integration includes tests":
        ("integrations/files/walker.cpp", '#  include "tests/support/scratch.h"\n',
         "integrations/files/walker.cpp:1: nothing but tests includes tests"),
    "the window includes the app":
        ("qml/window.cpp", '#include "app/application.h"\n',
         "qml/window.cpp:1: qml/ may include", "app/application.h"),
    "an include from the file's own folder":
        ("integrations/files/walker.cpp", '#include "walker.h"\n',
         'integrations/files/walker.cpp:1: there is no "walker.h"', "integrations/files/walker.h"),
    "an include that climbs":
        ("integrations/files/walker.cpp", '#include "../backup/backupsource.h"\n',
         'integrations/files/walker.cpp:1: there is no "../backup/backupsource.h"'),
    "ours in angle brackets":
        ("integrations/files/walker.cpp", "#include <integrations/backup/schedule.h>\n",
         "integrations/files/walker.cpp:1: headers of ours are included with quotes"),
    "a header without its guard":
        ("app/application.h", "class Application;\n",
         "app/application.h:1: the header has no #pragma once"),
    "a file that has outgrown its room":
        ("app/main.cpp", "//\n" * 601, "app/main.cpp:601: 601 lines"),
    "a long QML file":
        ("qml/Main.qml", "//\n" * 601, "qml/Main.qml:601: 601 lines"),
    "a stranger at the top level":
        ("notes.txt", "", "notes.txt:1: this does not belong at the top level"),
    "a strange folder at the top level":
        ("scripts/go.sh", "", "scripts:1: this does not belong at the top level"),
    "somebody's home folder":
        ("resources/example.yaml", "path: " + "/".join(["", "home", "ann", "x"]) + "\n",
         "resources/example.yaml:1: "),
    "somebody's working folder":
        ("tests/end_to_end/run.sh", "\ncd " + "/".join(["", "work", "x"]) + "\n",
         "tests/end_to_end/run.sh:2: "),
    "an integration that describes itself wrongly":
        ("integrations/system/integration.json", '{"name": "system"}\n',
         "integrations/system/integration.json:1: every integration has this file"),
    "an integration that uses one that is not there":
        ("integrations/system/integration.json", '{"name": "system", "after": ["bakcup"]}\n',
         'integrations/system/integration.json:1: "after" names "bakcup"'),
    "a package without a reason":
        ("resources/packages.txt", "cmake\nmake\n",
         "resources/packages.txt:2: README.md does not say why make is needed"),
}


class LintFinds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, content in CLEAN.items():
            self.write(name, content)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def lint(self):
        done = subprocess.run([sys.executable, "-B", str(LINT), "--root", str(self.root)],
                              capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def test_nothing_in_a_clean_tree(self):
        status, lines, errors = self.lint()
        self.assertEqual((status, errors), (0, ""), lines)

    def test_nothing_in_what_building_leaves_behind(self):
        self.write("build/dev/generated.h", "")
        self.write("build-release/generated.h", "")
        self.write(".vscode/settings.json", "")
        self.assertEqual(self.lint()[0], 0)

    def test_each_planted_violation_and_only_that(self):
        for what, (name, content, expected, *headers) in PLANTED.items():
            with self.subTest(what):
                self.setUp()
                for header in headers:
                    self.write(header, HEADER)
                self.write(name, content)
                status, lines, _ = self.lint()
                self.assertEqual(status, 1, lines)
                self.assertEqual(len(lines), 1, lines)
                self.assertTrue(lines[0].startswith(expected), lines[0])

    def test_a_missing_readme_is_noted_and_no_problem(self):
        (self.root / "README.md").unlink()
        status, lines, _ = self.lint()
        self.assertEqual(status, 0, lines)
        self.assertTrue(lines[0].startswith("Note: there is no README.md"), lines)

    def test_ignored_files_are_left_alone_where_git_is(self):
        if not shutil.which("git"):
            self.skipTest("git is not installed")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.write(".gitignore", "/scratch.txt\n")
        self.write("scratch.txt", "")
        self.assertEqual(self.lint()[0], 0)
        self.write("stray.txt", "")
        self.assertEqual(self.lint()[1][0].split(":")[0], "stray.txt")


if __name__ == "__main__":
    unittest.main(verbosity=1)
