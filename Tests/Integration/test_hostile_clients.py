"""Clients that hold on to what they were refused, leave half-way, or wait where nobody expects it."""

import signal
import socket
import ssl
import struct

import psycopg
from support.gateway import plain_role
from support.waiting import until


def half_closed_tls(gateway, token):
    """A TLS connection whose client has said close_notify behind its query."""
    raw = socket.create_connection(("127.0.0.1", gateway.tls_port), timeout=10)
    raw.sendall(struct.pack(">II", 8, 80877103))
    assert raw.recv(1) == b"S"
    context = ssl.create_default_context(cafile=gateway.authority.ca)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    engine = context.wrap_bio(incoming, outgoing, server_hostname="localhost")

    def pump(step):
        while True:
            try:
                result = step()
                raw.sendall(outgoing.read())
                return result
            except ssl.SSLWantReadError:
                raw.sendall(outgoing.read())
                incoming.write(raw.recv(65536))

    def message():
        head = b""
        while len(head) < 5:
            head += pump(lambda: engine.read(5 - len(head)))
        body = b""
        length = struct.unpack(">I", head[1:])[0] - 4
        while len(body) < length:
            body += pump(lambda: engine.read(length - len(body)))
        return head[:1], body

    parameters = b"user\0app\0database\0app\0\0"
    pump(engine.do_handshake)
    pump(lambda: engine.write(struct.pack(">II", len(parameters) + 8, 196608) + parameters))
    assert message()[0] == b"R"
    secret = token.encode() + b"\0"
    pump(lambda: engine.write(b"p" + struct.pack(">I", len(secret) + 4) + secret))
    while message()[0] != b"Z":
        pass
    return raw, engine, pump, message, outgoing


def test_a_tls_client_that_ended_its_side_still_gets_its_answer(gateway, issuer):
    raw, engine, pump, message, outgoing = half_closed_tls(gateway, issuer.token())
    text = b"select 'still here'\0"
    pump(lambda: engine.write(b"Q" + struct.pack(">I", len(text) + 4) + text))
    try:
        engine.unwrap()
    except ssl.SSLWantReadError:
        pass
    raw.sendall(outgoing.read())
    kinds = []
    while not kinds or kinds[-1] != b"Z":
        kind, body = message()
        kinds.append(kind)
        if kind == b"D":
            assert b"still here" in body
    assert kinds == [b"T", b"D", b"C", b"Z"]
    raw.close()


def test_one_who_was_refused_still_counts_as_unauthenticated(make_gateway):
    gateway = make_gateway(
        limits={"connections": 30, "unauthenticated": 10, "unauthenticated_per_address": 3}
    )
    held = []
    for _ in range(40):
        client = socket.create_connection(("127.0.0.1", gateway.plain_port), timeout=5)
        client.sendall(struct.pack(">II", 8, 12345))
        held.append(client)
    # All of one address: the places of the others stay free.
    other = socket.socket()
    other.bind(("127.0.0.8", 0))
    other.connect(("127.0.0.1", gateway.plain_port))
    other.sendall(struct.pack(">II", 8, 80877103))
    other.settimeout(5)
    assert other.recv(1) == b"N"
    for client in [*held, other]:
        client.close()


def test_a_statement_that_was_flushed_is_not_silence(make_gateway):
    gateway = make_gateway(roles={"app": plain_role(idle="1s")})
    with psycopg.connect(**gateway.plain()) as connection:
        connection.autocommit = True
        with connection.pipeline() as pipeline:
            cursor = connection.execute("select pg_sleep(2.5), 'awake'")
            connection.pgconn.send_flush_request()
            connection.pgconn.flush()
            until(lambda: connection.pgconn.consume_input() or not connection.pgconn.is_busy(), 10, "the answer")
            pipeline.sync()
            assert cursor.fetchone()[1] == "awake"


def test_a_newcomer_is_refused_once_the_gateway_drains(make_gateway):
    gateway = make_gateway()
    with psycopg.connect(**gateway.plain()) as connection:
        connection.execute("select 1")  # in a transaction: not idle
        gateway.signal(signal.SIGTERM)
        gateway.signal(signal.SIGTERM)

        def refused():
            try:
                socket.create_connection(("127.0.0.1", gateway.plain_port), timeout=1).close()
                return False
            except ConnectionRefusedError:
                return True

        until(refused, 10, "the end of accepting")
        assert connection.execute("select 2").fetchone() == (2,)
