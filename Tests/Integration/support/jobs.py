"""`postern exec` and `postern connect` as a CI job runs them: an environment of the CI system's, and nothing else."""

import os
import subprocess

from .gateway import executable
from .tokens import AUDIENCE


def environment(gateway, **variables):
    """What a runner gives its jobs, and the POSTERN_ variables that lead to this gateway."""
    base = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    base |= {
        "LC_ALL": "C.UTF-8",
        "POSTERN_GATEWAY": f"localhost:{gateway.tls_port}",
        "POSTERN_ROLE": "app",
        "POSTERN_DATABASE": "app",
        "POSTERN_CA_FILE": gateway.authority.ca,
    }
    return {name: value for name, value in (base | variables).items() if value is not None}


def with_token(gateway, **variables):
    """The environment of a job whose CI system puts the token into POSTERN_ID_TOKEN."""
    return environment(gateway, **{"GITLAB_CI": "true", "POSTERN_ID_TOKEN": gateway.issuer.token()} | variables)


def run(variables, *command, options=(), input=None, seconds=30, binary=None, cwd=None):
    """Runs `postern exec OPTIONS -- COMMAND` to its end."""
    return subprocess.run(
        [binary or executable(), "exec", *options, *(["--", *command] if command else [])],
        env=variables, input=input, stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True, text=True, timeout=seconds, cwd=cwd,
    )


def start(variables, *command, options=(), verb="exec", **more):
    """Starts it, with pipes for its outputs."""
    return subprocess.Popen(
        [executable(), verb, *options, *(["--", *command] if command else [])],
        env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        **{"stdin": subprocess.DEVNULL} | more,
    )


__all__ = ["AUDIENCE", "environment", "run", "start", "with_token"]
