"""Fixtures: one PostgreSQL and one gateway for the whole run, and gateways of their own for tests that change one."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from support.certificates import Authority  # noqa: E402
from support.gateway import Gateway  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.servers import Servers  # noqa: E402
from support.tokens import Issuer  # noqa: E402


def pytest_configure():
    # A run that is told to end stops what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("issuer"))


@contextlib.contextmanager
def cluster(authority, prefix):
    """A PostgreSQL that is gone at the end, with its folder."""
    # It runs as another user than root, who must be able to come in: pytest's own folders keep others out.
    folder = tempfile.mkdtemp(prefix=prefix)
    os.chmod(folder, 0o755)
    try:
        server = Postgres(f"{folder}/cluster", authority)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(authority):
    with cluster(authority, "postern-pg-") as server:
        yield server


@pytest.fixture(scope="session")
def archive(authority):
    """A PostgreSQL for auditors' stores alone, which tests may stop and start again."""
    with cluster(authority, "postern-archive-") as server:
        yield server


@pytest.fixture(scope="session")
def servers(authority):
    """PostgreSQL by major version, each started on first use."""
    started = Servers(authority)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, postgres, issuer, authority):
    """The gateway that most tests share. Do not change it."""
    process = Gateway(tmp_path_factory.mktemp("gateway"), postgres, issuer, authority)
    yield process
    process.stop()


@pytest.fixture
def make_gateway(tmp_path, postgres, issuer, authority):
    """Makes gateways for one test alone; keyword arguments replace parts of the configuration."""
    made = []

    def make(**options):
        process = Gateway(tmp_path / f"gateway-{len(made)}", postgres, issuer, authority, **options)
        made.append(process)
        return process

    yield make
    for process in made:
        process.stop()


@pytest.fixture(params=["direct", "plain", "tls", "unix"])
def route(request, postgres, gateway):
    """Connection parameters: around the gateway, and through each of its listeners."""
    return postgres.direct() if request.param == "direct" else getattr(gateway, request.param)()
