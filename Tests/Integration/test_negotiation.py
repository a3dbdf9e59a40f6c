"""Protocol versions, and what may stand in the password's place."""

import socket
import struct

import pytest
from support import journal, outcomes, wire
from support.waiting import until
from support.wire import Wire

PASSWORD_REQUEST = ("R", struct.pack(">I", 3))
VERSION_31 = 0x00030001
VERSION_39999 = 0x00030000 + 9999


@pytest.fixture
def job(gateway):
    with Wire.plain(gateway.plain_port) as connection:
        yield connection


def negotiated(body):
    """The version and the names of a NegotiateProtocolVersion."""
    version, count = struct.unpack_from(">II", body)
    names = body[8:].split(b"\0")
    assert names.pop() == b"" and len(names) == count
    return version, names


# Versions


@pytest.mark.parametrize(("version", "key_length"), [(wire.VERSION_30, 4), (VERSION_31, 4), (wire.VERSION_32, 32)])
def test_a_version_that_the_gateway_speaks_needs_no_negotiation(gateway, job, version, key_length):
    job.log_in(gateway.issuer.token(), version=version)
    assert len(job.cancel_key) == 4 + key_length


@pytest.mark.parametrize("version", [0x00030003, VERSION_39999, 0x0003FFFF])
def test_a_newer_minor_version_is_brought_down_to_3_2(gateway, job, version):
    job.send(wire.startup(version=version))
    kind, body = job.receive()
    assert (kind, negotiated(body)) == ("v", (wire.VERSION_32, []))
    job.give_password(gateway.issuer.token())
    assert len(job.cancel_key) == 36
    assert job.ask("select 1") == ["1"]


@pytest.mark.parametrize(
    ("version", "answered", "key_length"),
    [
        (wire.VERSION_30, wire.VERSION_30, 4),
        (wire.VERSION_32, wire.VERSION_32, 32),
        (VERSION_39999, wire.VERSION_32, 32),
    ],
)
def test_protocol_options_that_nobody_knows_are_named(gateway, job, version, answered, key_length):
    options = [("_pq_.test_protocol_negotiation", "1"), ("application_name", "x"), ("_pq_.other", "")]
    job.send(wire.startup(options, version=version))
    kind, body = job.receive()
    assert (kind, negotiated(body)) == ("v", (answered, [b"_pq_.test_protocol_negotiation", b"_pq_.other"]))
    job.give_password(gateway.issuer.token())
    assert len(job.cancel_key) == 4 + key_length


def test_a_cancel_request_is_answered_by_closing(gateway, job):
    job.send(wire.packet(80877102, struct.pack(">II", 1, 2)))
    assert job.rest() == b""
    outcomes.still_lets_in(gateway)


@pytest.mark.parametrize("length", [0, 3, 4 + 3, 4 + 257])
def test_a_cancel_request_with_an_impossible_key_is_refused(gateway, job, length):
    job.send(wire.packet(80877102, b"k" * length))
    outcomes.refused(gateway, job, "08P01")


# In place of the password

NOT_PASSWORDS = {
    "a second startup packet": wire.startup(user="other"),
    "an SSL request": wire.SSL_REQUEST,
    "a cancel request": wire.packet(80877102, b"12345678"),
    "a query": wire.query("select 1"),
    "parse": wire.parse("select 1"),
    "sync": wire.SYNC,
    "terminate": wire.TERMINATE,
    "copy data": wire.copy_data(b"x"),
    "NULs": b"\0" * 8,
    "length 0": b"p\0\0\0\0",
    "length 4, no text": b"p\0\0\0\4",
    "no NUL": wire.message("p", b"token"),
    "bytes behind the NUL": wire.message("p", b"token\0more\0"),
    "a NUL inside": wire.message("p", b"to\0ken\0"),
    "one byte too many": b"p" + struct.pack(">I", 65536),
    "2 GiB": b"p\x80\0\0\0",
    "4 GiB": b"p\xff\xff\xff\xff",
}


@pytest.mark.parametrize("what", NOT_PASSWORDS)
def test_nothing_but_a_password_is_taken_for_one(gateway, job, what):
    job.send(wire.startup())
    assert job.receive() == PASSWORD_REQUEST
    job.send(NOT_PASSWORDS[what])
    _, record = outcomes.refused(gateway, job, "08P01")
    assert record["role"] == "app"


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 65530, "\x01" * 100, "\xff" * 100, ".", "..", "a.b.c", "' or 1=1 --"]
)
def test_a_password_that_is_no_token_gets_the_one_text(gateway, job, token):
    job.send(wire.startup())
    assert job.receive() == PASSWORD_REQUEST
    job.send(wire.password(token.encode("latin-1")))
    fields, record = outcomes.refused(gateway, job, "28000", stage="token")
    assert fields["M"].startswith("access refused (")
    assert len(token) < 20 or token not in str(record)


def test_the_longest_password_message_is_read(gateway, job):
    """The token is not good, but it is heard: 65,535 is the largest length field."""
    job.send(wire.startup())
    job.receive()
    message = wire.password("x" * 65530)
    assert len(message) == 65536
    job.send(message)
    outcomes.refused(gateway, job, "28000", stage="token")


EARLY = {
    "a query": wire.query("select 1"),
    "a second password": wire.password("other"),
    "a startup packet": wire.startup(user="other"),
    "garbage": b"\xff" * 100_000,
}


@pytest.mark.parametrize("what", EARLY)
def test_what_comes_before_the_login_is_answered_is_refused(gateway, job, what):
    job.send(wire.startup())
    assert job.receive() == PASSWORD_REQUEST
    job.send(wire.password(gateway.issuer.token()), EARLY[what])
    outcomes.refused(gateway, job, "08P01")


@pytest.mark.parametrize("what", EARLY)
def test_what_comes_before_the_login_is_answered_is_refused_over_tls_too(gateway, what):
    with Wire.tls(gateway.tls_port, gateway.authority.ca) as job:
        job.send(wire.startup())
        assert job.receive() == PASSWORD_REQUEST
        job.send(wire.password(gateway.issuer.token()), EARLY[what])
        outcomes.refused(gateway, job, "08P01")


@pytest.mark.parametrize("stage", ["in the startup packet", "before the password", "in the password", "after it"])
@pytest.mark.parametrize("reset", [False, True])
def test_a_job_that_leaves_during_its_login_leaves_nothing_behind(gateway, stage, reset):
    descriptors = gateway.descriptors()
    for _ in range(20):
        job = Wire.plain(gateway.plain_port)
        packet = wire.startup()
        job.send(packet[:20] if stage == "in the startup packet" else packet)
        if stage != "in the startup packet":
            job.receive()
        if stage == "in the password":
            job.send(b"p\0\0\1\0half")
        elif stage == "after it":
            job.send(wire.password(gateway.issuer.token()))
        if reset:
            job.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        job.close()
    until(lambda: gateway.descriptors() <= descriptors + 2, 10, "the close of everything")
    outcomes.still_lets_in(gateway)


def test_a_login_that_takes_too_long_is_ended(make_gateway):
    gateway = make_gateway(limits={"login_timeout": "1s"})
    with Wire.plain(gateway.plain_port) as silent, Wire.plain(gateway.plain_port) as slow:
        slow.send(wire.startup())
        assert slow.receive() == PASSWORD_REQUEST
        slow.send(b"p")
        outcomes.refused(gateway, slow, "28000", stage="limit")
        silent.rest()
    reasons = [record["reason"] for record in journal.records(gateway.journal_folder, "session.refused")]
    assert "login_timeout" in reasons


def test_the_journal_of_all_this_verifies(gateway):
    assert sum(journal.verify(gateway.journal_folder).values()) > 3
