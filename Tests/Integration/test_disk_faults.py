"""Disks that fill, break, hang or vanish under load: no statement runs without its record, and service comes back."""

import errno
import os
import shutil
import time

import pytest
from support import journal
from support.disk import disk, fill, number, small_disk  # noqa: F401
from support.executed import Decisions, logged_gateway, server, unrecorded, verify_by_both  # noqa: F401
from support.load import load
from support.matrix import log_in
from support.rawclient import RawClient, password, startup
from support.waiting import until
from support.wire import TERMINATE, query

FAULTS = {
    "full": {"write_budget": 3000, "write_error": errno.ENOSPC},
    "broken": {"write_error": errno.EIO},
    "read-only": {"write_error": errno.EROFS},
    # Half a record stands there, and cannot be taken back before the disk is well.
    "half a record": {"truncate_error": errno.EIO, "write_budget": 1111, "write_error": errno.EIO},
    "short writes, then full": {"write_limit": 64, "write_budget": 5000, "write_error": errno.ENOSPC},
}


def assert_refused(gateway):
    with RawClient(gateway.plain_port) as client:
        client.send(startup()).until(b"R")
        words = client.send(password(gateway.issuer.token())).last_words()
    assert (words["S"], words["C"]) == ("FATAL", "57P03") and "journal" in words["M"]


def break_under_load(gateway, server, decisions, break_it, mend):
    """Breaks the disk under load and mends it; nothing may run meanwhile, and nothing unrecorded ever."""
    ran = []
    with load(gateway) as jobs:
        until(lambda: jobs.done > 30, 20, "some load")
        before = jobs.errors.total()
        assert before == 0, jobs.words
        break_it()
        until(lambda: gateway.ready()[0] == 503, 10, "not ready")
        assert "journal" in gateway.ready()[1] and gateway.admin("/healthz")[0] == 200
        assert gateway.metrics()["postern_journal_writable"] == 0
        # Each of the jobs' sessions ends, those of a loop that has not seen it yet a little later, and none begins.
        until(lambda: not jobs.inside and jobs.errors["57P03"] > 2 * len(jobs.threads), 10, "refusals")
        ran += server.started()
        for _ in range(5):
            assert_refused(gateway)
        assert server.logged() == [], "a statement ran while its record could not be written"
        assert gateway.ready()[0] == 503
        # A session in the midst of an answer ends without a word; every other one and every login is told why.
        assert set(jobs.errors) <= {"57P03", None} and jobs.errors[None] <= len(jobs.threads), jobs.errors
        assert any("the gateway cannot keep its journal" in words for words in list(jobs.words))
        mend()
        until(lambda: gateway.ready()[0] == 200, 15, "ready")
        done = jobs.done
        until(lambda: jobs.done > done + 30, 20, "service")
    ran += server.started()
    decisions.read()
    assert len(ran) > 50 and unrecorded(ran, decisions.forwarded) == {}


@pytest.mark.parametrize("sync", ["interval", "always"])
def test_nothing_runs_unrecorded_while_the_disk_fails(make_gateway, server, disk, sync):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, sync, environment=disk.environment)
    gateway.start()
    decisions = Decisions(gateway.journal_folder)
    faults = FAULTS | ({"does not sync": {"sync_error": errno.EIO}} if sync == "always" else {})
    for name, words in faults.items():
        print(name)

        def break_it():
            # The error comes last: until then nothing of it is in force.
            for word, value in words.items():
                setattr(disk.words, word, value)

        break_under_load(gateway, server, decisions, break_it, disk.heal)
    # Chains are whole also where the gateway dies before it can take half a record back.
    gateway.stop()
    verify_by_both(gateway.journal_folder)


def test_half_a_record_that_nobody_could_take_back_is_cut_at_the_next_start(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, environment=disk.environment)
    gateway.start()
    with log_in(gateway) as job:
        disk.words.truncate_error, disk.words.write_budget, disk.words.write_error = errno.EIO, 200, errno.EIO
        job.send(query("insert into seen values ('torn')"))
        assert job.fatal()["C"] == "57P03"
    gateway.kill()
    assert not any("torn" in text for _, _, text in server.started())
    verify_by_both(gateway.journal_folder)
    disk.heal()
    gateway.start()
    recovered = [record["torn_bytes"] for record in journal.records(gateway.journal_folder, "journal.recovered")]
    assert 0 < max(recovered) <= 200
    gateway.stop()
    verify_by_both(gateway.journal_folder)


def test_a_file_system_that_is_full_stops_jobs_until_there_is_room(make_gateway, server, small_disk):  # noqa: F811
    # Room for the load as well: what it writes must not fill the disk by itself.
    folder = small_disk("256m")
    gateway = logged_gateway(make_gateway, server)
    gateway.journal_folder = f"{folder}/journal"
    gateway.configuration["audit"] |= {"directory": gateway.journal_folder, "min_free": "0B"}
    gateway.write()
    gateway.start()
    break_under_load(
        gateway, server, Decisions(gateway.journal_folder),
        lambda: fill(folder), lambda: os.unlink(folder / "filler"))
    gateway.stop()
    verify_by_both(gateway.journal_folder)


@pytest.mark.parametrize("swapped", [False, True], ids=["vanishes", "is swapped for an empty one"])
def test_a_folder_that_is_not_there_stops_jobs_until_it_is_back(make_gateway, server, swapped):  # noqa: F811
    gateway = logged_gateway(make_gateway, server)
    gateway.start()
    folder, elsewhere = gateway.journal_folder, f"{gateway.folder}/elsewhere"
    # The gateway may need a second to see it. What runs until then is recorded in the files that it has open.
    decisions = Decisions(folder)

    def take_away():
        os.rename(folder, elsewhere)
        if swapped:
            os.mkdir(folder, 0o700)

    def bring_back():
        if swapped:
            assert journal.chains(folder) == {}, "a journal was begun in a folder that is not the gateway's"
            # A reload may be keeping its policies there at this moment: out of its way first.
            os.rename(folder, f"{elsewhere}-swapped")
            shutil.rmtree(f"{elsewhere}-swapped", ignore_errors=True)
        assert not os.path.exists(folder)
        os.rename(elsewhere, folder)

    break_under_load(gateway, server, decisions, take_away, bring_back)
    gateway.stop()
    verify_by_both(folder)


def test_no_file_is_begun_in_a_folder_that_was_swapped(make_gateway, server):  # noqa: F811
    gateway = logged_gateway(make_gateway, server)
    gateway.configuration["gateway"]["loops"] = 1
    gateway.write()
    gateway.start()
    folder, elsewhere = gateway.journal_folder, f"{gateway.folder}/elsewhere"
    text = query("select '" + "x" * 20000 + "'")

    def last():
        return os.path.getsize(journal.chains(folder)["loop-0"][-1])

    for _ in range(5):
        with log_in(gateway) as job:
            while not (1 << 20) - 200_000 < last() < (1 << 20) - 30_000:
                job.send(text)
                job.until_ready()
            files = len(journal.chains(folder)["loop-0"])
            os.rename(folder, elsewhere)
            os.mkdir(folder, 0o700)
            # The file is full before the gateway looks whether it is still there.
            job.send(text * 12)
            until(lambda: gateway.ready()[0] == 503, 10, "not ready")
        begun = os.listdir(folder)
        is_full = os.path.getsize(journal.chains(elsewhere)["loop-0"][-1]) >= 1 << 20
        shutil.rmtree(folder)
        os.rename(elsewhere, folder)
        assert begun == [], "a file was begun in a folder that is not the gateway's"
        until(lambda: gateway.ready()[0] == 200, 15, "ready")
        if is_full:
            break
    assert is_full and len(journal.chains(folder)["loop-0"]) >= files
    gateway.stop()
    verify_by_both(folder)


def test_nothing_runs_once_the_files_are_removed(make_gateway, server):  # noqa: F811
    gateway = logged_gateway(make_gateway, server)
    gateway.start()
    jobs = [log_in(gateway) for _ in range(4)]
    server.started()
    shutil.rmtree(gateway.journal_folder)
    for job in jobs:
        job.send(query(insert("removed")))
        kind, body = job.receive()
        assert kind == "E" and b"57P03" in body
        job.close()
    until(lambda: gateway.ready()[0] == 503, 5, "not ready")
    assert server.started() == []


# Disks that hang


def markers(started, session):
    return [text for _, whose, text in started if whose == session]


def insert(marker):
    return f"insert into seen values ('{marker}')"


def test_a_disk_that_hangs_holds_statements_back_and_nothing_else(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, "always", environment=disk.environment)
    gateway.start()
    jobs = [log_in(gateway) for _ in range(4)]
    quiet, leaving, gone = log_in(gateway), log_in(gateway), log_in(gateway)
    server.started()
    disk.words.sync_hold = 1
    for number in range(3):
        for job in jobs:
            job.send(query(insert(f"{job.session}-{number}")))
        until(lambda: disk.words.held > 0, 5, "a sync that hangs")
    leaving.send(query(insert("leaving")), TERMINATE)
    gone.send(query(insert("gone")))
    gone.close()
    # Nothing to wait for: these end at once, on both loops.
    quiet.send(TERMINATE)
    until(lambda: {"session.end"} <= {
        record["event"] for record in journal.of_session(gateway.journal_folder, quiet.session)}, 5, "the quiet end")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        began = time.monotonic()
        assert gateway.metrics()["postern_connections"] >= len(jobs) and gateway.admin("/healthz")[0] == 200
        assert time.monotonic() - began < 1, "the admin address waits for the disk"
        assert server.logged() == [], "a statement ran before its decision was on the disk"
    decided = Decisions(gateway.journal_folder)
    decided.read()
    # The decisions are written; it is the disk alone that they wait for.
    assert all(decided.forwarded[job.session, insert(f"{job.session}-0")] == 1 for job in jobs)
    disk.heal()
    for job in jobs:
        for _ in range(3):
            job.until_ready()
    ran = server.started()
    for job in jobs:
        assert markers(ran, job.session) == [insert(f"{job.session}-{number}") for number in range(3)]
    assert markers(ran, leaving.session) == [insert("leaving")]
    decided.read()
    assert unrecorded(ran, decided.forwarded) == {}
    for job in jobs:
        job.close()
    until(lambda: gateway.metrics()["postern_connections"] == 0, 10, "the end of all sessions")
    gateway.stop()
    verify_by_both(gateway.journal_folder)


@pytest.mark.parametrize("sync", ["interval", "always"])
def test_a_write_that_hangs_holds_its_statements_back(make_gateway, server, disk, sync):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, sync, environment=disk.environment)
    gateway.start()
    jobs = [log_in(gateway) for _ in range(4)]
    server.started()
    disk.words.write_hold = 1
    for number in range(3):
        for job in jobs:
            job.send(query(insert(f"{job.session}-{number}")))
    until(lambda: disk.words.held >= 2, 5, "writes of both loops that hang")
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        assert gateway.admin("/healthz")[0] == 200
        assert server.logged() == [], "a statement ran before its decision was written"
    disk.heal()
    for job in jobs:
        for _ in range(3):
            job.until_ready()
        job.close()
    ran = server.started()
    for job in jobs:
        assert markers(ran, job.session) == [insert(f"{job.session}-{number}") for number in range(3)]
    decided = Decisions(gateway.journal_folder)
    decided.read()
    assert unrecorded(ran, decided.forwarded) == {}
    gateway.stop()
    verify_by_both(gateway.journal_folder)


def test_a_sync_that_fails_after_it_hung_ends_who_waited_for_it(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, "always", environment=disk.environment)
    gateway.start()
    jobs = [log_in(gateway) for _ in range(4)]
    server.started()
    disk.words.sync_hold = 1
    for job in jobs:
        job.send(query(insert(f"{job.session}-lost")))
    until(lambda: disk.words.held > 0, 5, "a sync that hangs")
    disk.words.sync_error = errno.EIO
    disk.words.sync_hold = 0
    for job in jobs:
        error = job.fatal()
        assert error["C"] == "57P03" and "journal" in error["M"]
        job.close()
    until(lambda: gateway.ready()[0] == 503, 5, "not ready")
    assert_refused(gateway)
    disk.heal()
    until(lambda: gateway.ready()[0] == 200, 10, "ready")
    assert server.started() == []
    with log_in(gateway) as job:
        job.send(query(insert("after")))
        job.until_ready()
    gateway.stop()
    verify_by_both(gateway.journal_folder)


def test_a_full_file_whose_sync_failed_is_synced_when_the_disk_is_well(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, environment=disk.environment)
    gateway.configuration["gateway"]["loops"] = 1
    gateway.write()
    gateway.start()
    with log_in(gateway) as job:
        disk.words.sync_error = errno.EIO
        until(lambda: gateway.ready()[0] == 503 or job.ask("select 1"), 5, "not ready")
        job.send(query("select '" + "x" * 20000 + "'") * 60)
        for _ in range(60):
            job.until_ready()
        full, *_ = files = journal.chains(gateway.journal_folder)["loop-0"]
        assert len(files) == 2
        tries = disk.words.syncs
        until(lambda: disk.words.syncs > tries + 3, 5, "another round")
        disk.heal()
        until(lambda: gateway.ready()[0] == 200, 10, "ready")
    status = os.stat(full)
    until(lambda: any(inode == status.st_ino and size == status.st_size for _, inode, size in disk.syncs()),
          5, "the sync of the file that is full")


def test_a_disk_that_is_gone_for_good_is_forgotten_once_the_folder_is_back(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, environment=disk.environment)
    gateway.configuration["gateway"]["loops"] = 1
    gateway.write()
    gateway.start()
    folder, gone = gateway.journal_folder, f"{gateway.folder}/gone"
    with log_in(gateway) as job:
        disk.words.sync_inode, disk.words.sync_error = number(journal.chains(folder)["loop-0"][-1]), errno.EIO
        until(lambda: gateway.ready()[0] == 503 or job.ask("select 1"), 5, "not ready")
    until(lambda: journal.of_session(folder, job.session)[-1]["event"] == "session.end", 5, "the session's end")
    os.rename(folder, gone)
    until(lambda: "is gone" in gateway.log_text(), 5, "the loss")
    # As if mounted anew: all records are there, in other files.
    shutil.copytree(gone, folder, copy_function=shutil.copy2)
    until(lambda: gateway.ready()[0] == 200, 10, "ready")
    with log_in(gateway) as job:
        job.ask("select 1")
    gateway.stop()
    verify_by_both(folder)


def test_no_checkpoint_names_a_record_that_the_disk_may_not_have(make_gateway, server, disk):  # noqa: F811
    gateway = logged_gateway(make_gateway, server, environment=disk.environment)
    gateway.start()
    folder, jobs = gateway.journal_folder, {}
    while len(jobs) < 2:
        job = log_in(gateway)
        (start,) = journal.of_session(folder, job.session)
        jobs[start["chain"]] = job
    (first, one), (second, other) = jobs.items()

    def checkpoints(chain):
        return [record for record in journal.records(folder, "journal.checkpoint") if record["chain"] == chain]

    def sign(job, chain):
        count = len(checkpoints(chain))
        while len(checkpoints(chain)) == count:
            job.send(query("select 1") * 200)
            for _ in range(200):
                job.until_ready()
        return checkpoints(chain)[-1]

    (path,) = [files[-1] for name, files in journal.chains(folder).items()
               if first in next(journal.lines(folder, name))[1].decode()]
    disk.words.sync_hold = 1
    until(lambda: disk.words.held > 0, 5, "a sync that hangs")
    signed = sign(one, first)
    # What was asked for before the checkpoint may pass; what has it now waits for the disk, and nothing is new behind it.
    disk.pass_one()
    while not until(lambda: disk.words.held, 5, "the next sync") or not disk.is_held(path):
        disk.pass_one()
    # The head would be noted by the loop's tick, once a second.
    end = time.monotonic() + 1.3
    until(lambda: time.monotonic() > end)
    named = sign(other, second)["heads"].get(first, {"seq": -1})
    assert named["seq"] < signed["seq"], "a checkpoint names a record that is not on the disk"
    disk.heal()

    def names_it():
        return sign(other, second)["heads"].get(first, {"seq": -1})["seq"] >= signed["seq"]

    until(names_it, 10, "the head that is on the disk now")
    gateway.stop()
    verify_by_both(folder)


# Groups


def overtaken(ran, decisions, syncs):
    """Statements that the server began before the disk had their decision."""
    moments = {}
    for moment, inode, size in syncs:
        moments.setdefault(inode, []).append((moment, size))
    found, places = [], {}
    for record, inode, end in decisions:
        places.setdefault((record["session"], record["sql"]), []).append((inode, end))
    for began, session, text in ran:
        inode, end = places[session, text].pop(0)
        on_disk = next((moment for moment, size in moments[inode] if size >= end), float("inf"))
        # The server's log says milliseconds, and cuts the rest.
        if began + 0.001 < on_disk:
            found.append((session, text, on_disk - began))
    return found


def run_slowly(make_gateway, server, disk, sync):  # noqa: F811
    """Eight pipelining jobs on a disk whose syncs take 5 ms: what ran, what was decided, and how many syncs it took."""
    gateway = logged_gateway(make_gateway, server, sync, environment=disk.environment)
    gateway.configuration["audit"]["rotate_size"] = "1GiB"
    gateway.write()
    gateway.start()
    server.started()
    jobs = [log_in(gateway) for _ in range(8)]
    disk.words.sync_delay = 5000
    before = disk.words.syncs
    for number in range(10):
        for job in jobs:
            job.send(*[query(insert(f"{job.session}-{number}-{part}")) for part in range(10)])
    for job in jobs:
        for _ in range(100):
            job.until_ready()
    count = disk.words.syncs - before
    for job in jobs:
        job.close()
    ran = server.started()
    gateway.stop()
    decisions = Decisions(gateway.journal_folder)
    records = decisions.read()
    assert len(ran) == 800 and unrecorded(ran, decisions.forwarded) == {}
    verify_by_both(gateway.journal_folder)
    return ran, records, list(disk.syncs()), count


def test_a_sync_is_for_many_statements_and_none_runs_before_its_own(make_gateway, server, disk):  # noqa: F811
    ran, records, syncs, count = run_slowly(make_gateway, server, disk, "always")
    assert overtaken(ran, records, syncs) == []
    print(count, "syncs for", len(ran), "statements")
    assert 0 < count < len(ran) / 8


def test_the_order_of_syncs_and_statements_is_seen(make_gateway, server, disk):  # noqa: F811
    """Without `sync: always` statements do run before the disk has their decisions: the test above would see it."""
    ran, records, syncs, _ = run_slowly(make_gateway, server, disk, "interval")
    assert len(overtaken(ran, records, syncs)) > len(ran) / 20
