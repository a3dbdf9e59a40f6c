"""Folders of policies, and the policy verbs on them."""

import json
import os
import re
import subprocess

from .gateway import executable

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def policy(folder, *arguments, stdin=None):
    return subprocess.run(
        [executable(), "policy", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, input=stdin or "",
    )


def yaml_blocks(text):
    """The fenced YAML blocks of a page, by the file that their first line names."""
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", text, re.M | re.S)
    return {name: body for name, body in blocks}


def site():
    """The `postern.yaml` that the examples of the pages stand beside."""
    with open(f"{ROOT}/docs/lint/README.md") as file:
        return yaml_blocks(file.read())["postern.yaml"]


def write(folder, files):
    """Writes files; a `postern.yaml` among them replaces only the sections that it has."""
    files = {"postern.yaml": "", **files}
    files["postern.yaml"] = merged(site(), files["postern.yaml"])
    os.makedirs(f"{folder}/policies", exist_ok=True)
    for name, text in files.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    return str(folder)


def merged(base, changes):
    sections = _sections(base)
    sections.update(_sections(changes))
    return "".join(sections.values())


def _sections(text):
    """Top-level keys with their lines."""
    parts = re.split(r"^(?=[a-z_]+:)", text, flags=re.M)
    return {part.split(":", 1)[0]: part for part in parts if part.strip()}


def findings(folder, *arguments):
    result = policy(folder, "lint", "--format", "json", *arguments)
    assert result.stderr == "", result.stderr
    return json.loads(result.stdout)["findings"]
