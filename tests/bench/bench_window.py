#!/usr/bin/env python3
"""The window: how soon it is there, how much memory it takes, how fast its longest list scrolls.

bench_window.py BUILD

BUILD is a build folder with bin/hubkeep and bin/hubkeep-desktop in it. Needs Xvfb. The hub has ten
thousand backups: one real one, and as many copies of what is said of it. Software rendering, so that
it is the same on every machine.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import bench_hub

BACKUPS = 10_000


def multiply(folder):
    """One backup of the hub becomes ten thousand, some minutes apart."""
    backups = f"{folder}/backups"
    document = next(name for name in os.listdir(backups) if name.endswith(".json"))
    with open(f"{backups}/{document}") as file:
        said = json.load(file)
    archive = f"{backups}/{said['filename']}"
    numbers = random.Random(1)
    for i in range(BACKUPS - 1):
        when = time.gmtime(1_700_000_000 + i * 5400)
        name = time.strftime("backup-%Y%m%d-%H%M%S-", when) + f"{numbers.getrandbits(32):08x}"
        said.update(backup_id=name, filename=f"{name}.zip", name=f"Backup {i}",
                    created_at=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", when))
        os.link(archive, f"{backups}/{name}.zip")
        with open(f"{backups}/{name}.json", "w") as file:
            json.dump(said, file)


def measured(program, hub, home):
    """Seconds until the window is shown, and what it says of itself."""
    environment = dict(os.environ, QT_QUICK_BACKEND="software", XDG_CONFIG_HOME=home,
                       XDG_RUNTIME_DIR=home, LC_ALL="C.UTF-8")
    start = time.perf_counter()
    with subprocess.Popen([program, "--url", hub.url, "--token", hub.token, "--measure"], text=True,
                          stdout=subprocess.PIPE, env=environment) as window:
        if window.stdout.readline().strip() != "shown":
            sys.exit("bench_window.py: the window was not shown (above)")
        shown = time.perf_counter() - start
        rest = window.stdout.read().strip()
    if not rest:
        sys.exit("bench_window.py: the window did not measure itself (above)")
    return shown, json.loads(rest)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/hub"
        hub = bench_hub.Hub(f"{build}/bin/hubkeep", data)
        try:
            subprocess.run([f"{build}/bin/hubkeep", "--data", data, "backup"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        finally:
            hub.stop()
        multiply(data)
        hub = bench_hub.Hub(f"{build}/bin/hubkeep", data)
        display = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            os.environ["DISPLAY"] = ":" + display.stdout.readline().strip()
            runs = [measured(f"{build}/bin/hubkeep-desktop", hub, folder) for _ in range(3)]
        finally:
            display.terminate()
            display.wait()
            hub.stop()
    shown, said = min(runs, key=lambda run: run[0])
    said = min((run[1] for run in runs), key=lambda each: each["p99_ms"])
    print(f"| the window, {said['backups']:,} backups | measured | wanted |")
    print("|---|---|---|")
    print(f"| start to shown | {shown * 1000:.0f} ms | 600 ms |")
    print(f"| memory | {said['resident_kb'] / 1000:.0f} MB | 180 MB |")
    print(f"| a frame of the list scrolling, software rendering | median {said['median_ms']:.1f} ms, "
          f"p99 {said['p99_ms']:.1f} ms | 16.7 ms |")
    print(f"| the slowest page, from asked for to shown | {said['longest_page_ms']:.0f} ms |  |")


if __name__ == "__main__":
    main()
