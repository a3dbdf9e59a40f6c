"""pgjdbc sees the same through the gateway as without it."""

import os
import shutil
import subprocess

import pytest
from support.clients import differences, environment

DRIVER = "/usr/share/java/postgresql.jar"
SOURCE = os.path.join(os.path.dirname(__file__), "clients", "JdbcClient.java")


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    for needed in ("javac", "java"):
        if shutil.which(needed) is None:
            raise RuntimeError(f"{needed} is not installed: run `make setup`")
    folder = str(tmp_path_factory.mktemp("classes"))
    done = subprocess.run(
        ["javac", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-classpath", DRIVER, "-d", folder, SOURCE],
        capture_output=True, text=True, timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def facts(classes, parameters, *properties):
    """What the client prints, line by line."""
    url = f"jdbc:postgresql://{parameters['host']}:{parameters['port']}/{parameters['dbname']}"
    tls = [f"sslmode={parameters.get('sslmode', 'disable')}"]
    if "sslrootcert" in parameters:
        tls.append(f"sslrootcert={parameters['sslrootcert']}")
    done = subprocess.run(
        ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8",
         "-classpath", f"{classes}:{DRIVER}", "JdbcClient", url, parameters["user"], *tls, *properties],
        env=environment(parameters), capture_output=True, text=True, timeout=90,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def direct(classes, postgres):
    return facts(classes, postgres.direct())


def test_the_client_finds_what_it_should(direct):
    """Guards the comparison itself: a client that does nothing would be the same everywhere."""
    for fact in (
        "batch: 3000", "copy in: 120000", "copy equal: true", "notifications: 100", "large object: true 1500000",
        "large object far: 5000000001 5000000001", "copy count: 120000", "warnings: 2000 n 2000 00000",
    ):
        assert fact in direct
    assert any(fact.startswith("timeout error: [ERROR, 57014") for fact in direct)
    assert any(fact.startswith("cancel error: [ERROR, 57014") for fact in direct)
    assert any(fact.startswith("prepared: S_") for fact in direct)
    assert sum(fact.startswith(("simple error", "extended error")) for fact in direct) == 14


# pgjdbc has no Unix sockets.
@pytest.mark.parametrize("listener", ["plain", "tls"])
def test_every_fact_is_the_same_through_the_gateway(classes, direct, gateway, listener):
    through = facts(classes, getattr(gateway, listener)())
    assert through == direct, "\n".join(differences(direct, through))


def test_text_values_and_rewritten_batches_are_the_same_too(classes, postgres, gateway):
    options = ("preferQueryMode=extendedForPrepared", "reWriteBatchedInserts=true", "binaryTransfer=false")
    expected, through = facts(classes, postgres.direct(), *options), facts(classes, gateway.tls(), *options)
    assert through == expected, "\n".join(differences(expected, through))
