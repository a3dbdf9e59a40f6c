"""Facts by Postern, from `postern-facts`, in the shape of `oracle.Facts`."""

import json
import os
import subprocess

from oracle import Facts

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = f"{ROOT}/.build/release/postern-facts"
# Of all that is of class `write`, what changes rows: locks do not.
WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY FROM", "TRUNCATE TABLE"}


def answers(texts):
    """postern-facts' answer to each text."""
    request = b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in texts)
    done = subprocess.run([PROGRAM], input=request, capture_output=True, timeout=600, check=True)
    lines = done.stdout.decode().split("\n")[:-1]
    if len(lines) != len(texts):
        raise RuntimeError(f"postern-facts answered {len(lines)} of {len(texts)} texts: {done.stderr.decode()}")
    return [json.loads(line) for line in lines]


def facts(answer):
    """The facts of every statement; None where the text was refused."""
    if "error" in answer:
        return None
    return [_facts(statement) for statement in answer["statements"]]


def named(statement):
    """The accesses to what the text names: `schema.*` stands for what is in a schema that it names."""
    return [access for access in statement["accesses"] if access.get("name", ("",))[-1] != "*"]


def _facts(statement):
    found = Facts(statement["tag"])
    for access in named(statement):
        name = tuple(access.get("name", ()))
        if access.get("kind") == "relation":
            found.relations.add(name)
            if access["class"] == "write" and access["tag"] in WRITES:
                found.writes.add((access["tag"], name))
        elif access.get("kind") == "function":
            found.functions.add(name[-1:] if name[-1] == "set_config" else name)
    if any(setting.startswith("setConfig ") for setting in statement["settings"]):
        found.functions.add(("set_config",))
    return found
