#!/usr/bin/env python3
"""Side by side with restic, borg, zip and unzip on this machine: one table of ratios.

bench.py HUBKEEP [--runs N] [--keep] [--million]

Every tool does the same work on the same data in the same run, in turns; the best of N runs
counts, because whatever else the machine does only ever adds. Peak memory is the kernel's figure
for the process. --million also backs up a million files, for the memory.
"""
import argparse
import itertools
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

FILES = 20_000
BYTES = 400_000_000


class Content:
    """Text of random words, hexadecimal numbers and, one time in five, noise."""

    def __init__(self):
        self.random = random.Random(7)
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = ["".join(self.random.choices(letters, k=self.random.randint(2, 10)))
                 for _ in range(5000)]
        self.text = " ".join(self.random.choices(words, k=1_300_000)).encode()
        self.noise = self.random.randbytes(4 << 20)

    def text_of(self, size):
        parts, length = [], 0
        while length < size:
            start = self.random.randrange(len(self.text) - 4096)
            part = self.text[start:start + self.random.randint(200, 4000)]
            if self.random.random() < 0.3:
                part += self.random.randbytes(16).hex().encode()
            parts.append(part)
            length += len(part)
        return b"".join(parts)[:size]

    def of(self, size):
        if self.random.random() < 0.2 and size < len(self.noise):
            start = self.random.randrange(len(self.noise) - size)
            return self.noise[start:start + size]
        return self.text_of(size)


def make_files(folder, content):
    for i in range(FILES):
        if i < 200:
            os.makedirs(f"{folder}/d{i:03}", exist_ok=True)
        size = int(content.random.expovariate(FILES / BYTES)) + 1
        with open(f"{folder}/d{i % 200:03}/f{i:05}.dat", "wb") as file:
            file.write(content.of(size))


def change_files(folder, content):
    """One file in a hundred gets new content."""
    for i in range(0, FILES, 100):
        with open(f"{folder}/d{i % 200:03}/f{i:05}.dat", "wb") as file:
            file.write(content.of(20_000))


def make_database(path, content):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, k TEXT, ts REAL, payload TEXT, blob BLOB)")
    db.execute("CREATE INDEX ik ON t(k)")
    r = content.random
    while os.path.getsize(path) < BYTES:
        db.executemany(
            "INSERT INTO t(k, ts, payload, blob) VALUES(?, ?, ?, ?)",
            [(r.randbytes(8).hex(), r.random() * 1e9,
              content.text_of(r.randint(100, 900)).decode("latin1"),
              r.randbytes(r.randint(20, 300))) for _ in range(5000)])
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


WRITER = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
db.execute("PRAGMA synchronous=NORMAL")
start, i = time.time(), 0
while True:
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE t SET ts = ? WHERE id = ?", (time.time(), (i * 7919) % 300000 + 1))
    db.execute("COMMIT")
    i += 1
    wait = start + i / 200 - time.time()
    if wait > 0:
        time.sleep(wait)
"""


class Run:
    """The best time and the highest memory of a command; a fresh state before each run."""

    def __init__(self):
        self.seconds = float("inf")
        self.peak = 0
        self.failed = None

    def add(self, command, cwd, env, timeout=None):
        start = time.monotonic()
        # time(1) starts it, because the kernel counts this interpreter's memory to its children.
        arguments = ["sh", "-c", command] if isinstance(command, str) else command
        with tempfile.TemporaryFile() as said, tempfile.NamedTemporaryFile("r") as peak:
            process = subprocess.Popen(
                ["time", "-f", "%M", "-o", peak.name] + arguments, cwd=cwd, env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                start_new_session=True)
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self.failed = f"not done after {timeout} s"
                return
            seconds = time.monotonic() - start
            # borg's 1 is a warning: that the database changed, which it does.
            if code != 0 and not (code == 1 and arguments[0] == "borg"):
                said.seek(0)
                sys.exit(f"bench: {command} ended with {code}: {said.read().decode()}")
            self.peak = max(self.peak, int(peak.read().split()[-1]) / 1024)
        self.seconds = min(self.seconds, seconds)


class Bench:
    def __init__(self, hubkeep, folder, runs):
        self.hubkeep = os.path.abspath(hubkeep)
        self.folder = folder
        self.runs = runs
        self.rows = []
        self.memory = {}
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("RESTIC_", "BORG_", "HUBKEEP_"))}
        self.env.update(
            RESTIC_PASSWORD="bench", RESTIC_CACHE_DIR=f"{folder}/restic-cache",
            BORG_BASE_DIR=f"{folder}/borg-base", BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes",
            BORG_RELOCATED_REPO_ACCESS_IS_OK="yes")

    def sh(self, command):
        subprocess.run(command, shell=True, check=True, cwd=self.folder, env=self.env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fresh(self, source):
        """Empty repositories; the times of what was made just now are in the past."""
        self.sh("rm -rf restic borg hub zip.zip copy.db; restic init -q -r restic; "
                "borg init -e none borg")

    def hub_backup(self, source, full=False):
        return [self.hubkeep, "backup", "--quiet", "--source", source, "--output", "hub"] \
            + (["--full"] if full else [])

    def measure(self, commands, before=None, timeouts=None):
        """Runs of each named command, or of what a function makes anew each time, in turns."""
        results = {name: Run() for name in commands}
        for _ in range(self.runs):
            if before:
                before()
            for name, command in commands.items():
                if results[name].failed is None:
                    results[name].add(command() if callable(command) else command, self.folder,
                                      self.env, (timeouts or {}).get(name))
        return results

    def row(self, what, ours, peers, targets):
        print(f"  {what}: hubkeep {ours.seconds:.2f} s, {ours.peak:.0f} MB; "
              + ", ".join(f"{n} {p.failed or f'{p.seconds:.2f} s'}" for n, p in peers.items()),
              flush=True)
        for name, peer in peers.items():
            self.rows.append((what, ours, name, peer, targets.get(name)))
        self.memory[what] = ours.peak

    def first_backups(self, what, source, targets, timeouts=None, zip_command=None):
        results = self.measure({
            "hubkeep": self.hub_backup(source, full=True),
            "zip": zip_command or f"rm -f zip.zip; zip -qr zip.zip {source}",
            "restic": ["restic", "backup", "-q", "-r", "restic", source],
            "borg": ["borg", "create", "borg::{now}-{pid}", source],
        }, before=lambda: self.fresh(source), timeouts=timeouts)
        self.row(what, results.pop("hubkeep"), results, targets)

    def repeat_backups(self, what, source, targets, change=None):
        self.fresh(source)
        time.sleep(2.5)  # what changed within two seconds of a backup is read again
        self.sh(f"{self.hubkeep} backup --quiet --source {source} --output hub; "
                f"restic backup -q -r restic {source}; borg create borg::first {source}")
        results = self.measure({
            "hubkeep": self.hub_backup(source),
            "restic": ["restic", "backup", "-q", "-r", "restic", source],
            "borg": ["borg", "create", "borg::{now}-{pid}", source],
        }, before=change)
        self.row(what, results.pop("hubkeep"), results, targets)

    def readers(self, what, source):
        archive = f"{self.folder}/hub/" + sorted(os.listdir(f"{self.folder}/hub"))[-1]
        results = self.measure({
            "hubkeep": [self.hubkeep, "verify", "--quiet", archive],
            "unzip": ["unzip", "-tq", archive],
        })
        self.row(f"verify {what}", results.pop("hubkeep"), results, {"unzip": 3})
        # Into new folders, and nothing is removed in between: ext4 passes over inodes that were
        # deleted just now, which costs whoever makes files next.
        run = itertools.count()
        results = self.measure({
            "hubkeep": lambda: [self.hubkeep, "restore", "--quiet", archive,
                                "--to", f"restored/{next(run)}"],
            "unzip": lambda: ["unzip", "-q", archive, "-d", f"restored/{next(run)}"],
        }, before=lambda: self.sh("mkdir -p restored; sync"))
        self.row(f"restore {what}", results.pop("hubkeep"), results, {"unzip": 3})
        self.sh("rm -rf restored; sync")

    def database(self, content):
        make_database(f"{self.folder}/live.db", content)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, f"{self.folder}/live.db"])
        try:
            stepping = Run()
            stepping.add(["sqlite3", "live.db", ".backup copy.db"], self.folder, self.env, 20)
            self.first_backups(
                "live database", "live.db", {"restic": 3, "borg": 2}, zip_command="true")
            self.rows = [r for r in self.rows if r[2] != "zip"]
        finally:
            writer.kill()
            writer.wait()
        if stepping.failed:
            print(f"  sqlite3 .backup under 200 commits a second: {stepping.failed}; the row below "
                  "gives it a database that nobody writes to")
        ours = next(r for r in self.rows if r[0] == "live database")[1]
        results = self.measure({
            "sqlite3 .backup + zip":
                "rm -f copy.db zip.zip; sqlite3 live.db '.backup copy.db' && zip -q zip.zip copy.db"})
        self.row("live database", ours, results, {"sqlite3 .backup + zip": 6})
        self.readers("database", "live.db")
        self.repeat_backups("database, nothing changed", "live.db", {"restic": 1})

    def files(self, content):
        make_files(f"{self.folder}/files", content)
        self.first_backups("20,000 files", "files", {"zip": 8, "restic": 2, "borg": 2})
        self.readers("20,000 files", "files")
        self.repeat_backups("files, nothing changed", "files", {"restic": 1})
        self.repeat_backups("files, 1% changed", "files", {"restic": 1},
                            change=lambda: change_files(f"{self.folder}/files", content))

    def million(self):
        for d in range(1000):
            os.makedirs(f"{self.folder}/million/{d:03}")
            for i in range(1000):
                with open(f"{self.folder}/million/{d:03}/{i:03}.txt", "w") as file:
                    file.write(f"{d} {i}\n")
        run = Run()
        run.add(self.hub_backup("million"), self.folder, self.env)
        self.memory["a million files"] = run.peak
        print(f"  a million files: {run.seconds:.1f} s, {run.peak:.0f} MB")

    def table(self):
        print("\n| work | hubkeep | peer | | ratio | target |\n|---|---|---|---|---|---|")
        missed = 0
        for what, ours, name, peer, target in self.rows:
            ratio = peer.seconds / ours.seconds
            met = target is None or ratio >= target
            missed += not met
            print(f"| {what} | {ours.seconds:.2f} s | {name} | {peer.failed or f'{peer.seconds:.2f} s'}"
                  f" | {ratio:.1f}x | {f'{target}x' if target else ''}{'' if met else ' (missed)'} |")
        print("\nPeak memory of hubkeep: "
              + ", ".join(f"{what} {peak:.0f} MB" for what, peak in self.memory.items()))
        cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                    if line.startswith("model name")), "unknown")
        print(f"Machine: {os.cpu_count()} x {cpu}; best of {self.runs}, page cache warm; "
              f"{missed} targets missed.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("hubkeep")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="leave the data where it is")
    parser.add_argument("--million", action="store_true")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="hubkeep-bench-")
    try:
        content = Content()
        bench = Bench(arguments.hubkeep, folder, arguments.runs)
        print(f"Measuring in {folder}; making the data takes a minute ...", flush=True)
        bench.database(content)
        bench.files(content)
        if arguments.million:
            bench.million()
        bench.table()
    finally:
        if arguments.keep:
            print(f"The data is in {folder}.")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
