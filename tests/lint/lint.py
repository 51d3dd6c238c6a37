#!/usr/bin/env python3
"""The rules of this tree that a program can check.

Who may include whom is the table ALLOWED; the rest are the functions check_*. Every problem is one
line, file:line: sentence, and any problem makes the exit status 1. selftest.py plants each kind and
looks whether it is found: a new rule needs a new line there.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

OURS = ("app", "automation", "integrations", "qml", "tests")

# By the folder that a file is in: the folders whose headers it may include. The first match counts;
# integrations are answered for in may_include(). Nobody may include tests but tests.
ALLOWED = (
    ("automation/core/", ("automation/core/",)),
    ("automation/template/", ("automation/template/", "automation/core/")),
    ("automation/engine/", ("automation/",)),
    ("app/", ("app/", "qml/", "integrations/", "automation/")),
    ("qml/", ("qml/",)),
    ("tests/", ("",)),
)

# What an integration shows to those that list it under "after" in their integration.json.
INTERFACE_HEADERS = ("agentbackup.h", "backupagent.h", "backupinfo.h", "backupmanager.h",
                     "backupsource.h")

TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "dev",
    "app", "automation", "integrations", "qml", "resources", "tests",
}  # and dotfiles

LONGEST_FILE = 600

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)')

# Somebody's home or working folder. Examples use /home/user or /home/you.
MACHINE_PATH = re.compile(
    r"(?<![\w./~-])/(?:home/(?!user\b|you\b)[a-z][\w-]*|Users/(?!you\b)\w+|root|work|workspace)/")


class Tree:
    """The files of a tree, without what building and editors leave in it, and what is wrong."""

    def __init__(self, root):
        self.root = root
        self.problems = []
        self.files = sorted(self._list())

    def _list(self):
        # Git knows what is ignored. A tree without it is as it was unpacked, plus build/.
        if (self.root / ".git").exists():
            try:
                listed = subprocess.run(
                    ["git", "-c", f"safe.directory={self.root}", "-C", str(self.root),
                     "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                    check=True, capture_output=True).stdout
                paths = [Path(name.decode(errors="surrogateescape"))
                         for name in listed.split(b"\0") if name]
                return [path for path in paths if (self.root / path).is_file()]
            except (OSError, subprocess.CalledProcessError):
                pass  # no git here, or it does not trust this tree's owner
        return [path.relative_to(self.root) for path in self.root.rglob("*")
                if path.is_file() and not self._left_behind(path.relative_to(self.root))]

    @staticmethod
    def _left_behind(path):
        top = path.parts[0]
        return (top in (".git", ".cache", ".idea", ".vscode", "build", "compile_commands.json",
                        "CMakeUserPresets.json")
                or top.startswith("build-") or "__pycache__" in path.parts)

    def lines(self, path):
        """The lines of a text file; none of a binary one."""
        content = (self.root / path).read_bytes()
        try:
            return [] if b"\0" in content else content.decode().splitlines()
        except UnicodeDecodeError:
            return []

    def sources(self, *suffixes):
        # tests/data holds material, which no rule of ours is about.
        return [path for path in self.files if path.suffix in suffixes
                and path.parts[0] in OURS and path.parts[:2] != ("tests", "data")]

    def problem(self, path, line, sentence):
        self.problems.append((path.as_posix(), line, sentence))


def after_of(tree, integration):
    """The integrations that this one may use, or None if its integration.json does not say."""
    try:
        described = json.loads((tree.root / "integrations" / integration / "integration.json")
                               .read_text())
        return [str(name) for name in described["after"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def may_include(tree, source, included):
    """None if source may include included, else the sentence that says why not."""
    parts = source.split("/")
    if parts[0] != "tests" and included.startswith("tests/"):
        return "nothing but tests includes tests."

    if parts[0] == "integrations" and len(parts) > 2:
        own = f"integrations/{parts[1]}/"
        if included.startswith((own, "automation/core/", "automation/template/")):
            return None
        other = included.split("/")
        if other[0] != "integrations" or len(other) < 3:
            return (f"an integration includes its own headers and those of automation/core and "
                    f"automation/template, not {included}.")
        if other[1] not in (after_of(tree, parts[1]) or []):
            return (f"{own}integration.json does not list \"{other[1]}\" under \"after\", so "
                    f"{included} is out of reach.")
        if len(other) != 3 or other[2] not in INTERFACE_HEADERS:
            return (f"of another integration, only the interface headers "
                    f"({', '.join(INTERFACE_HEADERS)}) may be included, not {included}.")
        return None

    for folder, allowed in ALLOWED:
        if source.startswith(folder):
            if included.startswith(allowed):
                return None
            return f"{folder} may include {' and '.join(allowed)}, not {included}."
    return f"{source} is in none of the layers, so it may include nothing of ours."


def check_includes(tree):
    known = set(path.as_posix() for path in tree.files)
    for path in tree.sources(".h", ".cpp"):
        for number, line in enumerate(tree.lines(path), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quoted, angled = found.groups()
            if angled is not None:
                if angled.startswith(tuple(folder + "/" for folder in OURS)):
                    tree.problem(path, number, f'headers of ours are included with quotes: '
                                               f'"{angled}".')
                continue
            if quoted.endswith(".moc") or re.fullmatch(r"moc_\w+\.cpp", quoted):
                continue
            if quoted not in known:
                tree.problem(path, number,
                             f'there is no "{quoted}" below the root of the repository, where '
                             f"includes are written from; those of libraries take <>.")
                continue
            sentence = may_include(tree, path.as_posix(), quoted)
            if sentence:
                tree.problem(path, number, sentence)


def check_pragma_once(tree):
    for path in tree.sources(".h"):
        if not any(line.strip() == "#pragma once" for line in tree.lines(path)):
            tree.problem(path, 1, "the header has no #pragma once.")


def check_length(tree):
    for path in tree.sources(".h", ".cpp", ".qml"):
        length = len(tree.lines(path))
        if length > LONGEST_FILE:
            tree.problem(path, LONGEST_FILE + 1,
                         f"{length} lines are more than {LONGEST_FILE}; find the seam to split "
                         f"this file at.")


def check_top_level(tree):
    seen = set()
    for path in tree.files:
        top = path.parts[0]
        if top not in TOP_LEVEL and not top.startswith(".") and top not in seen:
            seen.add(top)
            tree.problem(Path(top), 1, "this does not belong at the top level, which has only "
                                       f"{', '.join(sorted(TOP_LEVEL))} and dotfiles.")


def check_machine_paths(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            found = MACHINE_PATH.search(line)
            if found:
                tree.problem(path, number, f"{found.group()} is a folder of one machine; write a "
                                           f"relative path, or /home/you in an example.")


def check_integrations(tree):
    folders = {path.parts[1] for path in tree.files
               if path.parts[0] == "integrations" and len(path.parts) > 2}
    for folder in sorted(folders):
        description = Path("integrations", folder, "integration.json")
        after = after_of(tree, folder)
        if after is None:
            tree.problem(description, 1, 'every integration has this file: an object with "name", '
                                         '"description" and "after", a list.')
            continue
        for other in after:
            if other not in folders:
                tree.problem(description, 1, f'"after" names "{other}", which is no folder of '
                                             f"integrations.")


def check_packages(tree):
    """Each package's reason is in the README."""
    packages = Path("resources/packages.txt")
    readme = Path("README.md")
    if packages not in tree.files:
        tree.problem(packages, 1, "the list of packages is missing.")
        return
    if readme not in tree.files:
        print("Note: there is no README.md yet, which has to say why each package is needed.")
        return
    text = "\n".join(tree.lines(readme))
    for number, line in enumerate(tree.lines(packages), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        # Not as a part of another name: zip is not named by unzip, nor g++ by libg++.
        named = re.compile(rf"(?<![\w+.-]){re.escape(words[0])}(?![\w+-])(?!\.\w)")
        if not named.search(text):
            tree.problem(packages, number, f"README.md does not say why {words[0]} is needed.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2],
                        help="the tree to check (default: the one that this file is in)")
    tree = Tree(parser.parse_args().root.resolve())

    for name, check in sorted(globals().items()):
        if name.startswith("check_"):
            check(tree)

    for path, line, sentence in sorted(tree.problems):
        print(f"{path}:{line}: {sentence}")
    if tree.problems:
        print(f"lint: {len(tree.problems)} problem(s) in {len(tree.files)} files.",
              file=sys.stderr)
        return 1
    print(f"lint: {len(tree.files)} files are fine.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
