"""The resolver shim: a process whose names resolve when, and to what, a test wants."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def moved_resolver(folder, after=None, addresses=()):
    """The variables of a process that has it."""
    library = f"{folder}/resolver_shim.so"
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, f"{HERE}/resolver_shim.c", "-ldl"], check=True)
    variables = {"LD_PRELOAD": library}
    if after:
        variables["RESOLVE_AFTER"] = str(after)
    if addresses:
        variables["RESOLVE_AS"] = ",".join(addresses)
    return variables
