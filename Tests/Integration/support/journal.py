"""The journal, read and verified without any of Postern's own code."""

import glob
import importlib.util
import json
import os
import re

DEPLOY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..", "deploy"))


def _independent():
    """deploy/verify_journal.py: what auditors are given is what the tests go by."""
    spec = importlib.util.spec_from_file_location("verify_journal", f"{DEPLOY}/verify_journal.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


independent = _independent()


class Broken(AssertionError):
    """The journal is not what its chains say."""


def chains(folder):
    """The names of the chains and their files, in order."""
    names = {}
    for path in sorted(glob.glob(f"{folder}/*-[0-9][0-9][0-9][0-9][0-9][0-9].jsonl")):
        names.setdefault(re.sub(r"-\d{6}\.jsonl$", "", os.path.basename(path)), []).append(path)
    return names


def lines(folder, name):
    """The whole lines of a chain with their place; a torn last line is left out."""
    for path in chains(folder)[name]:
        with open(path, "rb") as file:
            data = file.read()
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            yield f"{os.path.basename(path)}:{number}", line


def records(folder, event=None):
    """All records of all chains, in the order of their times."""
    found = [json.loads(line) for name in chains(folder) for _, line in lines(folder, name)]
    found.sort(key=lambda record: record["time"])
    return [record for record in found if event is None or record["event"] == event]


def session_events(records):
    """The session's own events, without those of its statements."""
    return [record["event"] for record in records if record["event"].startswith("session.")]


def of_session(folder, session):
    return [record for record in records(folder) if record.get("session") == session]


def verify(folder):
    """Checks every chain with the public key alone and returns how many records each has."""
    found, problems = independent.verify(folder)
    problems += [problem for chain in found.values() for problem in chain.problems]
    if problems:
        raise Broken(": ".join(problems[0]))
    return {name: chain.records for name, chain in found.items()}
