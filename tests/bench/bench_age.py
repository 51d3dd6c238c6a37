#!/usr/bin/env python3
"""Encrypting and decrypting a gigabyte beside the age command: bench_age.py BUILD-FOLDER.

Both read and write the same files, in memory where the system has a place for that, in turns; the
best of three runs counts.
"""
import os
import subprocess
import sys
import tempfile
import time

SIZE = 1 << 30
TARGET = 1.5


def best(commands, runs=3):
    seconds = {name: float("inf") for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if os.path.exists(command[-1]):
                os.remove(command[-1])
            start = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name] = min(seconds[name], time.monotonic() - start)
    return seconds


def main():
    program = os.path.join(sys.argv[1], "tests", "bench_age")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hubkeep-bench-", dir=memory) as folder:
        path = lambda name: os.path.join(folder, name)
        with open(path("plain"), "wb") as file:
            for _ in range(SIZE >> 24):
                file.write(os.urandom(1 << 24))
        subprocess.run(["age-keygen", "-o", path("key")], check=True, stderr=subprocess.DEVNULL)
        recipient = subprocess.run(["age-keygen", "-y", path("key")], check=True,
                                   capture_output=True, text=True).stdout.strip()
        work = {
            "encrypt 1 GiB": {
                "hubkeep": [program, "encrypt", recipient, path("plain"), path("sealed")],
                # Its output comes before its input, so sh puts it last.
                "age": ["sh", "-c", 'age -r "$0" -o "$2" "$1"', recipient, path("plain"),
                        path("sealed-age")],
            },
            "decrypt 1 GiB": {
                "hubkeep": [program, "decrypt", path("key"), path("sealed"), path("opened")],
                "age": ["sh", "-c", 'age -d -i "$0" -o "$2" "$1"', path("key"), path("sealed"),
                        path("opened-age")],
            },
        }
        print("| work | hubkeep | peer | | ratio | target |\n|---|---|---|---|---|---|")
        for what, commands in work.items():
            seconds = best(commands)
            ratio = seconds["age"] / seconds["hubkeep"]
            print(f"| {what} | {seconds['hubkeep']:.2f} s | age | {seconds['age']:.2f} s"
                  f" | {ratio:.1f}x | {TARGET}x{'' if ratio >= TARGET else ' (missed)'} |", flush=True)
        subprocess.run(["cmp", path("plain"), path("opened")], check=True)


if __name__ == "__main__":
    main()
