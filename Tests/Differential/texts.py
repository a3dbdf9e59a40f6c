"""The statements to compare: PostgreSQL's regression suite, and the fixtures of our own tests."""

import glob
import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(FOLDER, "..", ".."))
sys.path.append(os.path.join(FOLDER, "..", "Regress"))

import source  # noqa: E402
from statements import split  # noqa: E402

FIXTURES = f"{ROOT}/Tests/PosternSQLTests/Fixtures"


def suite(fetch):
    """The suite's statements by file, in the order of its schedule; None when it is not here and not to be fetched."""
    if not fetch and not glob.glob(f"{source.CACHE}/source-*"):
        return None
    folder = f"{source.folder()}/src/test/regress"
    with open(f"{folder}/parallel_schedule") as file:
        scheduled = [name for line in re.findall(r"^test:(.*)$", file.read(), re.MULTILINE) for name in line.split()]
    there = {os.path.basename(path).removesuffix(".sql") for path in glob.glob(f"{folder}/sql/*.sql")}
    names = [name for name in scheduled if name in there]
    return {name: split(_text(f"{folder}/sql/{name}.sql")) for name in names + sorted(there - set(names))}


def fixtures():
    """The SQL of our own fixtures: what stands before `=>` in each block."""
    found = []
    for path in sorted(glob.glob(f"{FIXTURES}/*.txt")):
        for block in re.split(r"\n\n+", _text(path)):
            lines = [line for line in block.split("\n") if not line.startswith("#")]
            end = next((index for index, line in enumerate(lines) if line.startswith(("=>", "error "))), 0)
            if end:
                found.append("\n".join(lines[:end]))
    return found


def _text(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()
