"""A side that does not read holds up its own session and nothing else."""

import hashlib
import select
import ssl
import struct

import pytest
from support import outcomes, wire
from support.gateway import Gateway
from support.waiting import until
from support.wire import Wire

MEBIBYTE = 1 << 20
# The kernel's buffers are not the gateway's memory; its own queues of one session stay far below this.
ALLOWANCE = 24 * MEBIBYTE
ROWS = 20_000
ROW = 10_000


def connect(gateway, route):
    if route == "tls":
        return Wire.tls(gateway.tls_port, gateway.authority.ca, timeout=30)
    return Wire.plain(gateway.plain_port, timeout=30)


@pytest.fixture(scope="module")
def quiet_gateway(tmp_path_factory, postgres, issuer, authority):
    """A gateway that nobody else uses, so that its memory tells of this test."""
    process = Gateway(tmp_path_factory.mktemp("quiet"), postgres, issuer, authority)
    outcomes.still_lets_in(process)
    yield process
    process.stop()


def waits_for(watcher, session, event):
    rows = watcher.execute(
        "select wait_event from pg_stat_activity where application_name like %s", [f"%{session}"]
    ).fetchall()
    return rows == [(event,)]


def stands_still(watcher, session):
    """Tells, asked again and again, when the server has waited for the job many times in a row: not for a moment."""
    seen = 0

    def asked():
        nonlocal seen
        seen = seen + 1 if waits_for(watcher, session, "ClientWrite") else 0
        return seen >= 30

    return asked


def session_of(job):
    return job.ask("select right(current_setting('application_name'), 16)")[0]


def receive_hashed(job):
    """The rows of a COPY out, hashed as they come: 200 MB are not kept."""
    digest = hashlib.sha256()
    count = 0
    assert job.receive()[0] == "H"
    pending = b""
    while True:
        pending += job.socket.recv(MEBIBYTE)
        place = 0
        while len(pending) - place >= 5:
            kind, length = struct.unpack_from(">cI", pending, place)
            if len(pending) - place < 1 + length:
                break
            if kind == b"c":
                return count, digest.hexdigest(), pending[place + 1 + length :]
            assert kind == b"d"
            digest.update(pending[place + 5 : place + 1 + length])
            count += 1
            place += 1 + length
        pending = pending[place:]


@pytest.mark.parametrize("route", ["plain", "tls"])
def test_a_job_that_does_not_read_200_mb_costs_little_and_hurts_nobody(quiet_gateway, postgres, route):
    gateway = quiet_gateway
    expected = hashlib.sha256()
    for row in range(ROWS):
        expected.update(f"{row}:".encode() + bytes([97 + row % 26]) * ROW + b"\n")
    before = gateway.resident_bytes()
    with connect(gateway, route).log_in(gateway.issuer.token()) as job, postgres.superuser(
        autocommit=True
    ) as watcher:
        session = session_of(job)
        job.send(
            wire.query(
                f"copy (select i || ':' || repeat(chr(97 + i % 26), {ROW}) from generate_series(0, {ROWS - 1}) i)"
                " to stdout"
            )
        )
        until(stands_still(watcher, session), 20, "the server's wait for the job")
        assert gateway.resident_bytes() - before < ALLOWANCE
        for _ in range(5):
            outcomes.still_lets_in(gateway)
        assert gateway.resident_bytes() - before < ALLOWANCE

        assert receive_hashed(job)[:2] == (ROWS, expected.hexdigest())
        assert gateway.resident_bytes() - before < ALLOWANCE


@pytest.mark.parametrize("route", ["plain", "tls"])
def test_a_job_that_copies_faster_than_the_server_reads_is_held_up(quiet_gateway, postgres, route):
    gateway = quiet_gateway
    line = b"x" * 999 + b"\n"
    piece = wire.copy_data(line * 64)
    before = gateway.resident_bytes()
    with connect(gateway, route).log_in(gateway.issuer.token()) as job, postgres.superuser(
        "app", autocommit=True
    ) as blocker:
        job.ask("create temp table slow (a text)")
        job.ask(
            "create function pg_temp.wait() returns trigger language plpgsql as"
            " $$ begin perform pg_advisory_lock_shared(4711); return new; end $$"
        )
        job.ask(
            "create trigger wait before insert on slow for each row when (new.a = 'stop')"
            " execute function pg_temp.wait()"
        )
        session = session_of(job)
        blocker.execute("select pg_advisory_lock(4711)")
        job.send(wire.query("copy slow from stdin"))
        assert job.receive()[0] == "G"
        job.send(wire.copy_data(b"stop\n"))
        job.socket.setblocking(False)
        sent, whole = 0, 0
        rest = b""
        while True:
            rest = rest or piece
            try:
                count = job.socket.send(rest)
            except (BlockingIOError, ssl.SSLWantWriteError):
                # Nothing moves for as long as the server does not read.
                if not select.select([], [job.socket], [], 0.5)[1]:
                    break
                continue
            sent += count
            rest = rest[count:]
            whole += not rest
            assert sent < 100 * MEBIBYTE, "the gateway takes what nobody reads"
        assert waits_for(blocker, session, "advisory")
        assert gateway.resident_bytes() - before < ALLOWANCE
        outcomes.still_lets_in(gateway)

        blocker.execute("select pg_advisory_unlock(4711)")
        job.socket.settimeout(30)
        job.send(rest, wire.COPY_DONE)
        answers = job.until_ready()
        lines = 64 * (whole + bool(rest)) + 1
        assert (answers[0][0], answers[0][1]) == ("C", f"COPY {lines}\0".encode())
        assert job.ask("select count(*) from slow") == [str(lines)]
