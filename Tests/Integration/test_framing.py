"""Messages in every kind of pieces, and messages that are none."""

import os
import socket
import struct

import psycopg
import pytest
from support import outcomes, wire
from support.waiting import until
from support.wire import Wire

SESSION_ID = "select right(current_setting('application_name'), 16)"
ROUTES = ["plain", "tls", "unix"]
# Straight to the server: what the gateway must be indistinguishable from.
ROUTES_AND_DIRECT = [*ROUTES, "direct"]


def connect(gateway, route, **options):
    if route == "tls":
        return Wire.tls(gateway.tls_port, gateway.authority.ca, **options)
    if route == "unix":
        return Wire.unix(f"{gateway.socket_folder}/.s.PGSQL.{gateway.plain_port}", **options)
    return Wire.plain(gateway.plain_port, **options)


def log_in(gateway, route="plain", **options):
    if route == "direct":
        # libpq logs in; its socket is then a connection like any other.
        parameters = gateway.postgres.direct() | {"sslmode": "disable", "application_name": "0123456789abcdef"}
        owner = psycopg.pq.PGconn.connect(psycopg.conninfo.make_conninfo(**parameters).encode())
        job = Wire(socket.socket(fileno=os.dup(owner.socket)))
        job.owner = owner
        return job
    return connect(gateway, route, **options).log_in(gateway.issuer.token())


def session_end(gateway, session):
    return outcomes.records_of(gateway, session, "session.end")[-1]


def kinds(messages):
    return "".join(kind for kind, _ in messages)


# A Query, an extended batch, data in and out; the session's answers are always the same.
SCRIPT = [
    (wire.query("create temp table t (a text)"), "CZ"),
    (
        wire.parse("select $1::text || 'ö'", "s") + wire.describe("S", "s") + wire.bind([b"x"], "p", "s")
        + wire.describe("P", "p") + wire.execute("p") + wire.close("P", "p") + wire.close("S", "s") + wire.SYNC,
        "1tT2TDC33Z",
    ),
    (wire.query("copy t from stdin"), "G"),
    (wire.copy_data(b"one\ntwo\n") + wire.copy_data(b"thr") + wire.copy_data(b"ee\n") + wire.COPY_DONE, "CZ"),
    (wire.query("copy t to stdout"), "HdddcCZ"),
    (wire.query("select count(*) from t; select 2"), "TDCTDCZ"),
]


@pytest.mark.parametrize("route", ROUTES)
def test_a_whole_session_may_come_byte_by_byte(gateway, route):
    with connect(gateway, route) as job:
        job.send_bytewise(wire.startup({"application_name": "bytewise"}))
        assert job.receive() == ("R", struct.pack(">I", 3))
        job.send_bytewise(wire.password(gateway.issuer.token()))
        job.welcome()
        for request, answer in SCRIPT:
            job.send_bytewise(request)
            assert kinds(job.receive() for _ in answer) == answer
        job.send_bytewise(wire.TERMINATE)
        assert job.rest() == b""


def test_the_startup_packet_may_be_split_anywhere(gateway):
    packet = wire.startup({"client_encoding": "utf-8"})
    for offset in range(1, len(packet)):
        with connect(gateway, "unix") as job:
            job.send_split(packet[:offset], packet[offset:])
            assert job.receive() == ("R", struct.pack(">I", 3))


def test_the_password_may_be_split_anywhere(gateway):
    message = wire.password(gateway.issuer.token())
    offsets = [*range(1, 12), *range(12, len(message) - 4, 31), *range(len(message) - 4, len(message))]
    for offset in offsets:
        with connect(gateway, "unix") as job:
            job.send_split(wire.startup())
            job.receive()
            job.send_split(message[:offset], message[offset:])
            assert job.welcome().ask("select 1") == ["1"]


def test_a_session_may_be_split_anywhere(gateway):
    with log_in(gateway, "unix") as job:
        for request, answer in SCRIPT[1:2] + [(wire.query("select 'a', 2"), "TDCZ")]:
            for offset in range(1, len(request)):
                job.send_split(request[:offset], request[offset:])
                found = job.until_ready()
                assert kinds(found) == answer, offset


def test_copy_data_may_be_split_anywhere(gateway):
    data = SCRIPT[3][0]
    with log_in(gateway, "unix") as job:
        job.ask("create temp table t (a text)")
        for offset in range(1, len(data)):
            job.send(wire.query("copy t from stdin"))
            assert job.receive()[0] == "G"
            job.send_split(data[:offset], data[offset:])
            assert kinds(job.until_ready()) == "CZ"
        assert job.ask("select count(*) from t") == [str(3 * (len(data) - 1))]


@pytest.mark.parametrize("route", ROUTES_AND_DIRECT)
def test_everything_after_the_login_may_come_in_one_piece(gateway, route):
    with log_in(gateway, route) as job:
        job.send(*(request for request, _ in SCRIPT))
        for _, answer in SCRIPT:
            assert kinds(job.receive() for _ in answer) == answer


@pytest.mark.parametrize("route", ROUTES_AND_DIRECT)
def test_requests_right_before_terminate_are_still_answered(gateway, route):
    """A server works off what came before Terminate and answers it."""
    with log_in(gateway, route) as job:
        (session,) = job.ask(SESSION_ID)
        job.send(*(request for request, _ in SCRIPT), wire.TERMINATE)
        for _, answer in SCRIPT:
            assert kinds(job.receive() for _ in answer) == answer
        assert job.rest() == b""
    if route != "direct":
        assert session_end(gateway, session)["reason"] == "terminated"


def test_a_statement_right_before_terminate_is_still_executed(gateway, postgres):
    with log_in(gateway) as job:
        job.ask("create table if not exists last_words (a int)")
    with postgres.superuser("app", autocommit=True) as watcher:
        for round in range(1, 21):
            with log_in(gateway) as job:
                job.send(wire.query("select 1"), wire.query(f"insert into last_words values ({round})"), wire.TERMINATE)
                job.rest()
            until(
                lambda: watcher.execute("select 1 from last_words where a = %s", [round]).fetchall(),
                5, f"insert {round}",
            )
        watcher.execute("drop table last_words")


def test_terminate_may_come_in_pieces(gateway):
    with log_in(gateway, "unix") as job:
        (session,) = job.ask(SESSION_ID)
        job.send_split(*(wire.TERMINATE[index : index + 1] for index in range(4)))
        job.send(wire.TERMINATE[4:])
        assert job.rest() == b""
    assert session_end(gateway, session)["reason"] == "terminated"


# Lengths


@pytest.mark.parametrize("length", [0, 3, 4, 5, 7, 10005, 1 << 31, (1 << 32) - 1])
def test_a_startup_packet_of_an_impossible_length_is_refused(gateway, length):
    with connect(gateway, "plain") as job:
        job.send(struct.pack(">II", length, wire.VERSION_30), b"user\0app\0\0")
        outcomes.refused(gateway, job, "08P01")


@pytest.mark.parametrize("length", [0, 1, 3])
@pytest.mark.parametrize("kind", "QPBDECHSFdcfX")
def test_a_message_shorter_than_its_length_field_ends_the_session(gateway, kind, length):
    with log_in(gateway) as job:
        job.send(kind.encode(), struct.pack(">I", length))
        _, record = outcomes.ended(gateway, job, "08P01")
        assert record["reason"].startswith("protocol violation")


@pytest.mark.parametrize("length", [0x3FFFFFFF, 1 << 31, (1 << 32) - 1])
@pytest.mark.parametrize(("kind", "state"), [(kind, "54000" if kind in "QPF" else "08P01") for kind in "QPFBDECHSdcfX"])
def test_a_message_of_absurd_length_ends_the_session_at_once(gateway, kind, state, length):
    with log_in(gateway) as job:
        job.send(kind.encode(), struct.pack(">I", length))
        outcomes.ended(gateway, job, state)


@pytest.mark.parametrize("kind", "DECHSXcf")
def test_a_small_message_has_at_most_10000_bytes_as_with_the_server(gateway, kind):
    with log_in(gateway) as job:
        job.send(kind.encode(), struct.pack(">I", 10_001))
        outcomes.ended(gateway, job, "08P01")


@pytest.mark.parametrize("kind", "QPBDECF")
def test_a_message_without_its_fields_is_an_error(gateway, kind):
    with log_in(gateway) as job:
        job.send(kind.encode(), struct.pack(">I", 4), wire.SYNC)
        name, body = job.receive()
        assert (name, wire.error_fields(body)["C"]) == ("E", "08P01")
        outcomes.still_lets_in(gateway)


@pytest.mark.parametrize("kind", [0, 1, 0x16, *b"ARZTGWKvpaq?\x7f\x80\xff"])
def test_an_unknown_message_type_ends_the_session(gateway, kind):
    with log_in(gateway) as job:
        job.send(bytes([kind]), struct.pack(">I", 8), b"text")
        fields, _ = outcomes.ended(gateway, job, "08P01")
        assert f"message type {kind}" in fields["M"]


def test_what_came_before_an_unknown_message_is_answered_or_lost_but_the_error_is_heard(gateway):
    with log_in(gateway) as job:
        job.send(wire.query("select 1"), b"?\0\0\0\4")
        outcomes.ended(gateway, job, "08P01")


# Half-closed connections


def shutdown_writes(job):
    """A FIN alone, without TLS's own goodbye."""
    with socket.socket(fileno=os.dup(job.socket.fileno())) as same:
        same.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("route", ROUTES_AND_DIRECT)
@pytest.mark.parametrize("sql", ["select 1", "select 1 from pg_sleep(0.3)", "select repeat('x', 5000000)"])
def test_a_job_that_closes_its_side_after_a_query_still_gets_the_answer(gateway, route, sql):
    with log_in(gateway, route) as job:
        (session,) = job.ask(SESSION_ID)
        job.send(wire.query(sql))
        shutdown_writes(job)
        assert kinds(job.until_ready()) == "TDCZ"
        assert job.rest() == b""
    if route != "direct":
        assert session_end(gateway, session)["reason"] == "terminated"


@pytest.mark.parametrize("route", ROUTES)
def test_a_job_that_closes_its_side_in_mid_message_is_let_go(gateway, postgres, route):
    with log_in(gateway, route) as job:
        (session,) = job.ask(SESSION_ID)
        job.send(b"Q\0\0\0\x20select")
        shutdown_writes(job)
        assert job.rest() == b""
    session_end(gateway, session)
    until(lambda: is_gone(postgres, session), 10, "the end of the upstream session")


def is_gone(postgres, session):
    with postgres.superuser(autocommit=True) as watcher:
        return not watcher.execute(
            "select 1 from pg_stat_activity where application_name like %s", [f"%{session}"]
        ).fetchall()


def test_the_answer_outlives_the_server_until_a_job_that_closed_its_side_has_read_it(gateway, postgres):
    """More than the socket's buffer takes, so that the gateway still holds some of it when the server has gone."""
    with log_in(gateway, "unix") as job:
        (session,) = job.ask(SESSION_ID)
        job.send(wire.query("select repeat('x', 300000)"))
        shutdown_writes(job)
        until(lambda: is_gone(postgres, session), 10, "the end of the upstream session")
        outcomes.still_lets_in(gateway)
        assert kinds(job.until_ready()) == "TDCZ"
