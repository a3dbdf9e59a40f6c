"""New rules decide at the next statement, also of what was prepared under the old ones, and inside a transaction."""

import signal

import pytest
from support import journal
from support.matrix import Denials, kinds, log_in, play
from support.policies import allow, role
from support.waiting import until
from support.wire import SYNC, bind, describe, error_fields, execute, parse, query

READ = allow("read", "public.ledger", name="read")
ADD = allow("INSERT", "public.ledger", name="add")
REMOVE = allow("DELETE", "public.ledger", name="remove")
INSERT = "insert into ledger values (1)"


@pytest.fixture
def changing(make_gateway, postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists ledger; create table ledger (id int)")
        behind.execute("alter table ledger owner to app; insert into ledger values (0)")
        gateway = make_gateway(roles={"app": role([READ, ADD])})
        gateway.rows = lambda: [row[0] for row in behind.execute("select id from ledger order by id")]
        yield gateway


def change(gateway, rules, **more):
    """Puts other rules in force."""
    counter = 'postern_config_reloads_total{result="success"}'
    before = gateway.metrics()[counter]
    gateway.roles["app"] = role(rules, **more)
    gateway.write()
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.metrics()[counter] > before, 10, "the reload")


def ask(job, *messages):
    """The types that come up to ReadyForQuery, and the states of the errors among them."""
    job.send(*messages)
    found = job.until_ready()
    return kinds(found), [error_fields(body) for kind, body in found if kind == "E"]


def denied(job, *messages):
    shape, errors = ask(job, *messages)
    assert len(errors) == 1, (shape, errors)
    Denials("app", job.session).assert_denial(errors[0])
    return shape


def test_a_query_is_decided_by_the_new_rules(changing):
    with log_in(changing) as job:
        assert ask(job, query(INSERT)) == ("C ZI", [])
        change(changing, [READ])
        assert denied(job, query(INSERT)) == "E ZI"
        change(changing, [READ, ADD, REMOVE])
        assert ask(job, query("delete from ledger where id = 0")) == ("C ZI", [])
    assert changing.rows() == [1]


@pytest.mark.parametrize("name", ["", "s"])
def test_what_was_prepared_before_is_decided_again_before_bind(changing, name):
    with log_in(changing) as job:
        assert ask(job, parse(INSERT, name), SYNC) == ("1 ZI", [])
        assert ask(job, bind([], "", name), execute(), SYNC) == ("2 C ZI", [])
        change(changing, [READ])
        assert denied(job, bind([], "", name), describe("P"), execute(), SYNC) == "E ZI"
        assert changing.rows() == [0, 1]
        change(changing, [READ, ADD])
        if name:
            assert ask(job, bind([], "", name), execute(), SYNC) == ("2 C ZI", [])
            assert changing.rows() == [0, 1, 1]


def test_what_sql_prepared_before_is_decided_again_at_execute(changing):
    with log_in(changing) as job:
        assert ask(job, query(f"prepare s as {INSERT}")) == ("C ZI", [])
        change(changing, [READ])
        assert denied(job, query("execute s")) == "E ZI"
        assert denied(job, bind([], "", "s"), execute(), SYNC) == "E ZI"
        assert denied(job, query("explain analyze execute s")) == "E ZI"
    assert changing.rows() == [0]


def test_inside_a_transaction_the_new_rules_decide(changing):
    with log_in(changing) as job:
        play(job, [(query("begin"), "Z"), (query(INSERT), "Z")])
        change(changing, [READ])
        assert denied(job, query(INSERT)) == "E ZE"
        assert ask(job, query("commit")) == ("C ZI", [])
    assert changing.rows() == [0]


def test_a_transaction_that_does_nothing_new_may_commit(changing):
    with log_in(changing) as job:
        play(job, [(query("begin"), "Z"), (query(INSERT), "Z")])
        change(changing, [READ])
        assert ask(job, query("commit")) == ("C ZI", [])
    assert changing.rows() == [0, 1]


def test_a_cursor_that_was_declared_before_is_decided_again(changing):
    with log_in(changing) as job:
        play(job, [(query("begin"), "Z"), (query("declare c cursor for select id from ledger"), "Z")])
        change(changing, [ADD])
        shape, errors = ask(job, query("select id from ledger"))
        assert shape == "E ZE" and errors[0]["C"] == "42501"


def test_each_decision_names_the_rule_that_made_it(changing):
    with log_in(changing) as job:
        play(job, [(parse(INSERT, "s") + bind([], "", "s") + execute() + SYNC, "Z")])
        change(changing, [READ, allow("write", "public.ledger", name="another")])
        play(job, [(bind([], "", "s") + execute() + SYNC, "Z")])
        change(changing, [READ])
        play(job, [(bind([], "", "s") + execute() + SYNC, "Z")])

    def decisions():
        found = journal.of_session(changing.journal_folder, job.session)
        if found[-1]["event"] == "session.end":
            return [record for record in found if record["event"] == "statement.decision"]
        return None

    found = until(decisions)
    assert [(one["decision"], one.get("rule")) for one in found] == [
        ("allow", "add"), ("allow", "another"), ("deny", None)
    ]  # fmt: skip


def test_a_smaller_limit_holds_from_the_next_statement(changing):
    with log_in(changing) as job:
        assert ask(job, query("select 1 --" + "x" * 2000)) == ("T D C ZI", [])
        change(changing, [READ], limits={"statement_size": "1KiB"})
        shape, errors = ask(job, query("select 1 --" + "x" * 2000))
        assert (shape, errors[0]["C"]) == ("E ZI", "54000")


def test_observing_begins_and_ends_with_the_policy(changing):
    with log_in(changing) as job:
        change(changing, [READ], mode="observe")
        assert ask(job, query("delete from ledger")) == ("C ZI", [])
        change(changing, [READ])
        assert denied(job, query("delete from ledger")) == "E ZI"
        change(changing, "unrestricted")
        assert ask(job, query(INSERT)) == ("C ZI", [])
    assert changing.rows() == [1]


def test_a_bad_file_keeps_the_rules_in_force(changing):
    with log_in(changing) as job:
        counter = 'postern_config_reloads_total{result="failure"}'
        before = changing.metrics().get(counter, 0)
        changing.roles["app"] = role([{"id": "x", "allow": "everything", "on": "any"}])
        changing.write()
        changing.signal(signal.SIGHUP)
        until(lambda: changing.metrics().get(counter, 0) > before, 10, "the reload")
        assert denied(job, query("delete from ledger")) == "E ZI"
        assert ask(job, query(INSERT)) == ("C ZI", [])
