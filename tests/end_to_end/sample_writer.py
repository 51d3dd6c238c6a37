#!/usr/bin/env python3
"""A shop that sells without pause: each transaction moves money between two tables.

sample_writer.py DATABASE          commits about 200 times a second until it is killed
sample_writer.py --check DATABASE  exits 1 unless the database is sound and its books balance
"""
import os
import sqlite3
import sys
import time


def write(path):
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("CREATE TABLE IF NOT EXISTS account(name TEXT PRIMARY KEY, cents INTEGER)")
    db.execute("CREATE TABLE IF NOT EXISTS sale(id INTEGER PRIMARY KEY, cents INTEGER, note TEXT)")
    db.execute("INSERT OR IGNORE INTO account VALUES('till', 0)")
    with open(path + ".ready", "w"):
        pass
    sales = 0
    while True:
        cents = (sales * 7919) % 10_000
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO sale(cents, note) VALUES(?, ?)", (cents, os.urandom(64).hex()))
        db.execute("UPDATE account SET cents = cents + ?", (cents,))
        db.execute("COMMIT")
        sales += 1
        time.sleep(0.005)


def check(path):
    db = sqlite3.connect(path)
    verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
    till = db.execute("SELECT cents FROM account WHERE name = 'till'").fetchone()[0]
    sales, total = db.execute("SELECT count(*), coalesce(sum(cents), 0) FROM sale").fetchone()
    print(f"The restored database: integrity_check says {verdict}, {sales} sales, "
          f"till {till}, sum of sales {total}")
    return verdict == "ok" and till == total and sales > 0


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        sys.exit(0 if check(sys.argv[2]) else 1)
    try:
        write(sys.argv[1])
    except (KeyboardInterrupt, BrokenPipeError):
        pass
