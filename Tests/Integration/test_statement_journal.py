"""What the journal says of statements: a decision before each, an outcome after it, and no secret in either."""

import os
import resource
import socket

import psycopg
import pytest
from support import journal
from support.gateway import Gateway
from support.matrix import log_in, play
from support.policies import CLASSES, allow, deny, role
from support.waiting import until
from support.wire import COPY_DONE, SYNC, Closed, bind, close, copy_data, execute, function_call, parse, query

RULES = [
    allow("read", "public.ledger", name="read-ledger"),
    allow(["INSERT", "COPY FROM"], "public.ledger", name="add"),
    deny("TRUNCATE TABLE", name="no-truncate", message="ask the owner of the table"),
]
EVERYTHING = [allow(CLASSES, "any", name="all"), allow("DO", "any", name="blocks")]
ROLES = {
    "app": role(RULES),
    "observer": role(RULES, mode="observe"),
    "free": role("unrestricted"),
    "full": role(EVERYTHING, audit={"sql": "full"}),
    "normalized": role(EVERYTHING),
    "none": role(EVERYTHING, audit={"sql": "none"}),
    "unparsed": role(EVERYTHING, unparsed="allow"),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, postgres, issuer, authority):
    process = Gateway(tmp_path_factory.mktemp("statements"), postgres, issuer, authority, roles=ROLES)
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def ledger(postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists ledger; create table ledger (id int primary key)")
        behind.execute("alter table ledger owner to app")
        behind.execute("drop role if exists planted; grant pg_read_all_data to app; alter role app createrole")
        yield behind


def story(gateway, steps, user="app"):
    """The records of a session that plays these steps, in the order of the journal, once it has ended."""
    with log_in(gateway, user) as job:
        play(job, steps)
    return until(lambda: _whole(gateway, job.session), 10, "the session's records")


def _whole(gateway, session):
    found = journal.of_session(gateway.journal_folder, session)
    return found if found and found[-1]["event"] == "session.end" else None


def of(records, event):
    return [record for record in records if record["event"] == event]


def told(records):
    """Decisions and outcomes by their statements' numbers; every outcome comes behind its decision, once."""
    decisions, outcomes = {}, {}
    for record in records:
        if record["event"] == "statement.decision":
            assert record["statement"] not in decisions
            decisions[record["statement"]] = record
        elif record["event"] == "statement.outcome":
            assert record["statement"] in decisions and record["statement"] not in outcomes
            outcomes[record["statement"]] = record
    return decisions, outcomes


def sql(*texts):
    return [(query(text), "Z") for text in texts]


def run(text, name="", portal=""):
    return parse(text, name) + bind([], portal, name) + execute(portal)


def batch(*messages):
    return [(b"".join(messages) + SYNC, "Z")]


def results(records):
    return [(outcome["result"], outcome.get("rows")) for outcome in told(records)[1].values()]


def test_a_statement_has_a_decision_an_outcome_and_a_transaction(recorded):
    records = story(recorded, sql("insert into ledger values (1), (2)"))
    names = [record["event"] for record in records]
    assert names == [
        "session.start", "statement.decision", "statement.outcome", "transaction.end", "session.end"
    ]  # fmt: skip
    _, decision, outcome, transaction, end = records
    assert (decision["tag"], decision["class"], decision["decision"]) == ("INSERT", "write", "allow")
    assert decision["forwarded"] is True and decision["rule"] == "add"
    assert decision["file"].endswith("app.yaml") and decision["line"] > 0
    assert len(decision["text_mac"]) >= 32 and decision["fingerprint"]
    assert "public.ledger" in str(decision["accesses"])
    assert decision["sql"] == "insert into ledger values ($1), ($2)"
    assert (outcome["result"], outcome["tag"], outcome["rows"]) == ("ok", "INSERT", 2)
    assert outcome["bytes"] >= 0 and outcome["duration_us"] > 0 and outcome.get("sqlstate") is None
    assert (outcome["statement"], transaction["transaction"]) == (decision["statement"], decision["transaction"])
    assert transaction["result"] == "commit"
    assert (end["statements"], end["denied"], end["rows"]) == (1, 0, 2)


def test_a_denial_names_its_rule_and_is_counted(recorded):
    records = story(recorded, sql("truncate ledger", "delete from ledger", "select 1"))
    decisions = list(told(records)[0].values())
    assert [decision["decision"] for decision in decisions] == ["deny", "deny", "allow"]
    assert [decision["forwarded"] for decision in decisions] == [False, False, True]
    by_rule, by_none, _ = decisions
    assert (by_rule["rule"], by_rule["tag"]) == ("no-truncate", "TRUNCATE TABLE") and by_rule["line"] > 0
    assert by_none.get("rule") is None and by_none["tag"] == "DELETE"
    assert by_rule["reason"] and by_none["reason"] and by_rule["reason"] != by_none["reason"]
    assert of(records, "session.end")[0]["denied"] == 2


def test_what_was_never_forwarded_has_no_good_outcome(recorded):
    records = story(recorded, sql("delete from ledger"))
    _, outcomes = told(records)
    assert all(outcome["result"] != "ok" for outcome in outcomes.values())


def test_every_statement_of_a_query_has_its_own(recorded):
    records = story(recorded, sql("insert into ledger values (1); select * from ledger; insert into ledger values (2)"))
    decisions, _ = told(records)
    assert [decision["tag"] for decision in decisions.values()] == ["INSERT", "SELECT", "INSERT"]
    assert results(records) == [("ok", 1), ("ok", 1), ("ok", 1)]
    assert len({decision["transaction"] for decision in decisions.values()}) == 1


def test_a_query_that_fails_in_the_middle(recorded):
    records = story(recorded, sql("insert into ledger values (1); select 1 / 0; insert into ledger values (2)"))
    assert [result for result, _ in results(records)] == ["ok", "error", "skipped"]
    assert list(told(records)[1].values())[1]["sqlstate"] == "22012"
    assert [record["result"] for record in of(records, "transaction.end")] == ["rollback"]


def test_a_query_of_several_with_a_denial_forwards_none(recorded):
    records = story(recorded, sql("insert into ledger values (1); delete from ledger; select 1"))
    decisions, outcomes = told(records)
    assert not any(decision["forwarded"] for decision in decisions.values())
    assert any(decision["decision"] == "deny" for decision in decisions.values())
    assert not any(outcome["result"] == "ok" for outcome in outcomes.values())


def test_a_pipeline_has_one_of_each_for_each_portal(recorded):
    records = story(
        recorded, batch(run("insert into ledger values (1)"), run("select 7"), run("insert into ledger values (2)"))
    )
    decisions, _ = told(records)
    assert [decision["tag"] for decision in decisions.values()] == ["INSERT", "SELECT", "INSERT"]
    assert results(records) == [("ok", 1), ("ok", 1), ("ok", 1)]
    assert len({decision["transaction"] for decision in decisions.values()}) == 1
    assert [record["result"] for record in of(records, "transaction.end")] == ["commit"]


def test_a_pipeline_with_an_error_skips_the_rest(recorded):
    records = story(
        recorded, batch(run("insert into ledger values (1)"), run("select 1 / 0"), run("insert into ledger values (2)"))
    )
    found = [outcome["result"] for outcome in told(records)[1].values()]
    assert found == ["ok", "error", "skipped"]
    assert [record["result"] for record in of(records, "transaction.end")] == ["rollback"]


def test_a_pipeline_with_a_denial_skips_the_rest(recorded):
    records = story(
        recorded,
        batch(run("insert into ledger values (1)"), run("delete from ledger"), run("insert into ledger values (2)")),
    )
    decisions, outcomes = told(records)
    # What never became a statement of the server's may have a record, and none of it says that it ran.
    tags = [(decision["tag"], decision["decision"]) for decision in decisions.values()]
    assert tags in (
        [("INSERT", "allow"), ("DELETE", "deny")], [("INSERT", "allow"), ("DELETE", "deny"), ("INSERT", "allow")]
    )  # fmt: skip
    inserts = [number for number, decision in decisions.items() if decision["tag"] == "INSERT"]
    assert [outcomes[number]["result"] for number in inserts] in (["ok"], ["ok", "skipped"])
    assert [record["result"] for record in of(records, "transaction.end")] == ["rollback"]


def test_pipelines_sent_together_are_told_apart(recorded):
    records = story(recorded, [
        (run("insert into ledger values (1)") + SYNC + run("select 1 / 0") + SYNC + run("select 2") + SYNC, "ZZZ")
    ])  # fmt: skip
    decisions, outcomes = told(records)
    assert [outcome["result"] for outcome in outcomes.values()] == ["ok", "error", "ok"]
    assert len({decision["transaction"] for decision in decisions.values()}) == 3
    assert [record["result"] for record in of(records, "transaction.end")] == ["commit", "rollback", "commit"]


def test_a_portal_by_portions_is_one_statement(recorded):
    text = "select generate_series(1, 5)"
    records = story(
        recorded, sql("begin") + batch(parse(text), bind([], "p"), execute("p", 2)) + batch(execute("p", 2))
        + batch(execute("p")) + sql("commit"),
    )
    decisions, outcomes = told(records)
    (number,) = [number for number, decision in decisions.items() if decision["tag"] == "SELECT"]
    assert (outcomes[number]["result"], outcomes[number]["rows"]) == ("ok", 5)


def test_each_bind_of_a_name_is_a_statement(recorded):
    records = story(
        recorded, batch(parse("insert into ledger values ($1)", "i", [23]))
        + batch(*[bind([str(n).encode()], "", "i") + execute() for n in range(3)]) + batch(close("S", "i")),
    )
    decisions, _ = told(records)
    assert [decision["tag"] for decision in decisions.values()] == ["INSERT"] * 3
    assert results(records) == [("ok", 1)] * 3
    assert len({decision["text_mac"] for decision in decisions.values()}) == 1


def test_names_that_change_their_text_are_attributed_rightly(recorded):
    records = story(recorded, batch(
        run("select 1", "s"), close("S", "s"), run("insert into ledger values (1)", "s"), close("S", "s"),
        run("select 2, 3", "s"),
    ))  # fmt: skip
    decisions, outcomes = told(records)
    pairs = [(decisions[number]["tag"], outcomes[number]["tag"]) for number in decisions]
    assert pairs == [("SELECT", "SELECT"), ("INSERT", "INSERT"), ("SELECT", "SELECT")]


def test_what_sql_prepared_is_known_when_it_is_executed(recorded):
    records = story(
        recorded, sql("prepare i as insert into ledger select 1 where false", "execute i")
        + batch(bind([], "", "i"), execute()),
    )
    decisions, outcomes = told(records)
    assert [decision["tag"] for decision in decisions.values()][:2] == ["PREPARE", "EXECUTE"]
    assert [outcome["tag"] for outcome in outcomes.values()] == ["PREPARE", "INSERT", "INSERT"]
    assert [outcome["result"] for outcome in outcomes.values()] == ["ok"] * 3


def test_a_transaction_over_several_queries_is_one(recorded):
    records = story(recorded, sql("begin", "insert into ledger values (1)", "commit", "begin", "select 1", "rollback"))
    decisions, _ = told(records)
    numbers = [decision["transaction"] for decision in decisions.values()]
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3] == numbers[4] == numbers[5]
    assert [record["result"] for record in of(records, "transaction.end")] == ["commit", "rollback"]


def test_commit_of_a_failed_transaction_is_a_rollback(recorded):
    records = story(recorded, sql("begin", "insert into ledger values (1)", "delete from ledger", "commit"))
    assert [record["result"] for record in of(records, "transaction.end")] == ["rollback"]
    assert list(told(records)[1].values())[-1]["tag"] == "ROLLBACK"


def test_a_transaction_that_the_job_leaves_is_not_committed(recorded):
    records = story(recorded, sql("begin", "insert into ledger values (1)"))
    (end,) = of(records, "transaction.end")
    assert end["result"] in ("rollback", "unknown")


def test_a_deferred_constraint_ends_in_a_rollback(recorded, ledger):
    ledger.execute("alter table ledger drop constraint ledger_pkey, add unique (id) deferrable initially deferred")
    records = story(recorded, sql("begin", "insert into ledger values (1), (1)", "commit"))
    assert [record["result"] for record in of(records, "transaction.end")] == ["rollback"]
    assert list(told(records)[1].values())[-1]["sqlstate"] == "23505"


def test_copy_counts_rows_and_bytes(recorded):
    records = story(
        recorded,
        [(query("copy ledger from stdin"), "G"), (copy_data(b"1\n2\n3\n") + COPY_DONE, "Z")]
        + sql("copy ledger to stdout"),
    )
    decisions, outcomes = told(records)
    assert [decision["tag"] for decision in decisions.values()] == ["COPY FROM", "COPY TO"]
    assert [outcome["rows"] for outcome in outcomes.values()] == [3, 3]
    assert list(outcomes.values())[1]["bytes"] >= 6


def test_a_function_call_is_a_statement(recorded):
    records = story(recorded, [(function_call(957, b"\xff\xff\xff\xff"), "Z")])
    (decision,) = of(records, "statement.decision")
    assert (decision["tag"], decision["decision"], decision["forwarded"]) == ("FUNCTION CALL", "deny", False)


def test_observe_says_what_it_would_have_denied(recorded, ledger):
    ledger.execute("insert into ledger values (1)")
    records = story(recorded, sql("delete from ledger", "truncate ledger", "select * from ledger"), "observer")
    decisions = list(told(records)[0].values())
    assert [decision["decision"] for decision in decisions] == ["allow"] * 3
    assert [decision.get("would") for decision in decisions][:2] == ["deny", "deny"]
    assert decisions[2].get("would") in (None, "allow")
    assert decisions[1]["rule"] == "no-truncate" and all(decision["forwarded"] for decision in decisions)
    assert results(records)[0] == ("ok", 1)
    assert of(records, "session.end")[0]["denied"] == 0


def test_unrestricted_records_every_statement(recorded):
    records = story(recorded, sql("truncate ledger", "do $$ begin end $$", "select 1"), "free")
    decisions = list(told(records)[0].values())
    assert [decision["decision"] for decision in decisions] == ["allow"] * 3
    assert [decision["tag"] for decision in decisions] == ["TRUNCATE TABLE", "DO", "SELECT"]
    assert len(results(records)) == 3


def test_the_same_text_has_the_same_code_and_another_has_not(recorded):
    records = story(recorded, sql("select 1", "select 2", "select 1", "select  1"))
    one, two, again, spaced = told(records)[0].values()
    assert one["text_mac"] == again["text_mac"]
    assert len({one["text_mac"], two["text_mac"], spaced["text_mac"]}) == 3
    assert one["fingerprint"] == two["fingerprint"] == spaced["fingerprint"]


# Each text holds `planted` where a secret stands.
SECRETS = [
    "create role planted login password 'planted-1'",
    "alter role planted password 'planted-2'",
    "alter role planted with login encrypted password 'planted-3' valid until '2030-01-01'",
    "alter user planted password $x$planted-4$x$",
    "select 'planted-5', $$planted-6$$, E'planted-7'",
    "insert into ledger values (length('planted-8'))",
    "do $$ begin perform 'planted-9'; end $$",
    "comment on table ledger is 'planted-10'",
    "set application_name = 'planted-11'",
    "select set_config('application_name', 'planted-12', false)",
    "prepare p as select 'planted-13'",
    "create view w as select 'planted-14' as x",
    "explain select 'planted-15'",
    "select 'planted-16' from nowhere",
    "create function g() returns text language sql as 'select ''planted-17'''",
    "begin; drop view if exists w; select 'planted-18'; rollback",
    "alter role planted password U&'planted-19'",
    "create user mapping for planted server nobody options (user 'x', password 'planted-21')",
    "create subscription s connection 'password=planted-22' publication p",
]
# Passwords, parameters and data, which `full` does not show either.
HIDDEN_ALWAYS = {1, 2, 3, 4, 19, 21, 22, 30, 31, 32, 35}


def bytes_of(gateway, session):
    folder = gateway.journal_folder
    return b"\n".join(
        line for name in journal.chains(folder) for _, line in journal.lines(folder, name) if session.encode() in line
    )


@pytest.mark.parametrize("user", ["normalized", "none", "full", "app", "free", "observer"])
def test_no_secret_is_in_the_journal(recorded, ledger, user):
    with log_in(recorded, user) as job:
        for text in SECRETS:
            play(job, sql(text))
        play(job, batch(parse("select $1::text || $2"), bind([b"planted-30", b"planted-31"]), execute()))
        play(job, [(query("copy ledger from stdin"), "G"), (copy_data(b"planted-32\n") + COPY_DONE, "Z")])
        play(job, sql("select 'planted-33' +", "select 'planted-34", "alter role x password 'planted-35' nonsense"))
    until(lambda: _whole(recorded, job.session), 10, "the session's records")
    found = bytes_of(recorded, job.session)
    assert found.count(b'"statement.decision"') >= len(SECRETS)
    for number in range(1, 36):
        if user != "full" or number in HIDDEN_ALWAYS:
            assert not _holds(found, f"planted-{number}".encode()), number
    if user == "none":
        assert not any(record.get("sql") for record in journal.of_session(recorded.journal_folder, job.session))
    if user == "full":
        assert b"planted-5" in found
    ledger.execute("drop view if exists w; drop function if exists g")


def _holds(data, secret):
    """The secret as a whole: planted-1 is not in planted-11."""
    place = data.find(secret)
    while place >= 0:
        if not data[place + len(secret) : place + len(secret) + 1].isdigit():
            return True
        place = data.find(secret, place + 1)
    return False


def test_what_is_not_understood_is_recorded_with_its_literals_masked(recorded):
    records = story(recorded, sql("select json_array('planted-40' returning text null on nothing)"), "unparsed")
    (decision,) = of(records, "statement.decision")
    assert decision["decision"] == "allow" and decision["forwarded"]
    assert "planted" not in str(records)
    assert len(of(records, "statement.outcome")) == 1


def test_what_was_executed_has_a_decision_even_after_a_kill(make_gateway, ledger):
    gateway = make_gateway(roles=ROLES)
    jobs = [log_in(gateway) for _ in range(4)]
    try:
        for number, job in enumerate(jobs):
            job.send(b"".join(query(f"insert into ledger values ({number * 1000 + n})") for n in range(400)))
        until(lambda: ledger.execute("select count(*) from ledger").fetchone()[0] > 50, 10, "some rows")
        gateway.kill()
        for job in jobs:
            _drain(job)
    finally:
        for job in jobs:
            job.close()
    busy = "select count(*) from pg_stat_activity where usename = 'app'"
    until(lambda: ledger.execute(busy).fetchone() == (0,), 15, "the end of the backends")
    rows = ledger.execute("select count(*) from ledger").fetchone()[0]
    decisions = journal.records(gateway.journal_folder, "statement.decision")
    assert 50 < rows <= sum(record["forwarded"] for record in decisions)
    gateway.start()
    gateway.stop()
    journal.verify(gateway.journal_folder)


def _drain(job):
    try:
        while True:
            job.receive()
    except (Closed, OSError, socket.timeout):
        pass


def test_nothing_is_forwarded_while_the_journal_cannot_be_written(make_gateway, ledger):
    gateway = make_gateway(roles=ROLES)
    with log_in(gateway) as job:
        play(job, sql("insert into ledger values (1)"))
        pid, hard = gateway.process.pid, resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        job.send(query("insert into ledger values (2)"))
        _drain(job)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert ledger.execute("select array_agg(id) from ledger").fetchone() == ([1],)
    until(lambda: gateway.ready()[0] == 200, 15, "ready")
    with psycopg.connect(**gateway.plain()) as connection:
        connection.execute("insert into ledger values (3)")
    gateway.stop()
    journal.verify(gateway.journal_folder)


def test_the_journal_of_all_this_verifies(recorded):
    assert os.listdir(recorded.journal_folder)
    journal.verify(recorded.journal_folder)
