"""`sync: always` while the disk does not answer: what a job may do to the gateway meanwhile, and what is done for it."""

import json
import os
import resource
import signal
import socket
import struct
import time

import pytest
from support import journal
from support.disk import disk  # noqa: F401
from support.gateway import plain_role
from support.matrix import log_in
from support.rawclient import RawClient, fields, message, password, startup
from support.waiting import until
from support.wire import SYNC, TERMINATE, bind, execute, parse, query

FLUSH = message(b"H")


def always(make_gateway, disk, **changes):  # noqa: F811
    """A gateway whose fdatasync can be held."""
    return make_gateway(
        audit={"directory": "journal", "min_free": "1MiB", "sync": "always"},
        gateway={"name": "gw-test", "loops": 1}, environment=disk.environment, **changes)


def hold(disk):  # noqa: F811
    disk.words.sync_hold = 1


def table(postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists waits")
        behind.execute("create table waits (word text)")
        behind.execute("alter table waits owner to app")


def words(postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        return [word for (word,) in behind.execute("select word from waits order by word")]


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        spent = file.read().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def of_chain(gateway):
    """The events of the loop's chain, in order, with what tells them apart."""
    records = [json.loads(line) for _, line in journal.lines(gateway.journal_folder, "loop-0")]
    return [(record["event"], record.get("statement")) for record in records]


def test_a_job_cannot_fill_the_memory_while_the_disk_hangs(make_gateway, postgres, disk):  # noqa: F811
    gateway = always(make_gateway, disk)
    table(postgres)
    with log_in(gateway) as job:
        hold(disk)
        before = gateway.resident_bytes()
        job.send(query("copy waits from stdin"))
        until(lambda: disk.words.held > 0, 5, "a sync that hangs")
        # More than the kernel's own buffers take. A gateway that went on reading would have all of it.
        data = message(b"d", b"x" * 60_000 + b"\n") * 16
        job.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            for _ in range(100):
                job.socket.sendall(data)
        assert gateway.resident_bytes() - before < 32 << 20
        disk.heal()


def test_a_job_that_leaves_while_the_disk_hangs_costs_nothing_and_is_served(make_gateway, postgres, issuer, disk):  # noqa: F811
    gateway = always(make_gateway, disk)
    table(postgres)
    leaving = socket.socket(socket.AF_UNIX)
    with leaving:
        leaving.settimeout(10)
        leaving.connect(f"{gateway.socket_folder}/.s.PGSQL.{gateway.plain_port}")
        leaving.sendall(startup())
        leaving.recv(1)
        leaving.sendall(password(issuer.token()))
        answer = b""
        while not answer.endswith(b"Z\0\0\0\x05I"):
            answer += leaving.recv(65536)
        hold(disk)
        leaving.sendall(query("insert into waits values ('left')") + TERMINATE)
    until(lambda: disk.words.held > 0, 5, "a sync that hangs")
    before, end = processor_seconds(gateway.process.pid), time.monotonic() + 1
    until(lambda: time.monotonic() > end, 2, "a second")
    assert processor_seconds(gateway.process.pid) - before < 0.3, "the loop spins over a connection that is gone"
    assert words(postgres) == []
    disk.heal()
    until(lambda: words(postgres) == ["left"], 5, "what the job sent before it left")


def test_a_refusal_of_the_disk_is_for_all_that_was_written_before_it(make_gateway, postgres, disk):  # noqa: F811
    gateway = always(make_gateway, disk)
    table(postgres)
    with log_in(gateway) as one, log_in(gateway) as other:
        hold(disk)
        one.send(query("insert into waits values ('one')"))
        until(lambda: disk.words.held > 0, 5, "a sync that hangs")
        # Written while the sync hangs that is going to fail: the kernel tells of a failure once.
        other.send(query("insert into waits values ('other')"))
        until(lambda: ("statement.decision", 1) in of_chain(gateway)[4:], 5, "its decision")
        disk.words.sync_error = 5
        disk.pass_one()
        disk.heal()
        for job in (one, other):
            assert job.fatal()["C"] == "57P03"
    assert words(postgres) == []


def test_time_and_cancel_are_for_what_the_server_does(make_gateway, postgres, issuer, disk):  # noqa: F811
    gateway = always(make_gateway, disk, roles={"app": plain_role(statement="1s")})
    with RawClient(gateway.plain_port) as job:
        job.send(startup()).until(b"R")
        job.send(password(issuer.token()))
        key = job.until(b"K")
        job.until(b"Z")
        hold(disk)
        began = time.monotonic()
        job.send(query("select 'slow disk'"))
        until(lambda: time.monotonic() > began + 1.5, 3, "more than the statement's time")
        disk.heal()
        assert b"slow disk" in job.until(b"D")
        job.until(b"Z")
        # Its whole second is the server's.
        hold(disk)
        job.send(query("select pg_sleep(20)"))
        until(lambda: disk.words.held > 0, 5, "a sync that hangs")
        disk.heal()
        assert "longer than the role's limit" in fields(job.until(b"E"))["M"]
        job.until(b"Z")
        # A cancel that comes while the statement is held is not lost on a server that has nothing to do.
        hold(disk)
        job.send(query("select pg_sleep(0.9)"))
        until(lambda: disk.words.held > 0, 5, "a sync that hangs")
        with RawClient(gateway.plain_port) as cancel:
            cancel.send(struct.pack("!ii", len(key) + 8, 80877102) + key)
            until(lambda: disk.words.held > 0, 5, "a sync that hangs")
            disk.heal()
            assert fields(job.until(b"E"))["C"] == "57014"
        job.until(b"Z")


def test_an_outcome_never_comes_before_its_decision(make_gateway, issuer):
    gateway = make_gateway(gateway={"name": "gw-test", "loops": 1})
    with RawClient(gateway.plain_port) as job:
        job.log_in(issuer.token())
        job.send(parse("select 1 / length(pg_sleep(0.5)::text)") + bind() + execute() + FLUSH)
        until(lambda: ("statement.decision", 1) in of_chain(gateway), 5, "the first decision")
        # Stopped, the gateway finds in one turn the job's next statement and the error that skips it.
        gateway.signal(signal.SIGSTOP)
        job.send(parse("select 2") + bind() + execute() + SYNC)
        end = time.monotonic() + 1
        until(lambda: time.monotonic() > end, 2, "the server's error")
        gateway.signal(signal.SIGCONT)
        assert fields(job.until(b"E"))["C"] == "22012"
        job.until(b"Z")
        until(lambda: ("statement.outcome", 2) in of_chain(gateway), 5, "the second outcome")
    events = of_chain(gateway)
    for number in (1, 2):
        assert events.index(("statement.decision", number)) < events.index(("statement.outcome", number))


def test_no_receipt_speaks_of_a_decision_that_could_not_be_written(make_gateway, issuer):
    gateway = make_gateway(gateway={"name": "gw-test", "loops": 1})
    with RawClient(gateway.plain_port) as job:
        job.log_in(issuer.token(), **{"_pq_.postern": "1"})
        job.send(query("select pg_sleep(0.5)") + query("SHOW postern.receipt"))
        until(lambda: ("statement.decision", 1) in of_chain(gateway), 5, "the first decision")
        gateway.signal(signal.SIGSTOP)
        size = os.path.getsize(f"{gateway.journal_folder}/loop-0-000001.jsonl")
        limit = (size + 4000, resource.RLIM_INFINITY)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, limit)
        # In one turn with the answers: its decision has no room in the file, the receipt's record would have.
        job.send(query("select " + ", ".join(f"1 as column_number_{number}" for number in range(500))))
        end = time.monotonic() + 1
        until(lambda: time.monotonic() > end, 2, "the server's answers")
        gateway.signal(signal.SIGCONT)
        rows = []
        while (found := job.next()) is not None and found[0] != b"E":
            rows.append(found[1])
        assert found is not None and fields(found[1])["C"] == "57P03"
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    assert not any(b"signature" in row for row in rows)
    assert "session.receipt" not in {event for event, _ in of_chain(gateway)}
