"""PostgreSQL as the auditors' store: what is in it, and what an auditor can ask."""

import contextlib
import json
import os
import re
import subprocess

import psycopg
import pytest
from support import journal
from support.gateway import executable
from support.matrix import log_in
from support.policies import allow, deny, role
from support.store import Store, burst, caught_up, metric
from support.waiting import until

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
ONE_LOOP = {"name": "gw-test", "loops": 1}
ROLES = {
    "app": role(
        [
            allow(["read", "write", "ddl", "misc"], "public.*", name="work"),
            deny(["DROP TABLE", "TRUNCATE"], name="no-drop", message="ask a reviewer"),
        ],
        audit={"sql": "full"},
    )
}
ODD = "tab\t, line\n, backslash \\ \\u0000 \\N, quote ' \", é €"

GUARDED = {"guard.result": {
    "verdict": "lost", "max_loss": "5%", "exit": 0, "part": 1, "parts": 1, "tables": [
        {"table": "public.users", "before": 10, "after": 9, "verdict": "lost"},
        {"table": "public.old", "before": 3, "after": "missing", "verdict": "vanished"},
    ],
}}  # fmt: skip


@pytest.fixture
def store(archive):
    made = Store(archive)
    yield made
    made.drop()


def migrate(gateway, table, sha, run):
    """A CI run: makes a table, drops a column, is denied, and rolls one change back."""
    token = gateway.issuer.token(sha=sha, run_id=run)
    with psycopg.connect(**gateway.plain(token), autocommit=True, application_name=f"psql {run}") as connection:
        connection.execute(f"create table {table} (id int primary key, total int, note text)")
        connection.execute(f"insert into {table} select n, n from generate_series(1, 7) n")
        connection.execute(f"alter table {table} drop column total")
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"drop table {table}")
        with contextlib.suppress(psycopg.errors.UndefinedColumn):
            connection.execute(f"alter table {table} drop column missing")
        connection.execute(f"select '{ODD.replace(chr(39), chr(39) * 2)}'")
        with contextlib.suppress(ZeroDivisionError), connection.transaction():
            connection.execute(f"alter table {table} add column later int")
            raise ZeroDivisionError


@pytest.fixture(params=[15, 16, 18])
def shipped(request, servers, archive, make_gateway, postgres):
    """A store with two runs and a refused job in it, on each version of PostgreSQL."""
    store = Store(archive if request.param == 15 else servers[request.param])
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit(), roles=ROLES)
    migrate(gateway, "first_table", "a" * 40, "101")
    migrate(gateway, "second_table", "b" * 40, "102")
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(**gateway.plain(gateway.issuer.token(ref="refs/heads/other", run_id="103")))
    with log_in(gateway, token=gateway.issuer.token(run_id="104"), parameters=[("_pq_.postern", "1")]) as job:
        assert job.ask(f"select postern.record('{json.dumps(GUARDED)}')") == ["recorded"]
    gateway.stop()
    yield store, gateway
    with postgres.superuser("app", autocommit=True) as connection:
        connection.execute("drop table if exists first_table, second_table")
    store.drop()


def test_the_store_has_the_journal_and_answers_an_auditor(shipped):
    store, gateway = shipped
    folder = gateway.journal_folder
    store.matches(folder)
    records = journal.records(folder)

    # Every record as jsonb, and the lines still have their hashes.
    common = {"v", "chain", "seq", "time", "event", "prev", "hash"}
    stored = dict(store.rows("select chain || ':' || seq, record from postern.event"))
    for record in records:
        own = {name: value for name, value in record.items() if name not in common}
        assert stored[f"{record['chain']}:{record['seq']}"] == own
    assert store.value(
        """select count(*) from postern.event where encode(sha256(convert_to(
            left(line, strpos(line, ',"hash":"' || hash || '"') - 1), 'UTF8')), 'hex') <> hash"""
    ) == 0

    # Statements and sessions.
    decisions = [record for record in records if record["event"] == "statement.decision"]
    outcomes = {
        (record["session"], record["statement"]): record
        for record in records if record["event"] == "statement.outcome"
    }
    rows = store.rows("select session, statement, tag, sql, decision, result, rows from postern.statement order by chain, seq")
    wanted = []
    for record in sorted(decisions, key=lambda record: (record["chain"], record["seq"])):
        outcome = outcomes.get((record["session"], record["statement"]), {})
        wanted.append((
            record["session"], record["statement"], record.get("tag"), record.get("sql"), record["decision"],
            outcome.get("result"), outcome.get("rows"),
        ))
    assert rows == wanted and any(ODD.split("'")[0] in row[3] for row in rows)
    ends = {record["session"]: record for record in records if record["event"] == "session.end"}
    assert store.rows("select session, statements, denied, rows, state from postern.session where state <> 'refused'"
                      " order by time") == [
        (session, end["statements"], end["denied"], end["rows"], "ended") for session, end in ends.items()
    ]

    # Which commit dropped this column?
    assert store.rows(
        """select repository, commit, run, role, outcome from postern.migration
           where 'public.first_table' = any(objects) and sql ilike '%drop column total%'"""
    ) == [("acme/app", "a" * 40, "101", "app", "committed")]
    assert store.rows("select tag, outcome from postern.migration where run = '102'") == [
        ("CREATE TABLE", "committed"), ("ALTER TABLE", "committed"), ("DROP TABLE", "denied"), ("ALTER TABLE", "error"),
        ("ALTER TABLE", "rolled back"),
    ]
    assert store.rows(
        "select run, repository, commit, sessions, statements, denials, failed, rows, outcome from postern.run order by 1"
    ) == [
        ("101", "acme/app", "a" * 40, 1, 9, 1, 1, 8, "denied"), ("102", "acme/app", "b" * 40, 1, 9, 1, 1, 8, "denied"),
        ("103", "acme/app", "0123456789abcdef0123456789abcdef01234567", 0, 0, 0, 0, 0, "denied"),
        ("104", "acme/app", "0123456789abcdef0123456789abcdef01234567", 1, 0, 0, 0, 0, "ok"),
    ]
    assert store.rows("select run, role, outcome, max_loss, exit, guarded, before, after, verdict from postern.guard") == [
        ("104", "app", "lost", "5%", 0, "public.users", 10, 9, "lost"),
        ("104", "app", "lost", "5%", 0, "public.old", 3, None, "vanished"),
    ]
    assert store.rows("select kind, run, tag, rule, claim from postern.denial where enforced order by time") == [
        ("statement", "101", "DROP TABLE", "no-drop", None), ("statement", "102", "DROP TABLE", "no-drop", None),
        ("session", "103", None, None, "ref"),
    ]

    # The head is what `audit verify --expect` takes.
    last = [record for record in records if record["chain"] == records[0]["chain"]][-1]
    expect = f"{last['chain']}:{last['seq']}:{last['hash']}"
    assert store.value("select expect from postern.head where chain = %s", last["chain"]) == expect


def test_auditors_may_read_and_nothing_else(shipped):
    store, _ = shipped
    with store.superuser() as connection:
        connection.execute("set role postern_auditor")
        tables = [name for (name,) in connection.execute(
            "select c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid"
            " where relnamespace = 'postern'::regnamespace and relkind = 'r'").fetchall()]
        for name in ["head", "run", "migration", "denial", "guard", "event", "session", "statement", "chain", "gap", "removal"]:
            connection.execute(f"select * from postern.{name} limit 1")
        for name in ["event", "session", "statement", "chain", "gap", "removal", "schema_version", *tables]:
            for statement in (f"delete from postern.{name}", f"truncate postern.{name}", f"drop table postern.{name}",
                              f"insert into postern.{name} default values"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_the_manual_names_every_column_and_its_queries_run(shipped):
    store, _ = shipped
    with open(f"{ROOT}/docs/audit-store.md") as file:
        manual = file.read()
    documented = {}
    for name, section in re.findall(r"^### `postern\.(\w+)`\n(.*?)(?=^##)", manual, re.MULTILINE | re.DOTALL):
        rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        documented[name] = {column for row in rows for column in re.findall(r"`(\w+)`", row)}
    there = {}
    for table, column in store.rows(
        """select table_name, column_name from information_schema.columns
           where table_schema = 'postern' and table_name !~ '_[0-9]{6}$'"""
    ):
        there.setdefault(table, set()).add(column)
    assert documented == there
    queries = re.findall(r"^```sql\n(select .*?)^```", manual, re.MULTILINE | re.DOTALL)
    assert len(queries) >= 6
    for query in queries:
        with store.superuser() as connection:
            connection.execute("set role postern_auditor")
            connection.execute(query)


def test_two_gateways_share_a_store(make_gateway, store):
    first = make_gateway(gateway={"name": "gw-1", "loops": 1}, audit=store.audit(), start=False)
    second = make_gateway(gateway={"name": "gw-2", "loops": 1}, audit=store.audit(), start=False)
    for gateway in (first, second):
        gateway.start()
    for gateway in (first, second):
        burst(gateway, 20)
        gateway.stop()
        store.matches(gateway.journal_folder)
    assert store.rows("select version, title from postern.schema_version order by 1") == [
        (1, "tables"), (2, "views"), (3, "guards")]
    assert store.rows("select gateway, count(*), min(state) from postern.session group by 1 order by 1") == [
        ("gw-1", 1, "ended"), ("gw-2", 1, "ended")]
    assert store.rows("select distinct gateway from postern.head order by 1") == [("gw-1",), ("gw-2",)]


def test_an_older_schema_is_brought_up_to_date_and_a_newer_one_is_left_alone(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit())
    gateway.stop()
    with store.superuser() as connection:
        for view in ("guard", "run", "migration", "denial", "head"):
            connection.execute(f"drop view postern.{view}")
        connection.execute("delete from postern.schema_version where version > 1")
    before = store.value("select count(*) from postern.event")
    gateway.start()
    gateway.stop()
    store.matches(gateway.journal_folder)
    assert store.value("select count(*) from postern.event") > before
    assert store.value("select has_table_privilege('postern_auditor', 'postern.run', 'SELECT')")
    with store.superuser() as connection:
        connection.execute("insert into postern.schema_version values (99, 'later', 'gw-9')")
    gateway.start()
    until(lambda: "schema has version 99" in gateway.ready()[1], what="the version in /readyz")
    assert gateway.ready()[0] == 200 and metric(gateway, "up") == 0


def test_months_that_are_too_old_are_dropped(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit(retain="400d"))
    gateway.stop()
    with store.superuser() as connection:
        for table in ("event", "session", "statement"):
            connection.execute(f"create table postern.{table}_202001 partition of postern.{table}"
                               " for values from ('2020-01-01Z') to ('2020-02-01Z')")
        connection.execute("alter table postern.event_202001 owner to shipper;"
                           "alter table postern.session_202001 owner to shipper;"
                           "alter table postern.statement_202001 owner to shipper")
        connection.execute("insert into postern.event values ('2020-01-15Z', 'c', 0, 'g', 'e', null, '{}', 'h', 'l')")
    before = store.value("select count(*) from postern.event where chain <> 'c'")
    gateway.start()
    until(lambda: store.value("select count(*) from postern.removal") == 3, what="the removal")
    gateway.stop()
    assert store.value("select count(*) from postern.event where chain = 'c'") == 0
    assert store.value("select count(*) from postern.event") > before
    assert store.rows("select partition, until::date::text, gateway from postern.removal order by 1") == [
        (f"{table}_202001", "2020-02-01", "gw-test") for table in ("event", "session", "statement")]
    store.matches(gateway.journal_folder)


def test_a_record_that_the_store_refuses_stops_nothing(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP, audit=store.audit(), roles=ROLES)
    until(lambda: store.value("select to_regclass('postern.run') is not null"), what="the schema")
    with store.superuser() as connection:
        connection.execute("alter table postern.statement add check (sql not like '%poison%')")
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        for number in range(400):
            connection.execute("select 'poison'" if number in (57, 211) else f"select {number}")
    caught_up(gateway)
    assert metric(gateway, "refused_records_total") == 2
    gateway.stop()
    store.matches(gateway.journal_folder)
    lines = store.rows("select line from postern.event where record is null")
    assert len(lines) == 2 and all("'poison'" in line for (line,) in lines)
    assert store.value("select count(*) from postern.statement") == 398
    log = gateway.log_text()
    # What the server says of a row holds the row.
    assert "refused 2 records of `loop-0`" in log and "poison" not in log


def test_check_tries_the_store_and_changes_nothing(make_gateway, store):
    gateway = make_gateway(start=False, audit=store.audit())

    def check():
        done = subprocess.run(
            [executable(), "check", "--config", f"{gateway.folder}/postern.yaml", "--connect", "--json"],
            capture_output=True, text=True, timeout=60,
        )
        return done.returncode, json.loads(done.stdout)["connect"]["audit_store"]

    code, report = check()
    assert code == 0 and report.pop("server_version").startswith("15.")
    assert report == {"ok": True, "schema_version": None}
    assert store.value("select to_regnamespace('postern') is null")
    gateway.configuration["audit"]["postgres"]["user"] = "app"
    gateway.write()
    code, report = check()
    assert (code, report["ok"]) == (1, False) and "may not make the schema" in report["error"]
    gateway.configuration["audit"]["postgres"]["hosts"] = ["localhost:1"]
    gateway.write()
    assert check()[0] == 1


def test_a_store_can_be_named_and_left_by_a_reload(make_gateway, store):
    gateway = make_gateway(gateway=ONE_LOOP)
    assert metric(gateway, "up") is None
    gateway.configuration["audit"] = store.audit()
    gateway.write()
    gateway.signal(1)
    burst(gateway)
    caught_up(gateway)
    assert store.value("select count(*) from postern.statement") >= 300
    gateway.configuration["audit"].pop("postgres")
    gateway.write()
    gateway.signal(1)
    until(lambda: metric(gateway, "up") is None, what="the end of shipping")
    assert gateway.ready() == (200, "ready\n")
