"""Connections that leave at every moment, by FIN and by RST. POSTERN_CHURN says how many in all."""

import concurrent.futures
import os
import socket

import psycopg
import pytest
from support import journal
from support.rawclient import SSL_REQUEST, RawClient, message, password, query, startup
from support.waiting import until

TOTAL = int(os.environ.get("POSTERN_CHURN", "6000"))
THREADS = 12
# The beginning of a ClientHello: a record of 512 bytes of which 5 follow.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"


def before_anything(gateway, token):
    return RawClient(gateway.plain_port)


def after_ssl_request(gateway, token):
    client = RawClient(gateway.tls_port).send(SSL_REQUEST)
    assert client.read(1) == b"S"
    return client


def mid_hello(gateway, token):
    return after_ssl_request(gateway, token).send(HALF_HELLO)


def after_handshake(gateway, token):
    return RawClient(gateway.tls_port).start_tls(gateway.authority.ca)


def mid_startup(gateway, token):
    return RawClient(gateway.plain_port).send(startup()[:11])


def after_startup(gateway, token):
    return RawClient(gateway.plain_port).send(startup())


def mid_password(gateway, token):
    client = RawClient(gateway.plain_port).send(startup())
    client.until(b"R")
    return client.send(password(token)[:100])


def during_login(gateway, token):
    client = RawClient(gateway.plain_port).send(startup())
    client.until(b"R")
    return client.send(password(token))


def idle(gateway, token):
    return RawClient(gateway.plain_port).log_in(token)


def idle_over_tls(gateway, token):
    return RawClient(gateway.tls_port).start_tls(gateway.authority.ca).log_in(token)


def mid_query(gateway, token):
    return idle(gateway, token).send(query("select pg_sleep(0.05)"))


def mid_message(gateway, token):
    return idle(gateway, token).send(message(b"Q", b"select 1" * 100 + b"\0")[:20])


def mid_answer(gateway, token):
    client = idle(gateway, token).send(query("select repeat('x', 100000) from generate_series(1, 20)"))
    client.read(1000)
    return client


CHEAP = [before_anything, after_ssl_request, mid_hello, mid_startup, after_startup, mid_password]
DEAR = [after_handshake, during_login, idle, idle_over_tls, mid_query, mid_message, mid_answer]


def churn(gateway, token, total):
    """Nine of ten connections leave early; one of ten costs a handshake or an upstream session."""
    plan = [CHEAP[number % len(CHEAP)] for number in range(total * 9 // 10)]
    plan += [DEAR[number % len(DEAR)] for number in range(total // 10)]

    def one(number):
        stage = plan[number]
        # Both ways at every stage: stages repeat with a step that the number of stages divides.
        leaves_by_reset = (number // len(CHEAP if stage in CHEAP else DEAR)) % 2 == 0
        client = stage(gateway, token)
        if leaves_by_reset:
            client.reset()
        else:
            client.close()

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(one, number) for number in range(total)]:
            done.result(60)


def at_rest(gateway, postgres):
    """Waits until every connection and every upstream session is gone."""
    until(lambda: gateway.metrics()["postern_connections"] == 0, 20, "the end of all connections")
    with postgres.superuser(autocommit=True) as connection:
        until(lambda: connection.execute(
            "select count(*) from pg_stat_activity where usename = 'app'").fetchone() == (0,), 20, "no backend")


@pytest.mark.timeout(60 + TOTAL // 50)
def test_connections_that_leave_at_any_moment_leave_nothing_behind(make_gateway, postgres, issuer):
    gateway = make_gateway(limits={"unauthenticated": 500, "unauthenticated_per_address": 500})
    token = issuer.token()
    churn(gateway, token, max(TOTAL // 10, 200))
    at_rest(gateway, postgres)
    descriptors, resident = gateway.descriptors(), gateway.resident_bytes()
    churn(gateway, token, TOTAL)
    at_rest(gateway, postgres)
    assert gateway.is_alive()
    until(lambda: gateway.descriptors() <= descriptors, 10, f"the return to {descriptors} descriptors")
    assert gateway.resident_bytes() - resident < 16 << 20
    assert sum(value for name, value in gateway.metrics().items() if name.startswith("postern_sessions{")) == 0
    with psycopg.connect(**gateway.tls()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    starts = {record["session"] for record in journal.records(gateway.journal_folder, "session.start")}
    until(lambda: starts <= {record["session"] for record in journal.records(gateway.journal_folder, "session.end")},
          10, "the end of every session in the journal")
    journal.verify(gateway.journal_folder)


@pytest.mark.parametrize("stage", CHEAP + DEAR, ids=lambda stage: stage.__name__)
def test_a_half_close_is_an_end_and_not_a_leak(gateway, issuer, stage):
    client = stage(gateway, issuer.token())
    client.socket.shutdown(socket.SHUT_WR)
    # Whatever was under way comes to its end, and the gateway closes its side.
    client.last_words()
    client.close()
