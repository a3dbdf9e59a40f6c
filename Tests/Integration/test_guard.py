"""`postern guard` and `postern exec --guard`: rows are counted before and after, and what disappeared fails the job."""

import json
import os
import re
import subprocess

import pytest
from support import jobs, journal, receipts
from support.audit import audit, rows
from support.gateway import Gateway, executable
from support.matrix import kinds, log_in, play
from support.policies import CLASSES, allow, deny, role
from support.waiting import until
from support.wire import error_fields, query

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SCHEMA = '''
drop schema if exists guarded cascade;
create schema guarded authorization app;
set role app;
create table guarded.users as select generate_series(1, 200) as id;
create table guarded."Order ""Items""" as select generate_series(1, 10) as id;
create table guarded.parts (n int) partition by range (n);
create table guarded.parts_low partition of guarded.parts for values from (0) to (100);
create table guarded.parts_high partition of guarded.parts default;
insert into guarded.parts select generate_series(50, 149);
create table guarded.secrets (id int);
create table guarded.slow as select generate_series(1, 3) as id;
create view guarded.slowly as select id, pg_sleep(3)::text as slept from guarded.slow;
'''

ROLES = {
    "app": role([
        allow(CLASSES, "guarded.*", "schema:guarded", "public.users", "public.orders", name="all"),
        deny("read", "guarded.secrets", name="no-secrets"),
        allow("function", "any", name="calls"),
    ], functions=["pg_sleep"]),
    "single": role([allow(CLASSES, "guarded.*", name="all")], limits={"sessions": 1}),
}  # fmt: skip
ITEMS = 'guarded."Order ""Items"""'


@pytest.fixture(scope="module")
def process(tmp_path_factory, postgres, issuer, authority):
    made = Gateway(tmp_path_factory.mktemp("guard"), postgres, issuer, authority, roles=ROLES)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def tables(postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute(SCHEMA)


@pytest.fixture
def job(process):
    return jobs.with_token(process)


def guard(variables, *command, options=(), seconds=30):
    return subprocess.run(
        [executable(), "guard", *options, "--", *command], env=variables, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=seconds,
    )


def results(process):
    return journal.records(process.journal_folder, "guard.result")


def shown(done):
    """The table's rows as lists of words."""
    return [line.split("guard: ")[1] for line in done.stderr.splitlines() if line.startswith("postern: guard: ")]


def test_rows_that_disappear_fail_a_run_that_succeeded(process, job, tmp_path):
    page, bundle = tmp_path / "page.md", tmp_path / "receipts"
    done = jobs.run(
        job | {"GITHUB_STEP_SUMMARY": str(page)}, "psql", "-Xqc", "delete from guarded.users where id > 150",
        options=["--guard", f"guarded.users,{ITEMS}", "--receipt", str(bundle)],
    )
    assert done.returncode == 1, done.stderr
    assert [re.sub(" +", " ", line) for line in shown(done)] == [
        "TABLE BEFORE AFTER CHANGE VERDICT", "guarded.users 200 150 -50 (25%) lost", f"{ITEMS} 10 10 0 kept",
    ]  # fmt: skip
    assert "postern: error: data disappeared: `guarded.users` lost 50 of 200 rows (25%)" in done.stderr
    # What the run did is told apart from what the guard did.
    assert "postern: 1 session as app on app: 1 statement (1 write)" in done.stderr
    assert "### Postern guard: data disappeared" in page.read_text() and "| 200 | 150 |" in page.read_text()
    # The journal has it as the job's claim, and the guard's own receipt speaks of it.
    own = json.loads(bundle.read_text().splitlines()[-1])
    (record,) = [found for found in results(process) if found["session"] == own["session"]]
    assert record["claimed_by_job"] == {
        "verdict": "lost", "max_loss": "0%", "exit": 0, "part": 1, "parts": 1,
        "tables": [
            {"table": "guarded.users", "before": 200, "after": 150, "verdict": "lost"},
            {"table": ITEMS, "before": 10, "after": 10, "verdict": "kept"},
        ],
    }
    assert own["notes"] == 1 and own["statements"]["read"] == 2 and own["statements"]["write"] == 0
    until(lambda: "session.end" in [r["event"] for r in journal.of_session(process.journal_folder, own["session"])],
          10, "the session's end")  # fmt: skip
    receipts.verify(json.dumps(own, separators=(",", ":")), process.journal_folder)
    bundle.write_text(bundle.read_text().splitlines()[-1])
    checked = audit("verify", "--receipt", str(bundle), process.journal_folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = audit("show", own["session"], process.journal_folder)
    words = re.sub(r"\s+", " ", told.stdout)
    assert "the job says: guard: lost, 0% may be lost, the command's exit 0" in words
    assert "guarded.users: 200 before, 150 after, lost" in words
    (listed,) = [row for row in rows(process.journal_folder, "--guard") if row["session"] == own["session"]]
    assert (listed["role"], listed["repository"], listed["run"]) == ("app", "acme/app", "4711")
    assert listed["claimed_by_job"] == record["claimed_by_job"]
    table = re.sub(r"\s+", " ", audit("list", "--guard", "--role", "app", process.journal_folder).stdout)
    assert "lost guarded.users 200 to 150 and 1 more 0% 0 app acme/app" in table
    assert rows(process.journal_folder, "--guard", "--role", "nobody") == []
    assert audit("list", "--guard", "--decision", "deny", process.journal_folder).returncode == 2
    steps = json.loads(audit("show", "--json", own["session"], process.journal_folder).stdout)["steps"]
    assert [step["guard_result"]["claimed_by_job"] for step in steps if "guard_result" in step] == [
        record["claimed_by_job"]
    ]


def test_a_share_or_a_number_of_rows_may_be_lost(job):
    options = ["--guard", "guarded.users", "--max-loss"]
    delete = ("psql", "-Xqc", "delete from guarded.users where id <= 10")
    assert jobs.run(job, *delete, options=[*options, "5%"]).returncode == 0
    assert jobs.run(job | {"POSTERN_MAX_LOSS": "0"}, "true", options=options[:2]).returncode == 0
    again = ("psql", "-Xqc", "delete from guarded.users where id <= 21")
    done = jobs.run(job | {"POSTERN_GUARD": "guarded.users", "POSTERN_MAX_LOSS": "10"}, *again)
    assert done.returncode == 1 and "lost 11 of 190 rows (5.8%)" in done.stderr


def test_the_commands_own_code_wins(process, job):
    before = len(results(process))
    done = jobs.run(job, "sh", "-c", "psql -Xqc 'truncate guarded.users'; exit 7", options=["--guard", "guarded.users"])
    assert done.returncode == 7 and "`guarded.users` lost 200 of 200 rows (100%)" in done.stderr
    assert results(process)[before]["claimed_by_job"]["exit"] == 7
    assert jobs.run(job, "/nowhere/x", options=["--guard", "guarded.users"]).returncode == 127
    assert len(results(process)) == before + 1


def test_tables_that_vanish_appear_or_have_partitions(job):
    done = jobs.run(
        job, "psql", "-Xqc", "drop table guarded.users; drop table guarded.parts_high; "
        "create table guarded.fresh (id int)",
        options=["--guard", "guarded.users,guarded.parts", "--guard", "Guarded.Fresh", "--max-loss", "99%"],
    )  # fmt: skip
    assert done.returncode == 1
    assert [line.split()[0] + " " + line.split()[-1] for line in shown(done)[1:]] == [
        "guarded.users vanished", "guarded.parts kept", "guarded.fresh new",
    ]
    assert "guarded.parts 100 50 -50 (50%) kept" in re.sub(" +", " ", done.stderr)
    assert "`guarded.users` is gone with its 200 rows" in done.stderr
    assert "postern: warning: `guarded.fresh` is not there yet" in done.stderr
    # A name that is never there guards nothing, and must not look as if it did.
    done = jobs.run(job, "true", options=["--guard", "guarded.usres"])
    assert done.returncode == 125 and "neither before nor after: is the name right?" in done.stderr


def test_guard_alone_leaves_the_command_its_environment(process, job):
    before = len(results(process))
    script = 'echo "host=$PGHOST url=$DATABASE_URL token=${POSTERN_ID_TOKEN:+there}"'
    done = guard(job, "sh", "-c", script, options=["--tables", "guarded.users,guarded.parts"])
    assert (done.returncode, done.stdout) == (0, "host= url= token=there\n"), done.stderr
    assert [line.split()[-1] for line in shown(done)] == ["VERDICT", "kept", "kept"]
    assert len(results(process)) == before + 1
    # A deployment that reaches the database in its own way.
    inner = [executable(), "exec", "--", "psql", "-Xqc", "delete from guarded.users where id = 1"]
    done = guard(job | {"POSTERN_TABLES": "guarded.users"}, *inner, options=["--quiet"])
    assert done.returncode == 1 and "lost 1 of 200 rows (0.5%)" in done.stderr
    assert guard(job, "true", options=["--quiet", "--tables", "guarded.users"]).stderr == ""
    assert guard(job, "sh", "-c", "kill -TERM $$", options=["--tables", "guarded.users"]).returncode == 128 + 15


def test_the_manual_shows_what_is_printed(job, postgres):
    with open(f"{ROOT}/docs/guard.md") as file:
        blocks = re.findall(r"^```\n(postern.*?)^```$", file.read(), re.M | re.S)
    command, printed = blocks[:2]
    assert command.startswith("postern guard --tables public.users,public.orders -- ")
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists users, orders; set role app;"
                       "create table users as select generate_series(1, 200) as id;"
                       "create table orders as select generate_series(1, 1500) as id")  # fmt: skip
    loss = "delete from users where id > 150; insert into orders values (0)"
    done = guard(job, executable(), "exec", "--quiet", "--", "psql", "-Xqc", loss,
                 options=["--tables", "public.users,public.orders"])  # fmt: skip
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table users, orders")
    assert (done.returncode, done.stderr) == (1, printed)


def test_a_role_with_one_session_is_enough(process, job):
    done = jobs.run(job | {"POSTERN_ROLE": "single"}, "psql", "-XAtqc", "select 'in'",
                    options=["--guard", "guarded.users"])  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "in\n"), done.stderr


def test_what_cannot_be_counted_keeps_the_command_from_running(process, job, postgres, tmp_path):
    mark = tmp_path / "ran"
    done = jobs.run(job, "touch", str(mark), options=["--guard", "guarded.users,guarded.secrets"])
    assert done.returncode == 125 and not mark.exists()
    assert "error: cannot count `guarded.secrets`: permission denied by policy: SELECT on guarded.secrets" in done.stderr
    assert "no-secrets" in done.stderr and "needs a rule that allows `read`" in done.stderr
    done = jobs.run(job, "touch", str(mark), options=["--guard", "guarded.slowly", "--count-timeout", "1s"])
    assert done.returncode == 125 and not mark.exists()
    assert "cannot count `guarded.slowly` within 1s" in done.stderr and "--count-timeout" in done.stderr
    # After the command it is told, noted, and no success.
    block = "create or replace view guarded.late as select id, pg_sleep(3)::text as slept from guarded.slow"
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("set role app; create view guarded.late as select id, pg_sleep(0)::text as slept from guarded.slow")
    before = len(results(process))
    done = jobs.run(job, "psql", "-Xqc", block, options=["--guard", "guarded.late,guarded.users", "--count-timeout", "1s"])
    assert done.returncode == 125, done.stderr
    (record,) = results(process)[before:]
    assert record["claimed_by_job"]["verdict"] == "unknown"
    assert [table["after"] for table in record["claimed_by_job"]["tables"]] == ["unknown", 200]


def test_usage_is_told_before_anything_is_done(job):
    for options, words in [
        (["--guard", "users"], "`users` has no schema"), (["--guard", "a.b", "--max-loss", "5 %"], "--max-loss 5 %"),
        (["--max-loss", "5%"], "guards nothing without `--guard`"), (["--guard", "a.b;c"], "not understood"),
        (["--guard", "a.b", "--count-timeout", "0s"], "--count-timeout 0s"),
    ]:  # fmt: skip
        done = jobs.run(job, "true", options=options)
        assert done.returncode == 125 and words in done.stderr, done.stderr
    assert "`--tables` is missing" in guard(job, "true").stderr
    assert "opens no local port" in guard(job, "true", options=["--tables", "a.b", "--tcp"]).stderr
    shown_help = subprocess.run([executable(), "guard", "--help"], capture_output=True, text=True, timeout=10)
    assert shown_help.returncode == 0
    assert "postern guard --tables public.users,public.orders -- docker compose up" in shown_help.stdout


GOOD = {"verdict": "kept", "max_loss": "0%", "exit": 0, "part": 1, "parts": 1,
        "tables": [{"table": "a.b", "before": 1, "after": 1, "verdict": "kept"}]}  # fmt: skip
BAD = [
    {"guard.result": 1}, {"guard.result": GOOD, "more": 1}, {"guard.result": GOOD | {"more": 1}},
    {"guard.result": GOOD | {"verdict": "lost"}}, {"guard.result": GOOD | {"tables": []}},
    {"guard.result": GOOD | {"tables": [GOOD["tables"][0] | {"after": 0}]}},
]


def test_the_gateway_takes_a_guards_result_in_one_shape_only(process):
    before = len(results(process))
    with log_in(process, "app", parameters=[("_pq_.postern", "1")]) as session:
        def note(value):
            return query(f"select postern.record('{json.dumps(value)}')")

        for value in ({"guard.result": GOOD}, {"step": {"guard.result": 1}}):
            assert kinds(play(session, [(note(value), "Z")])) == "T D C ZI"
        for value in BAD:
            messages = play(session, [(note(value), "Z")])
            assert kinds(messages) == "E ZI" and error_fields(messages[0][1])["C"] == "22023", value
    found = [record["event"] for record in journal.of_session(process.journal_folder, session.session)]
    assert found.count("guard.result") == 1 and found.count("session.note") == 1
    assert len(results(process)) == before + 1


def test_a_gateway_that_is_gone_is_no_success(make_gateway, postgres):
    process = make_gateway(roles=ROLES)
    job = jobs.with_token(process)
    done = guard(job, "kill", "-9", str(process.process.pid), options=["--tables", "guarded.users"])
    assert done.returncode == 125, done.stderr
    assert "cannot reach the gateway" in done.stderr and [line.split()[-1] for line in shown(done)][1:] == ["unknown"]
    assert os.path.exists(process.log)
