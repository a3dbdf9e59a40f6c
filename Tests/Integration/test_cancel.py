"""Cancel requests: the gateway's own keys, brought to the server of the session that they name."""

import concurrent.futures
import os
import signal
import socket
import struct
import subprocess
import threading

import psycopg
import psycopg2
import pytest
from support import journal
from support.waiting import until

CANCEL_CODE = 80877102


def session_of(connection):
    """The session's id, as the server knows it."""
    cursor = connection.cursor()
    cursor.execute("select current_setting('application_name')")
    return cursor.fetchone()[0].split("/")[2]


def sleeps(postgres, session):
    """Whether the server is in pg_sleep for the session."""
    with postgres.superuser() as connection:
        return connection.execute(
            "select count(*) from pg_stat_activity where application_name like %s and wait_event = 'PgSleep'",
            (f"%/{session}%",),
        ).fetchone()[0] == 1


def cancels_of(gateway, session):
    return [record for record in journal.of_session(gateway.journal_folder, session)
            if record["event"] == "session.cancel"]


def unknown_keys(gateway):
    return sum(value for name, value in gateway.metrics().items()
               if name.startswith("postern_refusals_total{") and 'stage="cancel"' in name)


class Sleeper(threading.Thread):
    """Runs a long statement; `error` is what ended it."""

    def __init__(self, connection, seconds=60):
        super().__init__(daemon=True)
        self.connection, self.seconds, self.error = connection, seconds, None
        self.start()

    def run(self):
        try:
            self.connection.cursor().execute(f"select pg_sleep({self.seconds})")
        except (psycopg.Error, psycopg2.Error) as error:
            self.error = error

    def ending(self):
        self.join(15)
        assert not self.is_alive(), "the statement was not cancelled"
        return self.error


def send_cancel(gateway, process, secret):
    """One cancel request as bytes; returns what the gateway answers before it closes."""
    with socket.create_connection(("127.0.0.1", gateway.plain_port), timeout=10) as connection:
        connection.sendall(struct.pack("!iii", 12 + len(secret), CANCEL_CODE, process) + secret)
        return connection.recv(100)


@pytest.mark.parametrize("listener", ["plain", "tls"])
def test_control_c_in_psql_cancels_the_statement(gateway, postgres, listener, tmp_path):
    parameters = getattr(gateway, listener)()
    password = parameters.pop("password")
    out = tmp_path / "out"
    with open(out, "w") as file:
        process = subprocess.Popen(
            ["psql", "-X", "-A", "-t", psycopg.conninfo.make_conninfo(**parameters),
             "-c", "select split_part(current_setting('application_name'), '/', 3)", "-c", "select pg_sleep(60)"],
            env=os.environ | {"PGPASSWORD": password}, stdout=file, stderr=subprocess.PIPE, text=True,
        )
    try:
        session = until(lambda: out.read_text().strip(), what="psql's session")
        until(lambda: sleeps(postgres, session), what="the sleep")
        process.send_signal(signal.SIGINT)
        assert "canceling statement due to user request" in process.communicate(timeout=15)[1]
    finally:
        process.kill()
        process.wait(10)
    (record,) = cancels_of(gateway, session)
    assert record["source"].startswith("127.0.0.1")


@pytest.mark.parametrize("listener", ["plain", "tls", "unix"])
def test_a_cancel_of_libpq_in_the_clear_cancels_on_every_listener(gateway, postgres, listener):
    connection = psycopg2.connect(**getattr(gateway, listener)())
    try:
        session = session_of(connection)
        sleeper = Sleeper(connection)
        until(lambda: sleeps(postgres, session), what="the sleep")
        connection.cancel()
        assert sleeper.ending().pgcode == "57014"
        assert len(cancels_of(gateway, session)) == 1
        connection.rollback()
        assert session_of(connection) == session
    finally:
        connection.close()


def test_a_cancel_over_tls_cancels(gateway, postgres):
    assert psycopg.capabilities.has_cancel_safe()
    with psycopg.connect(**gateway.tls(), autocommit=True) as connection:
        session = session_of(connection)
        sleeper = Sleeper(connection)
        until(lambda: sleeps(postgres, session), what="the sleep")
        connection.cancel_safe(timeout=10)
        assert sleeper.ending().sqlstate == "57014"
        assert session_of(connection) == session
    assert len(cancels_of(gateway, session)) == 1


@pytest.mark.parametrize("length", [4, 32])
def test_a_wrong_key_does_nothing_and_is_counted(gateway, postgres, length):
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        session = session_of(connection)
        before = unknown_keys(gateway)
        sleeper = Sleeper(connection, seconds=1)
        until(lambda: sleeps(postgres, session), what="the sleep")
        for _ in range(3):
            assert send_cancel(gateway, connection.pgconn.backend_pid, os.urandom(length)) == b""
        until(lambda: unknown_keys(gateway) == before + 3, what="the metric")
        assert sleeper.ending() is None
    assert cancels_of(gateway, session) == []
    refused = journal.records(gateway.journal_folder, "session.refused")
    assert [record for record in refused if record["stage"] == "cancel"]


def test_the_process_number_is_the_servers(gateway):
    """Drivers compare the number with pg_backend_pid() and with who sent a notification."""
    with psycopg.connect(**gateway.plain()) as connection:
        own = connection.execute("select pg_backend_pid()").fetchone()[0]
        assert connection.pgconn.backend_pid == own


def test_a_key_is_worth_nothing_after_its_session(gateway):
    connection = psycopg.connect(**gateway.plain())
    session = session_of(connection)
    key = connection.pgconn.get_cancel()
    before = unknown_keys(gateway)
    connection.close()
    until(lambda: [record for record in journal.of_session(gateway.journal_folder, session)
                   if record["event"] == "session.end"], what="the session's end")
    key.cancel()
    until(lambda: unknown_keys(gateway) == before + 1, what="the metric")
    assert cancels_of(gateway, session) == []


def test_a_cancel_of_an_idle_session_does_not_reach_its_next_statement(gateway):
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        for _ in range(100):
            # The request is over when the gateway closes its connection.
            connection.pgconn.get_cancel().cancel()
            assert connection.execute("select pg_sleep(0.01), 7").fetchone()[1] == 7


def test_a_cancel_of_one_session_leaves_the_others_alone(gateway, postgres):
    with psycopg.connect(**gateway.plain(), autocommit=True) as first, \
            psycopg.connect(**gateway.plain(), autocommit=True) as second:
        sessions = session_of(first), session_of(second)
        sleepers = Sleeper(first), Sleeper(second, seconds=2)
        until(lambda: all(sleeps(postgres, session) for session in sessions), what="both sleeps")
        first.pgconn.get_cancel().cancel()
        assert sleepers[0].ending().sqlstate == "57014"
        assert sleepers[1].ending() is None
    assert cancels_of(gateway, sessions[1]) == []


def test_a_storm_of_cancels_ends_one_statement_and_nothing_else(gateway, postgres):
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection, \
            psycopg.connect(**gateway.plain(), autocommit=True) as neighbour:
        session = session_of(connection)
        sleeper = Sleeper(connection)
        until(lambda: sleeps(postgres, session), what="the sleep")
        key = connection.pgconn.get_cancel()
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            for done in [pool.submit(key.cancel) for _ in range(200)]:
                done.result(30)
        assert sleeper.ending().sqlstate == "57014"
        assert neighbour.execute("select 1").fetchone() == (1,)
        assert session_of(connection) == session
    # One request at a time goes upstream for a session.
    assert 1 <= len(cancels_of(gateway, session)) < 200
    until(lambda: gateway.metrics()["postern_connections"] == 0, what="the end of all connections")
    assert gateway.is_alive()
