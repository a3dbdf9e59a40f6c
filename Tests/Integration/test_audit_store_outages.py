"""The auditors' store when it or the gateway goes away: nothing lost, nothing twice, and sessions go on."""

import contextlib
import glob
import json
import os
import random
import signal
import threading
import time

import psycopg
import pytest
from support import journal
from support.store import Store, burst, caught_up, metric
from support.waiting import until

ONE_LOOP = {"name": "gw-test", "loops": 1}


@pytest.fixture
def store(archive):
    made = Store(archive)
    yield made
    made.drop()


@contextlib.contextmanager
def frozen(server, name):
    """The postmaster and the shipper's session in one database do nothing."""
    with open(f"{server.data}/postmaster.pid") as file:
        postmaster = int(file.readline())
    with server.superuser() as connection:
        query = "select pid from pg_stat_activity where datname = %s and application_name = 'postern/audit'"
        sessions = [pid for (pid,) in connection.execute(query, [name]).fetchall()]
    assert len(sessions) == 1
    for process in (postmaster, *sessions):
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in (postmaster, *sessions):
            os.kill(process, signal.SIGCONT)
        # `runuser` stops itself when its child is stopped.
        server.process.send_signal(signal.SIGCONT)


def test_a_gateway_that_is_killed_in_the_middle_of_a_batch_ships_everything_once(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit())
    burst(gateway)
    caught_up(gateway)
    # A batch that has been copied and cannot be spread: the table is held.
    with store.superuser() as holder, holder.transaction():
        holder.execute("lock table postern.statement in access exclusive mode")
        burst(gateway)
        until(lambda: store.value("select count(*) from pg_locks where relation = 'postern.statement'::regclass"
                                  " and not granted") > 0, what="a batch that waits")
        gateway.kill()
    gateway.start()
    burst(gateway, 30)
    # The shipper's own session ends under it.
    store.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern/audit'")
    burst(gateway)
    until(lambda: metric(gateway, "failures_total") > 0, what="the failure")
    caught_up(gateway)
    for _ in range(2):
        with contextlib.suppress(psycopg.Error):
            burst(gateway, random.randrange(20, 200))
        gateway.kill()
        gateway.start()
    gateway.stop()
    journal.verify(gateway.journal_folder)
    store.matches(gateway.journal_folder)
    decisions = [(record["session"], record["statement"])
                 for record in journal.records(gateway.journal_folder, "statement.decision")]
    assert sorted(store.rows("select session, statement from postern.statement")) == sorted(decisions)
    assert store.value("select count(*) from postern.session where state = 'open'") == 0


def test_a_store_that_is_away_costs_sessions_nothing_and_is_caught_up(make_gateway, archive, store):
    archive.stop()
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit())
    burst(gateway)
    until(lambda: metric(gateway, "lag_records") > 1000, what="the lag")
    until(lambda: metric(gateway, "lag_seconds") > 1, what="the age of the lag")
    status, body = gateway.ready()
    assert status == 200 and body.startswith("ready\naudit store: ") and "records wait" in body
    assert metric(gateway, "up") == 0 and metric(gateway, "failures_total") > 0
    archive.start()
    caught_up(gateway)
    archive.stop()
    burst(gateway)
    archive.start()
    until(lambda: store.value("select count(*) from postern.statement") >= 650, 25, "the second outage's statements")
    caught_up(gateway)
    assert gateway.ready() == (200, "ready\n") and metric(gateway, "lag_seconds") == 0
    gateway.stop()
    store.matches(gateway.journal_folder)
    # Each outage is told once, and so is its end.
    log = gateway.log_text()
    assert log.count("takes no records") == 2 and log.count("store is back") == 2
    assert "s3cret" not in log


def test_a_gateway_under_load_is_followed_all_the_time(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit())
    stopped = threading.Event()

    def work():
        while not stopped.is_set():
            burst(gateway, 100)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        # Not in a pause of the load: there is none.
        for records in (1, 4000, 8000):
            until(lambda records=records: metric(gateway, "records_total") >= records, 25, f"{records} records")
        assert metric(gateway, "lag_seconds") < 20
    finally:
        stopped.set()
        thread.join(20)
    gateway.stop()
    store.matches(gateway.journal_folder)


def test_a_store_that_hangs_costs_sessions_nothing(make_gateway, archive, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit())
    burst(gateway)
    caught_up(gateway)
    with frozen(archive, store.name):
        started = time.monotonic()
        for _ in range(3):
            burst(gateway, 200)
        took = time.monotonic() - started
        until(lambda: metric(gateway, "lag_records") > 0, what="the lag")
        assert gateway.ready()[0] == 200
    caught_up(gateway)
    started = time.monotonic()
    for _ in range(3):
        burst(gateway, 200)
    # Generous: the machine has other things to do as well. A session that waited would take seconds for each.
    assert took < 3 * (time.monotonic() - started) + 2
    with frozen(archive, store.name):
        # The gateway's end waits for the store, but not for long.
        gateway.stop(15)
    gateway.start()
    gateway.stop()
    store.matches(gateway.journal_folder)


def test_records_that_are_gone_before_they_are_shipped_are_told(make_gateway, store):
    audit = {"directory": "journal", "min_free": "1MiB", "rotate_size": "1MiB"}
    gateway = make_gateway(gateway=ONE_LOOP, audit=audit)
    until(lambda: burst(gateway, 300) or len(glob.glob(f"{gateway.journal_folder}/loop-0-*.jsonl")) > 1,
          what="a second file")
    gateway.stop()
    gone = [json.loads(line) for _, line in journal.lines(gateway.journal_folder, "loop-0")]
    os.unlink(journal.chains(gateway.journal_folder)["loop-0"][0])
    kept = sum(1 for _ in journal.lines(gateway.journal_folder, "loop-0"))
    gateway.configuration["audit"] = store.audit(rotate_size="1MiB")
    gateway.write()
    gateway.start()
    gateway.stop()
    lost = len(gone) - kept
    assert store.rows("select chain, first_seq, last_seq from postern.gap") == [
        (gone[0]["chain"], 0, lost - 1)]
    assert f"records 0 to {lost - 1} of `loop-0` were removed before they were shipped" in gateway.log_text()
    store.matches(gateway.journal_folder)


def test_a_journal_that_was_changed_is_not_shipped(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP)
    burst(gateway, 50)
    gateway.stop()
    (path,) = journal.chains(gateway.journal_folder)["loop-0"]
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data.replace(b'"result":"ok"', b'"result":"no"', 1))
    gateway.configuration["audit"] = store.audit()
    gateway.write()
    gateway.start()
    burst(gateway)
    until(lambda: "as it was written" in gateway.ready()[1], what="the chain's trouble in /readyz")
    gateway.stop()
    names = [name for (name,) in store.rows("select name from postern.head")]
    assert "loop-0" not in names and "gateway" in names
