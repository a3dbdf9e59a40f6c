"""The verbs that read journals."""

import json
import os
import subprocess

from .gateway import executable


def audit(*arguments, stdin=None, binary=False, **variables):
    """Runs `postern audit`; keyword arguments are environment variables."""
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return subprocess.run(
        [executable(), "audit", *map(str, arguments)],
        capture_output=True, timeout=60, env=environment | variables,
        **({"stdin": subprocess.DEVNULL} if binary else
           {"input": stdin or "", "text": True, "errors": "surrogateescape"}),
    )  # fmt: skip


def rows(folder, *arguments):
    done = audit("list", "--json", *arguments, folder)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
