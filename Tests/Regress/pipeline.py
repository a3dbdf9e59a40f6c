"""libpq_pipeline, PostgreSQL's test of pipeline mode, with its traces of the protocol."""

import os
import subprocess

SECONDS = 120
ROWS = "700"


def tests(program):
    """The names of its tests."""
    return subprocess.run([program, "tests"], check=True, capture_output=True, text=True).stdout.split()


def run(program, source, route, test):
    """Runs one test on one route: complaints, if there are any.

    Where PostgreSQL has a trace of the messages that belong to a test, the route's trace must be that one.
    """
    trace = f"{route.folder}/{test}.trace"
    expected = _text(f"{source}/src/test/modules/libpq_pipeline/traces/{test}.trace")
    try:
        done = subprocess.run(
            [program, "-r", ROWS, *(["-t", trace] if expected else []), test, ""],
            env=route.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [f"{route.name}: not done within {SECONDS} s"]
    if done.returncode:
        return [f"{route.name}: ended with {done.returncode}: {done.stderr.strip()[-2000:]}"]
    if expected and _text(trace) != expected:
        return [f"{route.name}: the trace of messages is not PostgreSQL's: {trace}"]
    return []


def _text(path):
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()
