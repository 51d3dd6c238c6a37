#!/bin/sh
# Makes the golden archives of a format version with a given hubkeep:
#
#     tests/data/golden/make_golden.sh build/dev/bin/hubkeep v1
#
# A golden archive that was released is never made again: it is the proof that what people have on
# their disks can still be read. A new version of the format gets new ones, under its own name. So
# this refuses to write over one that is there.
#
# Beside each v1-NAME.zip lies v1-NAME.json: what has to come out of it, taken from the files that
# went in, and not from the archive.
set -eu

hubkeep=$(realpath "$1")
version=$2
target=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT

for name in files database; do
    if [ -e "$target/$version-$name.zip" ]; then
        echo "$target/$version-$name.zip is there; a golden archive is never made again." >&2
        exit 1
    fi
done

python3 - "$work" <<'PYTHON'
import os
import random
import sqlite3
import sys

work = sys.argv[1].encode()
files = os.path.join(work, b"files")
os.makedirs(os.path.join(files, b"folder", b"empty"))


def write(name, content, mode, time):
    path = os.path.join(files, name)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)
    os.utime(path, ns=(time, time))
    return path


second = 1_000_000_000
write(b"text.txt", b"HubKeep keeps this.\n" * 40, 0o644, 1_600_000_000 * second + 123_456_789)
write(b"nothing", b"", 0o400, 1_600_000_001 * second + 1)
write(b"short", b"x", 0o607, 1_600_000_002 * second)
write(b"random", random.Random(1).randbytes(5000), 0o751, 1_600_000_003 * second + 999_999_999)
write(b"before-1970", b"an old file\n", 0o600, -86_400 * second + 5)
write(b"after-2038", b"a file of the future\n", 0o600, 4_000_000_000 * second + 6)
write("umläut ☂.txt".encode(), b"a name that is not ASCII\n", 0o644, 1_600_000_004 * second)
write(b"latin-\xe4\xff", b"a name that is not UTF-8\n", 0o644, 1_600_000_005 * second)
write(b"new\nline", b"a name of two lines\n", 0o644, 1_600_000_006 * second)
large = b"".join(b"%07d: this compresses well, and takes two chunks\n" % (i % 100)
                 for i in range(22_000))
write(b"large.log", large, 0o640, 1_600_000_007 * second + 7)
first = write(b"folder/hard-1", b"one file, two names\n" * 5, 0o644, 1_600_000_008 * second + 8)
os.link(first, os.path.join(files, b"folder", b"hard-2"))
os.symlink(b"folder/hard-1", os.path.join(files, b"symlink"))
os.symlink(b"/nowhere/\xff at all", os.path.join(files, b"dangling"))
attributes = write(b"attributes", b"has extended attributes\n", 0o644, 1_600_000_009 * second)
os.setxattr(attributes, b"user.comment", b"kept \x00\xff too")
os.setxattr(attributes, b"user.empty", b"")

path = os.path.join(files, b"things.db")
with sqlite3.connect(path) as database:
    database.execute("CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT)")
    database.executemany("INSERT INTO things(name) VALUES (?)",
                         [("thing %d" % i,) for i in range(500)])
database.close()
os.chmod(path, 0o644)
os.utime(path, ns=(1_600_000_010 * second, 1_600_000_010 * second))

for path in (os.path.join(files, b"symlink"), os.path.join(files, b"dangling")):
    time = 1_600_000_011 * second + 11
    os.utime(path, ns=(time, time), follow_symlinks=False)
for number, name in enumerate((b"folder/empty", b"folder", b"")):
    path = os.path.join(files, name)
    os.chmod(path, 0o755 if not name else 0o700 + number)
    time = (1_600_000_020 + number) * second + number
    os.utime(path, ns=(time, time))

# A database of its own, large enough for two chunks, with a log that holds a part of it.
alone = os.path.join(work, b"alone")
os.mkdir(alone)
database = sqlite3.connect(os.path.join(alone, b"alone.db"), isolation_level=None)
database.execute("PRAGMA page_size = 8192")
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA wal_autocheckpoint = 0")
database.execute("CREATE TABLE lines(id INTEGER PRIMARY KEY, line TEXT)")
database.execute("BEGIN")
database.executemany("INSERT INTO lines(line) VALUES (?)",
                     [("the same line again and again, line after line",)] * 20_000)
database.execute("COMMIT")
os.chmod(os.path.join(alone, b"alone.db"), 0o660)
time = 1_600_000_030 * second + 30
os.utime(os.path.join(alone, b"alone.db"), ns=(time, time))
# Not closed: the log stays beside it, as a program that was killed would leave it.
os._exit(0)
PYTHON

backup() {
    "$hubkeep" backup --source "$1" --output "$work/out-$2" --name "golden $2" >/dev/null
    mv "$work/out-$2"/backup-*.zip "$target/$version-$2.zip"
    chmod 644 "$target/$version-$2.zip"
}
backup "$work/files" files
backup "$work/alone/alone.db" database

python3 - "$work" "$target/$version" <<'PYTHON'
import base64
import hashlib
import json
import os
import sqlite3
import stat
import sys

work, prefix = sys.argv[1].encode(), sys.argv[2]
CHUNK = 1 << 20


def text_or_base64(key, name):
    try:
        return {key: name.decode()}
    except UnicodeDecodeError:
        return {key + "_base64": base64.b64encode(name).decode()}


def describe(name, path, links):
    status = os.lstat(path)
    entry = text_or_base64("name", name)
    entry.update(mode=status.st_mode, mtime=status.st_mtime_ns // 1_000_000_000,
                 mtime_ns=status.st_mtime_ns % 1_000_000_000)
    if stat.S_ISDIR(status.st_mode):
        entry["type"] = "directory"
        return entry
    if stat.S_ISLNK(status.st_mode):
        entry["type"] = "symlink"
        entry.update(text_or_base64("target", os.readlink(path)))
        return entry
    entry["type"] = "file"
    if status.st_nlink > 1:
        if status.st_ino in links:
            entry["hard_link"] = links[status.st_ino].decode()
        links.setdefault(status.st_ino, name)
    attributes = {key: base64.b64encode(os.getxattr(path, key)).decode()
                  for key in os.listxattr(path) if key.startswith("user.")}
    if attributes:
        entry["attributes"] = attributes
    if path.endswith(b".db"):
        # A snapshot has the rows of its database, not its bytes.
        database = sqlite3.connect(path)
        table, = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
        entry["database"] = {
            "table": table, "page_size": database.execute("PRAGMA page_size").fetchone()[0],
            "rows": database.execute("SELECT count(*) FROM " + table).fetchone()[0]}
        return entry
    with open(path, "rb") as file:
        content = file.read()
    entry["size"] = len(content)
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    return entry


def walk(name, path, links):
    entries = [describe(name, path, links)]
    if stat.S_ISDIR(os.lstat(path).st_mode):
        for part in sorted(os.listdir(path)):
            entries += walk(name + b"/" + part, os.path.join(path, part), links)
    return entries


def save(name, entries):
    with open(prefix + "-" + name + ".json", "w") as file:
        json.dump({"entries": entries}, file, indent=1, ensure_ascii=True)
        file.write("\n")


save("files", walk(b"sources/files", os.path.join(work, b"files"), {}))
# The folder around a single file is made up by hubkeep.
save("database", [{"name": "sources/alone.db", "type": "directory"},
                  describe(b"sources/alone.db/alone.db", os.path.join(work, b"alone/alone.db"), {})])
PYTHON
ls -l "$target"
