"""Fixtures and steps for tests against servers that misbehave; a test module imports the fixtures by name."""

import re

import pytest

from . import outcomes, wire
from .fake_postgres import FakePostgres
from .gateway import Gateway, plain_role
from .waiting import free_port
from .wire import Wire

TEXTS = {
    "08006": "could not connect to the upstream database",
    "57P03": "upstream database is not accepting connections",
    "53300": "too many connections to the upstream database",
}
# What a server says in its errors must never reach a job.
SECRET_WORDS = "words of the server"


@pytest.fixture(scope="module")
def server():
    process = FakePostgres()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def second_server():
    process = FakePostgres()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, postgres, issuer, authority, server, second_server):
    """A gateway in front of the fakes; each role leads to a database entry of the same name."""
    here, there = f"localhost:{server.port}", f"localhost:{second_server.port}"
    common = {"connect_timeout": "2s", "tls": {"mode": "disable"}, "hosts": [here]}
    open_to_all = common | {"auth_methods": ["none"]}
    verified = {"ca_file": authority.ca}
    entries = {
        "app": common,
        "secure": common | {"tls": verified, "auth_methods": ["none"]},
        "direct": common | {"tls": verified | {"negotiation": "direct"}, "auth_methods": ["none"]},
        "trusting": open_to_all,
        "super": open_to_all | {"superuser": True},
        "impatient": open_to_all | {"connect_timeout": "1s"},
        "several": open_to_all | {"hosts": [f"localhost:{free_port()}", here, there]},
        "writable": open_to_all | {"hosts": [here, there], "target_session_attrs": "read-write"},
    }
    login = {"logins": {"secret_login": {"password": {"file": "app.password"}}}}
    entries = {name: entry | login for name, entry in entries.items()}
    roles = {name: plain_role() | {"database": name, "login": "secret_login"} for name in entries}
    folder = tmp_path_factory.mktemp("hostile")
    process = Gateway(folder, postgres, issuer, authority, roles=roles, databases=entries)
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def counts(server, second_server):
    for one in (server, second_server):
        one.connections = 0
        one.failures.clear()
        one.cancels.clear()
        one.behaviour = None
    yield
    assert not server.failures + second_server.failures


def attempt(hostile, role):
    job = Wire.plain(hostile.plain_port)
    job.send(wire.startup(user=role, database=role))
    job.receive()
    job.send(wire.password(hostile.issuer.token()))
    return job


def enter(hostile, role):
    return attempt(hostile, role).welcome()


def refused(hostile, server, behaviour, state="08006", role="app", reason=""):
    """The job gets a fixed text and nothing else; the journal has the reason."""
    server.behaviour = behaviour
    with attempt(hostile, role) as job:
        fields = job.fatal()
    session = outcomes.session_of(fields)
    assert fields == {"S": "FATAL", "V": "FATAL", "C": state, "M": f"{TEXTS[state]} (session {session})"}
    (record,) = outcomes.records_of(hostile, session, "session.refused")
    assert record["stage"] == "upstream"
    assert re.search(reason, record["reason"]), record["reason"]
    assert record["identity"]["subject"]
    assert session in hostile.log_text()
    assert "s3cret" not in hostile.log_text()
    lets_in(hostile, server)
    return record


def lets_in(hostile, server, role="trusting"):
    server.behaviour = lambda peer: (peer.trust(), peer.serve())
    with enter(hostile, role) as job:
        assert job.ask("select 1") == ["1"]
    assert hostile.is_alive()
