"""The journal under crashes, full disks and floods, read by a verifier that is not Postern's."""

import concurrent.futures
import contextlib
import datetime
import json
import os
import random
import resource
import subprocess
import threading
import time

import psycopg
from support import journal
from support.disk import fill, small_disk  # noqa: F401
from support.gateway import executable
from support.rawclient import RawClient, password, startup
from support.waiting import until


def log_in(gateway, token=None):
    return RawClient(gateway.plain_port).log_in(token or gateway.issuer.token())


def refused(gateway, token, **options):
    """A login that fails, and the error that ends it."""
    with RawClient(gateway.plain_port) as client:
        client.send(startup(**options)).until(b"R")
        return client.send(password(token)).last_words()


def session_of(connection):
    return connection.execute("select current_setting('application_name')").fetchone()[0].split("/")[2]



def chain_ids(gateway):
    return {record["chain"] for record in journal.records(gateway.journal_folder)}


def fails_to_start(gateway):
    result = subprocess.run(
        [executable(), "serve", "--config", f"{gateway.folder}/postern.yaml"],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 2
    return result.stderr


class Load:
    """Logins and statements from several threads until it is stopped; `seen` are the sessions that were let in."""

    def __init__(self, gateway, threads=6):
        self.gateway, self.seen, self.stopped = gateway, [], threading.Event()
        self.token = gateway.issuer.token()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        while not self.stopped.is_set():
            with contextlib.suppress(psycopg.Error):
                with psycopg.connect(**self.gateway.plain(self.token), autocommit=True) as connection:
                    self.seen.append(session_of(connection))
                    for _ in range(3):
                        connection.execute("select 1")

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(15)


def test_a_killed_gateway_leaves_a_chain_that_the_next_one_continues(make_gateway):
    gateway = make_gateway()
    seen = set()
    for crash in range(1, 4):
        load = Load(gateway)
        until(lambda: len(load.seen) > 40 + random.randrange(20), what="some load")
        gateway.kill()
        load.stop()
        seen |= set(load.seen)
        journal.verify(gateway.journal_folder)
        before = chain_ids(gateway)
        gateway.start()
        psycopg.connect(**gateway.plain()).close()
        assert chain_ids(gateway) == before
        recovered = journal.records(gateway.journal_folder, "journal.recovered")
        assert len(recovered) == crash * len(before)
    gateway.stop()
    started = {record["session"] for record in journal.records(gateway.journal_folder, "session.start")}
    assert seen and seen <= started
    journal.verify(gateway.journal_folder)


def test_a_torn_last_line_is_cut(make_gateway):
    gateway = make_gateway()
    psycopg.connect(**gateway.plain()).close()
    gateway.kill()
    path = journal.chains(gateway.journal_folder)["loop-0"][-1]
    whole, torn = os.path.getsize(path), b'{"v":1,"chain":"0123'
    with open(path, "ab") as file:
        file.write(torn)
    gateway.start()
    (record,) = [record for record in journal.records(gateway.journal_folder, "journal.recovered")
                 if record["file"].startswith("loop-0")]
    assert (record["file"], record["torn_bytes"]) == (os.path.basename(path), len(torn))
    assert record["whole_bytes"] == whole
    gateway.stop()
    journal.verify(gateway.journal_folder)


def test_a_gateway_that_stopped_in_order_continues_without_recovery(make_gateway):
    gateway = make_gateway()
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    before = chain_ids(gateway)
    gateway.start()
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    assert chain_ids(gateway) == before
    assert journal.records(gateway.journal_folder, "journal.recovered") == []
    journal.verify(gateway.journal_folder)


def test_a_gateway_does_not_continue_a_journal_whose_end_is_missing(make_gateway):
    gateway = make_gateway()
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    path = journal.chains(gateway.journal_folder)["gateway"][-1]
    with open(path, "rb") as file:
        kept = file.read().splitlines(keepends=True)[:-1]
    with open(path, "wb") as file:
        file.writelines(kept)
    assert "has lost records" in fails_to_start(gateway)


def test_only_the_gateway_reads_its_journal(make_gateway):
    gateway = make_gateway()
    for name in os.listdir(gateway.journal_folder):
        path = f"{gateway.journal_folder}/{name}"
        if name != "checkpoint.pub" and os.path.isfile(path):
            assert os.stat(path).st_mode & 0o077 == 0, name


def test_files_are_rotated_and_the_chain_goes_on(make_gateway, issuer):
    gateway = make_gateway(start=False)
    gateway.configuration["audit"]["rotate_size"] = "1MiB"
    gateway.write()
    gateway.start()
    # A token that was verified: such a refusal is always recorded.
    token = issuer.token(ref="refs/heads/other")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        def flood(_):
            for _ in range(50):
                refused(gateway, token, application_name="a" * 60)
        until(lambda: list(pool.map(flood, range(8))) and
              all(len(journal.chains(gateway.journal_folder)[name]) >= 3 for name in ("loop-0", "loop-1")),
              40, "three files")
    gateway.stop()
    counts = journal.verify(gateway.journal_folder)
    assert counts["loop-0"] > 1000
    for path in journal.chains(gateway.journal_folder)["loop-0"]:
        assert os.path.getsize(path) < (1 << 20) + 8192
    gateway.start()
    gateway.stop()
    journal.verify(gateway.journal_folder)


def test_a_flood_of_refusals_is_bounded_and_summed_up(make_gateway, issuer):
    gateway = make_gateway()
    bad = issuer.forged()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for words in pool.map(lambda _: refused(gateway, bad), range(500)):
            assert words["C"] == "28000"
    gateway.stop()
    written = journal.records(gateway.journal_folder, "session.refused")
    times = [datetime.datetime.fromisoformat(record["time"]) for record in written]
    for time in times:
        in_a_second = [other for other in times if time <= other < time + datetime.timedelta(seconds=1)]
        assert len(in_a_second) <= 10, "more than ten records a second of one address"
    summaries = journal.records(gateway.journal_folder, "session.refused.summary")
    assert len(written) + sum(record["count"] for record in summaries) == 500
    assert all(record["sources"] == 1 for record in summaries)
    journal.verify(gateway.journal_folder)


# Disks


def gateway_on(make_gateway, folder, min_free, loops=2):
    gateway = make_gateway(start=False)
    gateway.configuration["gateway"]["loops"] = loops
    gateway.journal_folder = f"{folder}/journal"
    gateway.configuration["audit"] = {"directory": gateway.journal_folder, "min_free": min_free}
    gateway.write()
    gateway.start()
    return gateway


def assert_refused_for_the_journal(gateway):
    words = refused(gateway, gateway.issuer.token())
    assert (words["S"], words["C"]) == ("FATAL", "57P03") and "journal" in words["M"]


def test_below_min_free_new_sessions_are_refused_until_there_is_room(make_gateway, small_disk):  # noqa: F811
    disk = small_disk("4m")
    gateway = gateway_on(make_gateway, disk, "2MiB")
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        session = session_of(connection)
        fill(disk, leave=1 << 20)
        until(lambda: gateway.ready()[0] == 503, 5, "not ready")
        assert "journal" in gateway.ready()[1]
        assert gateway.admin("/healthz")[0] == 200
        assert_refused_for_the_journal(gateway)
        assert connection.execute("select 1").fetchone() == (1,)
        os.unlink(disk / "filler")
        until(lambda: gateway.ready()[0] == 200, 5, "ready")
        psycopg.connect(**gateway.plain()).close()
        assert session_of(connection) == session
    gateway.stop()
    journal.verify(gateway.journal_folder)


def test_a_full_disk_refuses_sessions_and_the_gateway_comes_back_by_itself(make_gateway, small_disk):  # noqa: F811
    disk = small_disk("2m")
    gateway = gateway_on(make_gateway, disk, "0B")
    psycopg.connect(**gateway.plain()).close()
    fill(disk)
    until(lambda: refused_for_journal(gateway), 10, "the refusal")
    until(lambda: gateway.ready()[0] == 503, 5, "not ready")
    for _ in range(5):
        assert_refused_for_the_journal(gateway)
    assert gateway.metrics()["postern_journal_writable"] == 0
    os.unlink(disk / "filler")
    # Nobody connects meanwhile: a load balancer would send nobody.
    until(lambda: gateway.ready()[0] == 200, 15, "ready")
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    journal.verify(gateway.journal_folder)


def forbid_writing(gateway):
    """No file of the gateway can grow from now on; returns what lifts that."""
    pid, hard = gateway.process.pid, resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def test_one_loops_trouble_is_not_forgotten_because_another_loop_is_well(make_gateway, small_disk):  # noqa: F811
    disk = small_disk("2m")
    gateway = gateway_on(make_gateway, disk, "0B", loops=4)
    fill(disk)
    # The refusal is one loop's; the others write nothing, and know of nothing.
    until(lambda: refused_for_journal(gateway), 10, "the refusal")
    until(lambda: gateway.ready()[0] == 503, 5, "not ready")
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert gateway.ready()[0] == 503, "ready again while the disk is full"
        assert "can be written again" not in gateway.log_text()
        time.sleep(0.02)


def test_a_file_size_limit_refuses_sessions_and_a_quiet_gateway_comes_back_when_it_is_lifted(make_gateway):
    gateway = make_gateway(start=False)
    gateway.configuration["gateway"]["loops"] = 1
    gateway.write()
    gateway.start()
    # After a checkpoint there is nothing left to sign, so that nothing is written by itself.
    until(lambda: all(
        json.loads(list(journal.lines(gateway.journal_folder, name))[-1][1])["event"] == "journal.checkpoint"
        for name in journal.chains(gateway.journal_folder)), 20, "checkpoints")
    allow_writing = forbid_writing(gateway)
    assert refused_for_journal(gateway)
    assert gateway.is_alive()
    until(lambda: gateway.ready()[0] == 503, 5, "not ready")
    allow_writing()
    # Nobody connects meanwhile: a load balancer would send nobody.
    until(lambda: gateway.ready()[0] == 200, 12, "ready")
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    journal.verify(gateway.journal_folder)


def refused_for_journal(gateway):
    """Logs in, or is refused for the journal's sake."""
    with RawClient(gateway.plain_port) as client:
        client.send(startup()).until(b"R")
        client.send(password(gateway.issuer.token()))
        while (found := client.next()) is not None:
            if found[0] == b"E":
                assert b"57P03" in found[1]
                return True
            if found[0] == b"Z":
                return False
    raise AssertionError("the connection ended without a word")


def test_a_journal_that_is_taken_away_refuses_sessions_until_it_is_back(make_gateway):
    gateway = make_gateway()
    psycopg.connect(**gateway.plain()).close()
    os.rename(gateway.journal_folder, f"{gateway.folder}/elsewhere")
    until(lambda: gateway.ready()[0] == 503, 10, "not ready")
    assert_refused_for_the_journal(gateway)
    assert not os.path.exists(gateway.journal_folder)
    os.rename(f"{gateway.folder}/elsewhere", gateway.journal_folder)
    until(lambda: gateway.ready()[0] == 200, 10, "ready")
    with psycopg.connect(**gateway.plain()) as connection:
        session = session_of(connection)
    assert journal.of_session(gateway.journal_folder, session)
    gateway.stop()
    journal.verify(gateway.journal_folder)


def test_a_journal_that_cannot_be_made_keeps_the_gateway_from_starting(make_gateway):
    gateway = make_gateway(start=False)
    gateway.configuration["audit"]["directory"] = "/proc/postern-journal"
    gateway.write()
    assert "/proc/postern-journal" in fails_to_start(gateway)
