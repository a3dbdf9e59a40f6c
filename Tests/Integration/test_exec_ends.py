"""What a run leaves in the middle: statements whose driver was killed, connections that broke, and what the guard says."""

import os
import signal
import sys
import textwrap
import time

import pytest
from support import journal, jobs
from support.forwarder import Forwarder
from support.gateway import Gateway
from support.policies import CLASSES, allow, role
from support.waiting import until

ROLES = {"app": role([allow(CLASSES, "any", name="all"), allow("function", "any", name="calls")], functions=["pg_sleep"])}
OPTIONS = ["--guard", "public.kept"]


@pytest.fixture(scope="module")
def process(tmp_path_factory, postgres, issuer, authority):
    made = Gateway(tmp_path_factory.mktemp("ends"), postgres, issuer, authority, roles=ROLES)
    yield made
    made.stop()


@pytest.fixture
def job(process):
    return jobs.with_token(process)


@pytest.fixture(autouse=True)
def table(postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists kept; set role app; create table kept as select generate_series(1, 40) as id")
        yield behind
        behind.execute("reset role; drop table kept")


def deletes(seconds):
    """A statement that deletes every row and takes this long, of a psql that is killed in the middle of it."""
    slow = f"delete from kept where pg_sleep({seconds / 40}) is not null"
    return ["sh", "-c", f'timeout -s KILL 1 psql -Xqc "{slow}"; exit 0']


def speaks(code):
    """A child that speaks the protocol itself, with `wire` and a connection `s` that is logged in."""
    start = f"""
    import os, socket, sys
    sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})
    from support import wire

    def until(end):
        found = b""
        while end not in found:
            found += s.recv(65536) or os._exit(9)

    s = socket.socket(socket.AF_UNIX)
    s.connect(os.environ["PGHOST"] + "/.s.PGSQL." + os.environ["PGPORT"])
    s.sendall(wire.startup())
    until(b"Z\\0\\0\\0\\5I")
    """
    return [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(code)]


def execute(text):
    return f"wire.parse({text!r}) + wire.bind() + wire.execute()"


def rows(behind):
    return behind.execute("select count(*) from kept").fetchone()[0]


def running(behind, text):
    """The sessions that have run, or run, such a statement."""
    found = behind.execute(
        "select count(*) from pg_stat_activity where query like %s and state = 'active' and pid <> pg_backend_pid()", [text])
    return found.fetchone()[0]


def test_a_statement_whose_driver_was_killed_is_finished_before_the_guard_counts(job, table):
    done = jobs.run(job, *deletes(3), options=OPTIONS)
    assert done.returncode == 1, done.stderr
    assert "`public.kept` lost 40 of 40 rows (100%)" in done.stderr and rows(table) == 0
    assert "1 session ended without a receipt" in done.stderr and "may still take effect" not in done.stderr


def test_a_statement_that_outlives_the_command_is_canceled(job, table):
    done = jobs.run(job, *deletes(60), options=OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "kept" in done.stderr and "may still take effect" not in done.stderr
    assert running(table, "delete from kept%") == 0 and rows(table) == 40
    # Without a guard as well, and one that a background process still waits for.
    script = "psql -Xqc 'delete from kept where pg_sleep(2) is not null' 2>/dev/null & sleep 0.5; exit 3"
    done = jobs.run(job, "sh", "-c", script)
    assert done.returncode == 3 and running(table, "delete from kept%") == 0 and rows(table) == 40
    assert "1 session ended without a receipt" in done.stderr


def test_a_server_that_talks_to_nobody_is_told_to_stop(job, table):
    talk = "copy (select repeat('x', 1000), generate_series(1, 100000000)) to stdout"
    waits = "while ! test -e done; do sleep 0.05; done"
    script = f'psql -Xqc "{talk}" >/dev/null & sleep 1; kill -9 $!; echo killed; {waits}'
    run = jobs.start(job, "sh", "-c", f"cd $(mktemp -d); pwd; {script}")
    folder = run.stdout.readline().strip()
    assert run.stdout.readline() == "killed\n"
    # The run goes on meanwhile.
    until(lambda: running(table, "copy (select repeat%") == 0, 10, "the end of the statement")
    assert run.poll() is None
    open(f"{folder}/done", "w").close()
    run.communicate(timeout=10)
    assert run.returncode == 0


def test_what_a_broken_connection_leaves_is_not_called_kept(process, job, table):
    forwarder = Forwarder(process.tls_port)
    try:
        before = len(journal.records(process.journal_folder, "guard.result"))
        run = jobs.start(
            job | {"POSTERN_GATEWAY": f"localhost:{forwarder.port}"}, "sh", "-c",
            "psql -Xqc 'delete from kept where id = 1 and pg_sleep(1000) is not null'; exit 0", options=OPTIONS)
        until(lambda: running(table, "delete from kept%"), 10, "the statement")
        forwarder.break_all()
        said = run.communicate(timeout=20)[1]
    finally:
        forwarder.stop()
        table.execute("select pg_terminate_backend(pid) from pg_stat_activity where query like 'delete from kept%'")
    assert run.returncode == 125, said
    assert "1 of the command's sessions ended in the middle of a statement, which may still take effect" in said
    assert "unknown" in said
    (record,) = journal.records(process.journal_folder, "guard.result")[before:]
    assert record["claimed_by_job"]["verdict"] == "unknown"
    assert record["claimed_by_job"]["tables"][0]["after"] == "unknown"


def test_what_runs_without_a_sync_is_not_called_kept(process, job, table):
    # A COMMIT takes effect when it is executed, whether or not a Sync comes.
    texts = ["begin", "delete from kept where id = 1 and pg_sleep(1000) is not null", "commit"]
    child = speaks(f"s.sendall({' + '.join(map(execute, texts))} + wire.FLUSH)\nwhile s.recv(65536): pass")
    forwarder = Forwarder(process.tls_port)
    try:
        run = jobs.start(job | {"POSTERN_GATEWAY": f"localhost:{forwarder.port}"}, *child, options=OPTIONS)
        until(lambda: running(table, "delete from kept%"), 10, "the statement")
        forwarder.break_all()
        said = run.communicate(timeout=20)[1]
    finally:
        forwarder.stop()
        table.execute("select pg_terminate_backend(pid) from pg_stat_activity where query like 'delete from kept%'")
    assert run.returncode == 125 and "unknown" in said, said
    assert "1 of the command's sessions ended in the middle of a statement, which may still take effect" in said


def test_a_copy_whose_driver_was_killed_has_copied_nothing(job, table):
    done = jobs.run(
        job, "sh", "-c", "(echo 1; sleep 3) | timeout -s KILL 1 psql -Xqc 'copy kept from stdin'; exit 0", options=OPTIONS)
    assert done.returncode == 0 and "may still take effect" not in done.stderr, done.stderr
    assert rows(table) == 40


def test_a_copy_without_its_last_sync_is_undone_as_without_a_port(job, table):
    done = jobs.run(job, *speaks(f"""
        s.sendall({execute("copy kept from stdin")} + wire.SYNC)
        until(b"G")
        s.sendall(wire.copy_data(b"77\\n") + wire.COPY_DONE + wire.FLUSH)
        until(b"COPY 1")
    """), options=OPTIONS)
    assert done.returncode == 0, done.stderr
    assert rows(table) == 40


def test_a_token_that_comes_too_late_for_the_command_is_not_the_guards(process, issuer, table, tmp_path):
    now = int(time.time())
    (tmp_path / "short").write_text(issuer.token(iat=now, exp=now + 1))
    (tmp_path / "long").write_text(issuer.token())
    mint = tmp_path / "mint"
    # While `held` is there the first call waits for the second one and fails; the second waits for its end.
    mint.write_text(f"""#!/bin/sh
        cd {tmp_path}
        test -e held || exec cat short
        if mkdir first 2>/dev/null; then
            echo $$ > pid
            until test -e second; do sleep 0.02; done
            echo too late >&2
            exit 1
        fi
        touch second
        while kill -0 $(cat pid) 2>/dev/null; do sleep 0.02; done
        exec cat long
    """)
    mint.chmod(0o755)
    child = f"cd {tmp_path}; touch held; until test -e pid; do timeout -s KILL 1 psql -Xqc 'select 1'; done; exit 0"
    options = [*OPTIONS, "--token-command", str(mint)]
    done = jobs.run(jobs.environment(process), "sh", "-c", child, options=options)
    assert done.returncode == 0 and "too late" not in done.stderr, done.stderr
    assert (tmp_path / "second").exists()


def test_a_run_that_is_asked_to_end_cancels_what_its_command_leaves(job, table):
    script = "trap 'exit 7' TERM; psql -Xqc 'delete from kept where pg_sleep(2) is not null' & echo up; wait"
    run = jobs.start(job, "sh", "-c", script)
    assert run.stdout.readline() == "up\n"
    until(lambda: running(table, "delete from kept%"), 10, "the statement")
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=20)
    assert run.returncode == 7 and running(table, "delete from kept%") == 0 and rows(table) == 40
