"""Compiles the C parts of PostgreSQL's tests against the installed headers."""

import os
import subprocess


class BuildError(Exception):
    """A compiler, a header or a library is missing."""


def _ask(option):
    return subprocess.run(["pg_config", option], check=True, capture_output=True, text=True).stdout.strip()


def _compile(target, arguments):
    if os.path.exists(target):
        return target
    # Written beside and renamed: an interrupted compiler leaves nothing that looks whole.
    done = subprocess.run(["gcc", "-O1", "-w", "-o", f"{target}.new", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"{os.path.basename(target)}: {done.stderr.strip()}")
    os.rename(f"{target}.new", target)
    return target


def regress_library(source):
    """The functions in C that the suite loads into the server."""
    return _compile(
        f"{source}/regress.so",
        ["-shared", "-fPIC", f"-I{_ask('--includedir-server')}", f"{source}/src/test/regress/regress.c"],
    )


def libpq_pipeline(source):
    """The program that tests libpq's pipeline mode."""
    includes = [_ask(option) for option in ("--includedir-server", "--includedir")]
    return _compile(
        f"{source}/libpq_pipeline",
        [
            *(f"-I{folder}" for folder in includes), f"-I{includes[1]}/internal",
            f"{source}/src/test/modules/libpq_pipeline/libpq_pipeline.c",
            "-lpq", f"-L{_ask('--pkglibdir')}", "-lpgcommon", "-lpgport", "-lm",
        ],
    )  # fmt: skip
