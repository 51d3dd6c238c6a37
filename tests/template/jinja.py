#!/usr/bin/env python3
"""Renders templates with the real Jinja2, set up as Home Assistant does.

Reads {"now", "zone", "variables", "states", "templates", "random": {"seed", "count"}} and writes
{"cases": [[template, text, value] or [template, null, error], …], "random": [[case, …], …]}: what is
rendered, and what Home Assistant then makes of that, as Python writes it. Each of random is an
expression and its parts, the shortest first.
"""

import json
import re
import sys
from ast import literal_eval

from generator import Generator
from homeassistant import Environment

# A text that is one of these is a number; others that Python reads as numbers stay texts.
SIMPLE_NUMBER = re.compile(r"[+-]?(?!0\d)\d*(?:\.\d*)?")


def native(text):
    """The value that Home Assistant takes a rendered text for."""
    try:
        value = literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    if isinstance(value, (str, complex, bytes, type(...))):
        return text
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if SIMPLE_NUMBER.fullmatch(text) else text
    return value


def render(environment, template, variables):
    try:
        text = environment.from_string(template).render(variables)
    except Exception as error:  # whatever it is, ours has to fail too
        return [template, None, f"{type(error).__name__}: {error}"]
    return [template, text, repr(native(text.strip()))]


def main():
    sys.setrecursionlimit(2000)
    asked = json.load(sys.stdin)
    environment = Environment(asked["now"], asked["zone"], asked["states"])
    variables = asked["variables"]
    cases = [render(environment, template, variables) for template in asked["templates"]]
    generator = Generator(asked["random"]["seed"])
    random = []
    while len(random) < asked["random"]["count"]:
        parts = [render(environment, "{{ " + part + " }}", variables)
                 for part in generator.expression()]
        # Integers here have 64 bits.
        if not any(re.search(r"\d{19}", part[1] or "") for part in parts):
            random.append(parts)
    json.dump({"cases": cases, "random": random}, sys.stdout)


if __name__ == "__main__":
    main()
