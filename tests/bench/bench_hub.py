#!/usr/bin/env python3
"""The hub: how fast it starts and answers, and how little memory it takes.

bench_hub.py BUILD [--no-clients]

BUILD is a build folder with bin/hubkeep, bench_http, bench_core and bench_automations
in it. Prints one table with
what was measured beside what is wanted. Needs wrk; the WebSocket row needs Node.js and npm.
"""
import argparse
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STATE = "/api/states/sensor.backup_backup_manager_state"


class Hub:
    """A running hub; ready is how many seconds it took until it said so."""

    def __init__(self, program, folder, configuration=""):
        os.makedirs(f"{folder}/config", exist_ok=True)
        with open(f"{folder}/config/hubkeep.yaml", "w") as file:
            file.write(configuration)
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "serve", "--data", folder, "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("HubKeep is ready on "):
                self.url = line.split()[-1]
                break
        else:
            sys.exit("bench_hub.py: the hub did not start")
        self.ready = time.perf_counter() - start
        with open(f"{folder}/data/running.json") as file:
            self.token = json.load(file)["token"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def memory(self, key):
        """Kilobytes: VmRSS now, VmHWM at most."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(rf"{key}:\s+(\d+) kB", file.read()).group(1))

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            sys.exit(f"bench_hub.py: {method} {path}: {answer.status} {content[:200]}")
        return json.loads(content) if content else None

    def finish(self):
        while True:
            status = self.ask("GET", "/api/v1/backup/status")
            if status["status"] != "running":
                return status
            time.sleep(0.05)


rows = []


def row(what, measured, wanted, good):
    rows.append((what, measured, wanted if good else f"{wanted} (missed)"))
    print(f"{what}: {measured}, wanted {rows[-1][2]}", file=sys.stderr)


def start_and_idle(program, folder):
    times, memory = [], []
    for i in range(5):
        hub = Hub(program, f"{folder}/start{i % 2}")  # two first starts, three later ones
        times.append(hub.ready * 1000)
        time.sleep(1)
        memory.append(hub.memory("VmRSS") / 1024)
        hub.stop()
    row("start to ready", f"{min(times):.0f} ms", "300 ms", min(times) < 300)
    row("idle memory", f"{min(memory):.0f} MB", "40 MB", min(memory) <= 40)


def latency_during_backup(program, folder):
    database = sqlite3.connect(f"{folder}/live.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)")
    source = random.Random(1)
    for _ in range(100):
        database.executemany("INSERT INTO t(text) VALUES(?)", (
            (source.randbytes(512).hex() + "plain words " * 256,) for _ in range(1000)))
        database.commit()
    database.close()
    hub = Hub(program, f"{folder}/latency", "backup:\n  sources:\n"
              f"    - {{name: live, type: sqlite, path: {folder}/live.db}}\n")
    connection = http.client.HTTPConnection("127.0.0.1", hub.port)
    times = []
    for _ in range(3):
        hub.ask("POST", "/api/v1/backup", json.dumps({"full": True}))
        ended = threading.Event()
        threading.Thread(target=lambda: (hub.finish(), ended.set())).start()
        while not ended.is_set():
            start = time.perf_counter()
            connection.request("GET", STATE, headers={"Authorization": f"Bearer {hub.token}"})
            connection.getresponse().read()
            times.append((time.perf_counter() - start) * 1000)
            time.sleep(0.005)
    hub.stop()
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    size = os.path.getsize(f"{folder}/live.db") / 1e6
    row(f"p99 of a state while {size:.0f} MB are backed up", f"{p99:.1f} ms", "20 ms", p99 <= 20)


def transfer(program, folder):
    os.makedirs(f"{folder}/big")
    with open(f"{folder}/big/noise", "wb") as file:
        for _ in range(1000):
            file.write(os.urandom(1_000_000))
    subprocess.run([program, "backup", "--source", f"{folder}/big", "--output", f"{folder}/made",
                    "--quiet"], check=True, stdout=subprocess.DEVNULL)
    archive = next(entry.path for entry in os.scandir(f"{folder}/made")
                   if entry.name.endswith(".zip"))
    hub = Hub(program, f"{folder}/transfer")
    hub.forget_peak()
    curl = ["curl", "-fsS", "-H", f"Authorization: Bearer {hub.token}"]
    start = time.perf_counter()
    answer = subprocess.run(
        curl + ["-H", "Content-Type: application/zip", "-T", archive, "-X", "POST",
                f"{hub.url}/api/v1/backup/upload"], check=True, capture_output=True).stdout
    up = time.perf_counter() - start
    peak = hub.memory("VmHWM") / 1024
    row("a 1 GB upload, proved and stored", f"{peak:.0f} MB at most, {up:.1f} s", "64 MB",
        peak < 64)
    hub.forget_peak()
    start = time.perf_counter()
    subprocess.run(
        curl + ["-o", "/dev/null",
                f"{hub.url}/api/v1/backup/{json.loads(answer)['backup_id']}/download"], check=True)
    down = time.perf_counter() - start
    peak = hub.memory("VmHWM") / 1024
    row("a 1 GB download", f"{peak:.0f} MB at most, {down:.1f} s", "64 MB", peak < 64)
    hub.stop()


def rates(build):
    said = subprocess.run(["bash", f"{HERE}/bench_http.sh", f"{build}/tests/bench_http"],
                          check=True, capture_output=True, text=True).stdout
    hub, bare, ratio = re.search(r"hub (\d+)/s, bare QHttpServer (\d+)/s, ratio (\d+)%",
                                 said).groups()
    row("GET /api/states/{id} against bare QHttpServer", f"{ratio}% ({hub}/s of {bare}/s)", "60%",
        int(ratio) >= 60)
    said = subprocess.run([f"{build}/tests/bench_core"], check=True, capture_output=True,
                          text=True).stdout
    changes = int(re.search(r"state changes per second[^:]*: (\d+)", said).group(1))
    row("state changes a second, 10 subscribers", f"{changes:,}", "100,000", changes >= 100_000)


def automations(build):
    said = subprocess.run([f"{build}/tests/bench_automations"], check=True, capture_output=True,
                          text=True).stdout

    def number(what):
        return float(re.search(rf"{re.escape(what)}[^:]*: ([\d.]+)", said).group(1))

    loading = number("loading 1,000 automations")
    memory = number("memory of 1,000 automations")
    row("loading 1,000 automations", f"{loading:.2f} s, {memory:.0f} MB", "1 s, 30 MB",
        loading < 1 and memory < 30)
    changes = number("state changes per second that match none")
    row("state changes a second that match none of them", f"{changes:,.0f}", "50,000",
        changes >= 50_000)
    runs = number("triggered runs per second")
    row("triggered runs a second", f"{runs:,.0f}", "10,000", runs >= 10_000)
    median = number("trigger to action, median")
    slow = number("trigger to action, 99%")
    row("trigger to action", f"median {median:.3f} ms, p99 {slow:.3f} ms", "1 ms", median < 1)


def subscribers(program, build):
    clients = f"{build}/clients"
    subprocess.run(["bash", f"{HERE}/../support/install_packages.sh",
                    f"{HERE}/../clients", clients, f"{HERE}/websocket.mjs"], check=True,
                   stdout=subprocess.DEVNULL)
    done = subprocess.run(["node", f"{clients}/websocket.mjs"], capture_output=True, text=True,
                          env={**os.environ, "HUBKEEP": program})
    told = re.search(r"median ([\d.]+), p99 ([\d.]+)", done.stdout)
    if not told:
        sys.exit(f"bench_hub.py: the WebSocket clients failed: {done.stderr[-500:]}")
    row("1,000 WebSocket subscribers see a change",
        f"median {told.group(1)} ms, p99 {told.group(2)} ms", "100 ms",
        float(told.group(2)) <= 100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--no-clients", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    program = f"{build}/bin/hubkeep"
    folder = tempfile.mkdtemp(prefix="hubkeep-bench-hub-", dir=os.environ.get("TMPDIR", "/tmp"))
    try:
        start_and_idle(program, folder)
        rates(build)
        automations(build)
        latency_during_backup(program, folder)
        transfer(program, folder)
        if not options.no_clients:
            subscribers(program, build)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n| the hub | measured | wanted |\n|---|---|---|")
    for what, measured, wanted in rows:
        print(f"| {what} | {measured} | {wanted} |")


if __name__ == "__main__":
    main()
