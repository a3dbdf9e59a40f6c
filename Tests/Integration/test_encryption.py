"""How encryption is asked for, and how it must not be."""

import itertools
import ssl
import struct

import pytest
from support import outcomes, wire
from support.wire import Wire

PASSWORD_REQUEST = ("R", struct.pack(">I", 3))
SSL, GSS = wire.SSL_REQUEST, wire.GSSENC_REQUEST


@pytest.fixture
def on_plain(gateway):
    with Wire.plain(gateway.plain_port) as connection:
        yield connection


@pytest.fixture
def on_tls(gateway):
    with Wire.plain(gateway.tls_port) as connection:
        yield connection


@pytest.fixture
def new_refusals(gateway):
    """The refusal records of one stage that were written since the test began."""

    def all_of(stage):
        records = outcomes.journal.records(gateway.journal_folder, "session.refused")
        return [record for record in records if record["stage"] == stage]

    before = {stage: len(all_of(stage)) for stage in ("tls", "startup")}
    return lambda stage: outcomes.until(lambda: all_of(stage)[before[stage]:], 10, f"a refusal at {stage}")


# Requests for encryption


@pytest.mark.parametrize("requests", [[], [SSL], [GSS], [SSL, GSS], [GSS, SSL]])
def test_without_tls_both_requests_are_declined_and_the_login_goes_on(gateway, on_plain, requests):
    for request in requests:
        on_plain.send(request)
        assert on_plain.exactly(1) == b"N"
    assert on_plain.log_in(gateway.issuer.token()).ask("select 1") == ["1"]


@pytest.mark.parametrize("requests", [[SSL, SSL], [GSS, GSS], [SSL, GSS, SSL], [GSS, SSL, GSS], [GSS, SSL, SSL]])
def test_a_request_that_comes_again_ends_the_connection(gateway, on_plain, requests):
    for request in requests[:-1]:
        on_plain.send(request)
        assert on_plain.exactly(1) == b"N"
    on_plain.send(requests[-1])
    outcomes.refused(gateway, on_plain, "08P01")


def test_a_thousand_requests_at_once_are_answered_by_one_refusal(gateway, on_plain):
    on_plain.send((SSL + GSS) * 1000)
    assert on_plain.exactly(2) == b"NN"
    outcomes.refused(gateway, on_plain, "08P01")


def test_gssenc_is_declined_before_tls_too(gateway, on_tls):
    on_tls.send(GSS)
    assert on_tls.exactly(1) == b"N"
    on_tls.send(SSL)
    assert on_tls.exactly(1) == b"S"
    on_tls.encrypt(gateway.authority.ca)
    assert on_tls.log_in(gateway.issuer.token()).ask("select 1") == ["1"]


def test_gssenc_twice_on_a_tls_listener_is_refused(gateway, on_tls):
    on_tls.send(GSS)
    assert on_tls.exactly(1) == b"N"
    on_tls.send(GSS)
    outcomes.refused(gateway, on_tls, "08P01")


@pytest.mark.parametrize("code", [80877103, 80877104])
def test_a_request_with_more_than_its_eight_bytes_is_refused(gateway, on_plain, code):
    on_plain.send(wire.packet(code, b"\0"))
    outcomes.refused(gateway, on_plain, "08P01")


def test_no_password_is_asked_for_without_tls(gateway, on_tls):
    on_tls.send(wire.startup())
    assert on_tls.socket.recv(1, 2) == b"E"  # MSG_PEEK: the first thing to come is the error.
    fields, _ = outcomes.refused(gateway, on_tls, "28000")
    assert fields["M"].startswith("no encryption")


def test_no_password_is_asked_for_after_gssenc_was_declined(gateway, on_tls):
    on_tls.send(GSS)
    assert on_tls.exactly(1) == b"N"
    on_tls.send(wire.startup())
    outcomes.refused(gateway, on_tls, "28000")


@pytest.mark.parametrize("request_code", [SSL, GSS])
@pytest.mark.parametrize("direct", [False, True])
def test_inside_tls_no_further_encryption_is_asked_for(gateway, request_code, direct):
    make = Wire.direct_tls if direct else Wire.tls
    with make(gateway.tls_port, gateway.authority.ca) as job:
        job.send(request_code)
        outcomes.refused(gateway, job, "08P01")


# Plaintext before TLS


@pytest.mark.parametrize(
    "preloaded",
    [wire.startup(), wire.startup() + wire.password("token") + wire.query("select 1"), b"\0", b"Q\0\0\0\4"],
    ids=["startup", "session", "byte", "query"],
)
def test_plaintext_behind_an_ssl_request_is_never_taken_for_what_came_through_tls(
    gateway, on_tls, new_refusals, preloaded
):
    on_tls.send(SSL + preloaded)
    answer = on_tls.exactly(1)
    assert answer in (b"S", b"E")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        on_tls.encrypt(gateway.authority.ca)
    assert new_refusals("tls" if answer == b"S" else "startup")
    outcomes.still_lets_in(gateway)


def test_a_client_hello_in_pieces_is_put_together(gateway):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=gateway.authority.ca)
    context.set_alpn_protocols(["postgresql"])
    session = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with Wire.plain(gateway.tls_port) as job:
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                job.send_bytewise(outgoing.read())
                incoming.write(job.socket.recv(1 << 14))
        session.write(wire.startup())
        job.send_bytewise(outgoing.read())
        while True:
            try:
                assert session.read(5) == b"R\0\0\0\x08"
                break
            except ssl.SSLWantReadError:
                incoming.write(job.socket.recv(1 << 14))


# TLS itself


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("direct", [False, True])
def test_tls_1_2_and_1_3_are_spoken(gateway, version, direct):
    make = Wire.direct_tls if direct else Wire.tls
    with make(gateway.tls_port, gateway.authority.ca, minimum=version, maximum=version) as job:
        job.log_in(gateway.issuer.token())
        (session,) = job.ask("select right(current_setting('application_name'), 16)")
        start = outcomes.records_of(gateway, session, "session.start")[0]
    assert start["client"]["tls"] == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_older_tls_is_refused(gateway, on_tls, new_refusals, version):
    on_tls.send(SSL)
    assert on_tls.exactly(1) == b"S"
    with pytest.raises(ssl.SSLError):
        on_tls.encrypt(gateway.authority.ca, minimum=version, maximum=version)
    (record,) = new_refusals("tls")
    assert record["reason"]
    outcomes.still_lets_in(gateway)


def test_direct_tls_logs_in(gateway):
    with Wire.direct_tls(gateway.tls_port, gateway.authority.ca) as job:
        assert job.socket.selected_alpn_protocol() == "postgresql"
        assert job.log_in(gateway.issuer.token()).ask("select 1") == ["1"]


def test_direct_tls_without_alpn_is_refused(gateway):
    with Wire.direct_tls(gateway.tls_port, gateway.authority.ca, alpn=()) as job:
        fields, _ = outcomes.refused(gateway, job, "08P01")
        assert "ALPN" in fields["M"]


@pytest.mark.parametrize("offered", [("h2",), ("http/1.1", "h2"), ("postgresq",), ("postgresql2",), ("POSTGRESQL",)])
@pytest.mark.parametrize("direct", [False, True])
def test_another_alpn_protocol_is_refused(gateway, on_tls, new_refusals, offered, direct):
    if not direct:
        on_tls.send(SSL)
        assert on_tls.exactly(1) == b"S"
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        on_tls.encrypt(gateway.authority.ca, alpn=offered)
    assert new_refusals("tls")
    outcomes.still_lets_in(gateway)


@pytest.mark.parametrize("offered", [("h2", "postgresql"), ("postgresql", "h2")])
def test_postgresql_among_other_alpn_protocols_is_chosen(gateway, offered):
    with Wire.direct_tls(gateway.tls_port, gateway.authority.ca, alpn=offered) as job:
        assert job.socket.selected_alpn_protocol() == "postgresql"
        assert job.log_in(gateway.issuer.token()).ask("select 1") == ["1"]


def test_direct_tls_where_there_is_none_is_closed(gateway, on_plain):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        on_plain.encrypt(gateway.authority.ca, alpn=("postgresql",))
    outcomes.still_lets_in(gateway)


GARBAGE = {
    "records of nothing": b"\x16\x03\x01\x00\x00" * 40,
    "a record too long": b"\x16\x03\x01\xff\xff" + b"\0" * 400,
    "no handshake": b"\x16\x03\x01\x00\x05HELLO",
    "HTTP after the first byte": b"\x16GET / HTTP/1.1\r\n\r\n",
    "SSL 2": b"\x16\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"\0" * 35,
}


@pytest.mark.parametrize(("what", "direct"), itertools.product(GARBAGE, [False, True]))
def test_garbage_in_place_of_a_client_hello_is_closed_and_recorded(gateway, on_tls, new_refusals, what, direct):
    if not direct:
        on_tls.send(SSL)
        assert on_tls.exactly(1) == b"S"
    on_tls.send(GARBAGE[what])
    on_tls.rest()
    assert new_refusals("tls")
    outcomes.still_lets_in(gateway)


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 16, b"\xff" * 16, b"SSH-2.0-x\r\n"])
@pytest.mark.parametrize("listener", ["plain_port", "tls_port"])
def test_another_protocol_altogether_is_refused(gateway, data, listener):
    with Wire.plain(getattr(gateway, listener)) as job:
        job.send(data)
        outcomes.refused(gateway, job, "08P01")
