#!/usr/bin/env python3
"""How long a compiled template takes to render, here and in python3-jinja2, side by side.

Usage: bench_template.py BUILD_FOLDER. Needs Debian's python3-jinja2; the environment is the one that
Home Assistant uses. Exit status 1 where a text differs.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

ITEMS = [{"name": f"sensor {i}", "state": i * 1.5, "on": i % 3 == 0} for i in range(50)]

CASES = [
    ("a comparison", "{{ x | int > 4 and y != 'off' }}", {"x": "7", "y": "on"}),
    ("a sentence", "Backup of {{ name }} took {{ '%.1f' % seconds }} s, {{ count }} files.",
     {"name": "documents", "seconds": 12.345, "count": 1500}),
    ("attributes", "{{ trigger.event.data.reason | default('none') | upper }}",
     {"trigger": {"event": {"data": {"reason": "no space"}}}}),
    ("conditions", "{% if a > 3 %}high{% elif a > 1 %}middle{% else %}low{% endif %}", {"a": 2}),
    ("a loop of 50", "{% for i in items %}{{ loop.index }}: {{ i.name }} is {{ i.state }}\n{% endfor %}",
     {"items": ITEMS}),
    ("filters on 50", "{{ items | selectattr('on') | map(attribute='name') | join(', ') }}",
     {"items": ITEMS}),
    ("a namespace", "{% set ns = namespace(sum=0) %}{% for i in range(100) %}"
     "{% set ns.sum = ns.sum + i * 2 %}{% endfor %}{{ ns.sum }}", {}),
    ("a macro", "{% macro row(a, b=1) %}[{{ a }}|{{ b }}]{% endmacro %}"
     "{% for i in range(20) %}{{ row(i) }}{{ row(i, b='x') }}{% endfor %}", {}),
    ("texts", "{% for w in text.split(' ') %}{{ w.strip(',') | capitalize }} {% endfor %}",
     {"text": "one two, three four, five six, seven eight, nine ten"}),
    ("arithmetic", "{% for i in range(200) %}{{ (i * 7 + 3) % 11 // 2 }}{% endfor %}", {}),
]


def environment():
    sys.path.append("/usr/lib/python3/dist-packages")
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    return ImmutableSandboxedEnvironment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"])


def nanoseconds_of(template, variables):
    best, times, rounds = float("inf"), 1, 0
    while rounds < 7:
        begin = time.perf_counter_ns()
        for _ in range(times):
            template.render(variables)
        took = time.perf_counter_ns() - begin
        if took < 20_000_000:
            times *= 2
            continue
        best = min(best, took / times)
        rounds += 1
    return best


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        jinja = environment()
    except ImportError:
        print("python3-jinja2 is not installed, so nothing was compared.")
        return
    program = Path(sys.argv[1]) / "tests" / "bench_template"
    lines = "".join(json.dumps({"template": template, "variables": variables}) + "\n"
                    for _, template, variables in CASES)
    ours = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    results = [json.loads(line) for line in ours.stdout.split("\n") if line]

    print(f"{'One rendering':16} {'HubKeep':>10} {'jinja2':>10}  times as fast")
    different = []
    for (name, source, variables), mine in zip(CASES, results):
        template = jinja.from_string(source)
        if template.render(variables) != mine["text"] or "nanoseconds" not in mine:
            different.append(f"{name}: {mine['text'][:200]}")
            continue
        theirs = nanoseconds_of(template, variables)
        print(f"{name:16} {mine['nanoseconds'] / 1000:7.2f} µs {theirs / 1000:7.2f} µs"
              f" {theirs / mine['nanoseconds']:8.1f}")
    if different:
        sys.exit("\n".join(["The texts differ:"] + different))


if __name__ == "__main__":
    main()
