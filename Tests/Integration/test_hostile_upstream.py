"""A database server that lies, breaks off or breaks the protocol while the gateway logs in."""

import socket
import ssl
import struct

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support import fake_postgres as fake
from support import wire
from support.certificates import Authority
from support.hostile import (  # noqa: F401
    SECRET_WORDS, counts, enter, hostile, lets_in, refused, second_server, server,
)


def server_context(authority, name, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue(name, **options))
    return context


# Before the login


def after_startup(*data):
    def behave(peer):
        peer.startup()
        peer.send(*data)
        peer.rest()

    return behave


def test_a_good_fake_lets_jobs_in(hostile, server):
    """Else every other test here would pass for the wrong reason."""

    def behave(peer):
        version, settings = peer.startup()
        assert (version, settings["user"], settings["client_encoding"]) == (wire.VERSION_32, b"secret_login", b"UTF8")
        peer.scram()
        peer.welcome()
        peer.serve()

    server.behaviour = behave
    with enter(hostile, "app") as job:
        assert job.ask("select 1") == ["1"]


def test_a_server_that_closes_at_once(hostile, server):
    refused(hostile, server, lambda peer: None, reason="closed|reset")


def test_a_server_that_resets_at_once(hostile, server):
    linger = struct.pack("ii", 1, 0)
    refused(hostile, server, lambda peer: peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger))


def test_a_server_that_closes_after_the_startup_packet(hostile, server):
    refused(hostile, server, lambda peer: peer.startup(), reason="closed")


def test_a_server_that_never_answers_is_given_up_in_time(hostile, server):
    refused(hostile, server, lambda peer: peer.rest(), role="impatient", reason="timed out while waiting for the auth")


# TLS

BEFORE_TLS = {
    "an error": (fake.failure(SECRET_WORDS, "53300"), "error in place of TLS"),
    "no TLS": (b"N", "does not support TLS"),
    "plaintext behind the answer": (b"S" + fake.authentication(0), "unencrypted bytes"),
    "one byte behind the answer": (b"SS", "unencrypted bytes"),
    "another byte": (b"X", "invalid answer"),
    "no ServerHello": (b"S", None),
}


@pytest.mark.parametrize("what", BEFORE_TLS)
def test_a_server_that_answers_the_ssl_request_wrongly(hostile, server, what):
    data, reason = BEFORE_TLS[what]

    def behave(peer):
        peer.exactly(8)
        peer.send(data)
        if what != "no ServerHello":
            peer.rest()

    record = refused(hostile, server, behave, role="secure", reason=reason or "")
    assert SECRET_WORDS not in record["reason"]


@pytest.mark.parametrize("role", ["secure", "direct"])
@pytest.mark.parametrize("wrong", ["authority", "host", "self", None])
def test_the_servers_certificate_is_verified_in_full(hostile, server, authority, tmp_path, role, wrong):
    signer = Authority(tmp_path / "other") if wrong == "authority" else authority
    names = {"hosts": ("db.elsewhere.test",), "addresses": ()} if wrong == "host" else {}
    context = server_context(signer, f"fake-{role}-{wrong}", **names)
    if wrong == "self":
        key = tmp_path / "ca.key"
        key.write_bytes(authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context.load_cert_chain(authority.ca, key)
    context.set_alpn_protocols(["postgresql"])

    def behave(peer):
        if role == "direct":
            peer.socket = context.wrap_socket(peer.socket, server_side=True)
        peer.startup(context)
        peer.send(fake.authentication(0))
        peer.welcome()
        peer.serve()

    if wrong:
        refused(hostile, server, behave, role=role, reason="(?i)certificate|hostname|verif")
    else:
        server.behaviour = behave
        with enter(hostile, role) as job:
            assert job.ask("select 1") == ["1"]



# Authentication


def scram(**options):
    def behave(peer):
        peer.startup()
        peer.scram(**options)
        peer.welcome()
        peer.serve()

    return behave


BAD_SCRAM = {
    "a thousand million iterations": (scram(iterations=10**9), "SCRAM"),
    "one iteration too many": (scram(iterations=100_001), "100001 SCRAM iterations"),
    "iterations beyond 32 bits": (scram(iterations=1 << 40), "SCRAM"),
    "one iteration": (scram(iterations=1), "1 SCRAM iterations"),
    "negative iterations": (scram(iterations=-4096), "SCRAM"),
    "a nonce of its own": (scram(nonce=lambda theirs: b"A" * 42), "nonce"),
    "a nonce cut short": (scram(nonce=lambda theirs: theirs[:-1]), "nonce"),
    "our nonce alone": (scram(nonce=lambda theirs: theirs), "nonce"),
    "an empty nonce": (scram(nonce=lambda theirs: b""), "nonce|malformed"),
    "an empty salt": (scram(salt=b""), "salt|malformed"),
    "a wrong signature": (scram(signature=b"x" * 32), "signature"),
    "a short signature": (scram(signature=b"x"), "signature|malformed"),
    "no signature": (scram(final=False), "out of order"),
    "no proof at all": (after_startup(fake.authentication(0)), "no proof"),
    "a password in clear text": (after_startup(fake.authentication(3)), "clear text"),
    "an MD5 password": (after_startup(fake.authentication(5, b"salt")), "MD5"),
    "GSSAPI": (after_startup(fake.authentication(7)), "7"),
    "an unknown method": (after_startup(fake.authentication(99)), "99"),
    "unknown mechanisms": (after_startup(fake.authentication(10, b"SCRAM-MD5\0OAUTHBEARER\0\0")), "mechanism"),
    "no mechanisms": (after_startup(fake.authentication(10, b"\0")), "mechanism|malformed"),
    "mechanisms without an end": (after_startup(fake.authentication(10, b"SCRAM-SHA-256")), "malformed"),
    "channel binding without TLS": (after_startup(fake.authentication(10, b"SCRAM-SHA-256-PLUS\0\0")), "without TLS"),
    "a challenge first": (after_startup(fake.authentication(11, b"r=x,s=eA==,i=4096")), "out of order"),
    "the end first": (after_startup(fake.authentication(12, b"v=eA==")), "out of order"),
}


@pytest.mark.parametrize("what", BAD_SCRAM)
def test_a_server_that_does_not_prove_itself_gets_no_session(hostile, server, what):
    behaviour, reason = BAD_SCRAM[what]
    refused(hostile, server, behaviour, reason=reason)


# Errors instead of a login


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("53300", "53300"), ("57P03", "57P03"), ("57P01", "57P03"), ("57P02", "57P03"), ("28P01", "08006"),
        ("28000", "08006"), ("3D000", "08006"), ("XX000", "08006"), (None, "08006"), ("nonsense", "08006"),
    ],
)
def test_a_servers_error_reaches_the_job_as_a_fixed_text(hostile, server, state, answer):
    def behave(peer):
        peer.startup()
        peer.send(fake.failure(f'{SECRET_WORDS}: no pg_hba.conf entry for user "secret_login"', state))

    record = refused(hostile, server, behave, state=answer, reason=SECRET_WORDS)
    assert (state or "no SQLSTATE") in record["reason"] or state == "nonsense"


@pytest.mark.parametrize("state", ["28P01", "28000"])
def test_a_refused_password_is_read_anew_and_tried_once_more(hostile, server, state):
    tries = []

    def behave(peer):
        tries.append(peer)
        peer.startup()
        peer.send(fake.failure(SECRET_WORDS, state))

    refused(hostile, server, behave)
    assert len(tries) == 2


BROKEN_LOGINS = {
    "a login message of 4 GiB": (b"R\xff\xff\xff\xff", "length"),
    "a login message of 2 GiB": (b"S\x80\0\0\0", "length"),
    "an authentication request beyond its cap": (b"R" + struct.pack(">I", 2001), "length"),
    "an error beyond its cap": (b"E" + struct.pack(">I", 30001), "length"),
    "length 0": (b"R\0\0\0\0", "length"),
    "length 3": (b"E\0\0\0\3", "length"),
    "an empty authentication request": (wire.message("R"), "malformed|length"),
    "an error without an end": (wire.message("E", b"SFATAL"), "malformed"),
    "a row": (fake.row("x"), "during login"),
    "an unknown message": (b"\xff\0\0\0\4", "during login"),
    "ready too early": (fake.ready(), "while waiting"),
    "a key too early": (fake.key(), "while waiting"),
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "message `H`"),
    "protocol 3.3": (wire.message("v", struct.pack(">II", 0x00030003, 0)), "3.3"),
    "protocol 4.0": (wire.message("v", struct.pack(">II", 0x00040000, 0)), "4.0"),
    "protocol 3.1": (wire.message("v", struct.pack(">II", 0x00030001, 0)), "3.1"),
    "options that were not sent": (wire.message("v", struct.pack(">II", 0x00030000, 1) + b"_pq_.x\0"), "negotiates"),
    "negotiation with a huge count": (wire.message("v", struct.pack(">II", 0x00030000, 0xFFFFFFFF)), "malformed"),
}


@pytest.mark.parametrize("what", BROKEN_LOGINS)
def test_a_login_that_breaks_the_protocol_is_given_up(hostile, server, what):
    data, reason = BROKEN_LOGINS[what]
    refused(hostile, server, after_startup(data), reason=reason)


def test_negotiation_twice_is_given_up(hostile, server):
    message = wire.message("v", struct.pack(">II", 0x00030000, 0))
    refused(hostile, server, after_startup(message, message), reason="negotiates")


# Between AuthenticationOk and ReadyForQuery


def settle(*data, version=None, **changes):
    def behave(peer):
        peer.startup()
        if version is not None:
            peer.send(wire.message("v", struct.pack(">II", version, 0)))
        peer.send(fake.authentication(0), *data)
        peer.welcome(**changes)
        peer.serve()

    return behave


BROKEN_SETTLING = {
    "a superuser": (settle(is_superuser="on"), "superuser"),
    "another encoding": (settle(client_encoding="LATIN1"), "client encoding"),
    "two keys": (settle(fake.key()), "two cancel keys"),
    "a long key in protocol 3.0": (settle(version=wire.VERSION_30, key_length=32), "long cancel key"),
    "a key of 257 bytes": (settle(key_length=257), "malformed|key"),
    "a key of 3 bytes": (settle(key_length=3), "malformed|key"),
    "a second authentication": (settle(fake.authentication(3)), "out of order"),
    "a transaction": (settle(fake.ready(b"T")), "transaction"),
    "an unknown status": (settle(fake.ready(b"?")), "malformed|status"),
    "300 parameters": (settle(*(fake.parameter(f"x.p{index}", "") for index in range(300))), "too many parameters"),
    "a parameter without its value": (settle(wire.message("S", b"name\0")), "malformed"),
    "endless notices": (settle(*[wire.message("N", b"SNOTICE\0C00000\0Mx\0\0")] * 300), "too many notices"),
    "an error": (settle(fake.failure(SECRET_WORDS, "XX000")), "XX000"),
}


@pytest.mark.parametrize("what", BROKEN_SETTLING)
def test_a_session_that_begins_wrongly_is_given_up(hostile, server, what):
    behaviour, reason = BROKEN_SETTLING[what]
    refused(hostile, server, behaviour, role="trusting", reason=reason)


def test_a_superuser_is_accepted_where_the_database_says_so(hostile, server):
    server.behaviour = settle(is_superuser="on")
    with enter(hostile, "super") as job:
        assert job.parameters["is_superuser"] == "on"


@pytest.mark.parametrize("length", [4, 32, 256])
def test_the_servers_cancel_key_never_reaches_the_job(hostile, server, length):
    server.behaviour = settle(key_length=length)
    with enter(hostile, "trusting") as job:
        assert len(job.cancel_key) == 8
        assert b"kkkk" not in job.cancel_key


def test_a_server_that_speaks_only_3_0_is_welcome(hostile, server):
    server.behaviour = settle(version=wire.VERSION_30)
    with enter(hostile, "trusting") as job:
        assert job.ask("select 1") == ["1"]


# Several hosts


def test_the_first_host_that_lives_is_used(hostile, server, second_server):
    server.behaviour = settle()
    with enter(hostile, "several") as job:
        assert job.ask("select 1") == ["1"]
    assert (server.connections, second_server.connections) == (1, 0)


@pytest.mark.parametrize("failure", ["closes", "breaks the protocol", "starts up"])
def test_the_next_host_is_tried_after_one_that_gives_no_session(hostile, server, second_server, failure):
    server.behaviour = {
        "closes": lambda peer: None,
        "breaks the protocol": after_startup(b"HTTP/1.1 400 no\r\n\r\n"),
        "starts up": after_startup(fake.failure(SECRET_WORDS, "57P03")),
    }[failure]
    second_server.behaviour = settle()
    with enter(hostile, "several") as job:
        assert job.ask("select 1") == ["1"]
    assert (server.connections, second_server.connections) == (1, 1)


def test_when_every_host_fails_the_journal_has_each_of_them(hostile, server, second_server):
    second_server.behaviour = after_startup(fake.failure(SECRET_WORDS, "57P03"))
    record = refused(hostile, server, lambda peer: None, "57P03", role="several", reason="57P03")
    assert record["reason"].count("localhost:") == 3


@pytest.mark.parametrize("standby", [{"in_hot_standby": "on"}, {"default_transaction_read_only": "on"}])
def test_a_session_that_must_write_passes_over_a_standby(hostile, server, second_server, standby):
    server.behaviour = settle(**standby)
    second_server.behaviour = settle()
    with enter(hostile, "writable") as job:
        assert job.parameters["in_hot_standby"] == "off"
    assert (server.connections, second_server.connections) == (1, 1)


def test_only_standbys_are_not_enough(hostile, server, second_server):
    second_server.behaviour = settle(in_hot_standby="on")
    refused(hostile, server, settle(in_hot_standby="on"), "57P03", role="writable", reason="read-write")
