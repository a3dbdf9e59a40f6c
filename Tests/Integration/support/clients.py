"""Client programs run beside each other: around the gateway, and through its listeners."""

import os
import re
import subprocess

import pytest

VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE",
    "password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}


def environment(parameters):
    """The environment that leads a libpq program where `parameters` say, and nowhere else."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    chosen = {VARIABLES[name]: str(value) for name, value in parameters.items()}
    return inherited | {"LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "15"} | chosen


def run(parameters, *command, input=None, seconds=60, cwd=None):
    """Runs a libpq program to its end and returns exit code, standard output and standard error."""
    text = input is None or isinstance(input, str)
    done = subprocess.run(
        command, env=environment(parameters), input="" if input is None else input, capture_output=True,
        text=text, timeout=seconds, cwd=cwd,
    )
    return done.returncode, done.stdout, done.stderr


def succeed(parameters, *command, **options):
    """Runs a program that must exit with 0 and returns its standard output."""
    code, output, errors = run(parameters, *command, **options)
    assert code == 0, f"{command[0]} ended with {code}:\n{errors}"
    return output


def diagnostics(error):
    """Every field of a server's error as psycopg 3 and psycopg2 show it; a temporary schema's number is left out."""
    return {
        name: re.sub(r"^pg_temp_\d+$", "pg_temp", getattr(error.diag, name) or "")
        for name in dir(error.diag)
        if not name.startswith("_") and isinstance(getattr(error.diag, name), str | None)
    }


def differences(direct, through, place="result"):
    """Where two results differ, one line for each place."""
    if direct == through:
        return
    if isinstance(direct, dict) and isinstance(through, dict) and direct.keys() == through.keys():
        pairs = [(f"{place}[{key!r}]", direct[key], through[key]) for key in direct]
    elif isinstance(direct, list | tuple) and type(direct) is type(through) and len(direct) == len(through):
        pairs = [(f"{place}[{index}]", *pair) for index, pair in enumerate(zip(direct, through, strict=True))]
    else:
        yield f"{place}: direct {str(direct)[:500]!r}, through the gateway {str(through)[:500]!r}"
        return
    for name, first, second in pairs:
        yield from differences(first, second, name)


@pytest.fixture(params=["plain", "tls", "unix"])
def same(request, postgres, gateway):
    """Runs a scenario direct and through one listener; what the two return must be equal."""

    def compare(scenario):
        direct = scenario(postgres.direct())
        through = scenario(getattr(gateway, request.param)())
        assert through == direct, "\n".join(differences(direct, through))
        return through

    return compare
