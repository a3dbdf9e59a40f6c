"""How long a statement may run and how long it may be: by the gateway's own clock and count, in every mode."""

import time

import pytest
from support import journal
from support.gateway import Gateway
from support.matrix import kinds, log_in, play
from support.policies import CLASSES, allow, role
from support.waiting import until
from support.wire import SYNC, bind, copy_data, error_fields, execute, parse, query

EVERYTHING = [allow(CLASSES, "public.*", name="all"), allow("DO", "any", name="blocks")]
SLEEP = {"functions": ["pg_catalog.pg_sleep"]}
ROLES = {
    "app": role(EVERYTHING, limits={"statement": "1s"}, **SLEEP),
    "free": role("unrestricted", limits={"statement": "1s"}),
    "observer": role(EVERYTHING[:1], mode="observe", limits={"statement": "1s"}, **SLEEP),
    "quick": role(EVERYTHING, limits={"statement": "300ms"}, **SLEEP),
    "unlimited": role(EVERYTHING, **SLEEP),
    "short": role(EVERYTHING, limits={"statement_size": "1KiB"}),
    "short-observer": role(EVERYTHING, mode="observe", limits={"statement_size": "1KiB"}),
    "short-free": role("unrestricted", limits={"statement_size": "1KiB"}),
}
STUBBORN = """do $$ begin loop
    begin perform pg_sleep(60); exception when query_canceled then null; end;
end loop; end $$"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory, postgres, issuer, authority):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists ledger; create table ledger (id int); alter table ledger owner to app")
        folder = tmp_path_factory.mktemp("limits")
        process = Gateway(folder, postgres, issuer, authority, roles=ROLES)
        process.behind = behind
        yield process
        process.stop()


def run(job, *messages):
    """The types of what comes up to ReadyForQuery, and the states of its errors."""
    job.send(*messages)
    found = job.until_ready()
    return kinds(found), [error_fields(body) for kind, body in found if kind == "E"]


def assert_over_time(job, fields):
    assert (fields["S"], fields["C"]) == ("ERROR", "57014"), fields
    assert fields["M"].endswith(f" (session {job.session})"), fields


@pytest.mark.parametrize("user", ["app", "free", "observer"])
def test_a_statement_over_its_time_is_canceled_and_the_session_goes_on(limited, user):
    with log_in(limited, user) as job:
        begun = time.monotonic()
        shape, (fields,) = run(job, query("select pg_sleep(30)"))
        assert 0.9 < time.monotonic() - begun < 5
        assert shape.endswith("E ZI")
        assert_over_time(job, fields)
        assert run(job, query("select 1")) == ("T D C ZI", [])


def test_in_a_transaction_it_fails_the_transaction(limited):
    with log_in(limited) as job:
        play(job, [(query("begin"), "Z"), (query("insert into ledger values (1)"), "Z")])
        shape, (fields,) = run(job, query("select pg_sleep(30)"))
        assert shape.endswith("E ZE")
        assert_over_time(job, fields)
        assert run(job, query("commit")) == ("C ZI", [])
        assert job.ask("select count(*) from ledger") == ["0"]


def test_in_a_pipeline_the_rest_is_skipped(limited):
    with log_in(limited) as job:
        shape, (fields,) = run(
            job, parse("insert into ledger values (1)"), bind(), execute(), parse("select pg_sleep(30)"), bind(),
            execute(), parse("insert into ledger values (2)"), bind(), execute(), SYNC,
        )
        assert shape == "1 2 C 1 2 E ZI"
        assert_over_time(job, fields)
        assert job.ask("select count(*) from ledger") == ["0"]


def test_several_short_statements_may_take_longer_together(limited):
    with log_in(limited) as job:
        for _ in range(4):
            assert run(job, query("select pg_sleep(0.4)")) == ("T D C ZI", [])


@pytest.mark.parametrize("setting", ["set statement_timeout = 0", "set statement_timeout = '1h'"])
def test_the_jobs_own_timeout_changes_nothing(limited, setting):
    with log_in(limited) as job:
        assert run(job, query(setting)) == ("C ZI", [])
        _, (fields,) = run(job, query("select pg_sleep(30)"))
        assert_over_time(job, fields)


def test_a_shorter_timeout_of_the_jobs_own_is_the_servers_word(limited):
    with log_in(limited) as job:
        run(job, query("set statement_timeout = '100ms'"))
        _, (fields,) = run(job, query("select pg_sleep(30)"))
        assert fields["C"] == "57014" and fields["M"] == "canceling statement due to statement timeout"


def test_a_statement_that_takes_no_cancel_ends_its_session(limited):
    with log_in(limited) as job:
        backend = job.ask("select pg_backend_pid()")
        begun = time.monotonic()
        job.send(query(STUBBORN))
        fields = job.fatal()
        assert 5 < time.monotonic() - begun < 9
        assert fields["C"] == "57014" and fields["M"].endswith(f" (session {job.session})"), fields
    alive = "select count(*) from pg_stat_activity where pid = %s"
    until(lambda: limited.behind.execute(alive, backend).fetchone() == (0,), 10, "the end of the backend")
    (end,) = until(lambda: _records(limited, job.session, "session.end"))
    assert "statement" in end["reason"]


def test_a_cancel_never_hits_the_next_statement(limited):
    with log_in(limited, "quick") as job:
        for _ in range(10):
            shape, errors = run(job, query("select pg_sleep(0.3)"))
            assert [fields["C"] for fields in errors] in ([], ["57014"])
            assert run(job, query("select 1")) == ("T D C ZI", [])


def test_time_in_which_the_job_does_not_read_does_not_count(limited):
    with log_in(limited) as job, log_in(limited, "unlimited") as clock:
        job.send(query("select repeat('x', 1000) from generate_series(1, 40000)"))
        clock.ask("select pg_sleep(2.5)")
        shape, errors = kinds(found := job.until_ready()), [body for kind, body in found if kind == "E"]
        assert not errors and shape.count("D") == 40000
        assert run(job, query("select 1")) == ("T D C ZI", [])


def test_waiting_in_a_transaction_is_no_statements_time(limited):
    with log_in(limited) as job, log_in(limited, "unlimited") as clock:
        play(job, [(query("begin"), "Z")])
        clock.ask("select pg_sleep(1.5)")
        assert run(job, query("select 1")) == ("T D C ZT", [])


def test_a_statement_without_a_limit_runs_on_beside_it(limited):
    with log_in(limited) as job, log_in(limited, "unlimited") as other:
        other.send(query("select pg_sleep(1.6)"))
        _, (fields,) = run(job, query("select pg_sleep(30)"))
        assert_over_time(job, fields)
        assert kinds(other.until_ready()) == "T D C ZI"


def test_the_journal_says_that_it_was_canceled(limited):
    with log_in(limited) as job:
        run(job, query("select pg_sleep(30)"))
    (outcome,) = until(lambda: _records(limited, job.session, "statement.outcome"))
    assert (outcome["result"], outcome["sqlstate"]) == ("canceled", "57014")
    assert 900_000 < outcome["duration_us"] < 5_000_000


def _records(gateway, session, event):
    return [record for record in journal.of_session(gateway.journal_folder, session) if record["event"] == event]


# Size


def text_of(size):
    return "select 1 --" + "x" * (size - 11)


@pytest.mark.parametrize("user", ["short", "short-observer", "short-free"])
def test_a_text_of_the_size_passes_and_a_byte_more_does_not(limited, user):
    with log_in(limited, user) as job:
        assert run(job, query(text_of(1024))) == ("T D C ZI", [])
        assert run(job, parse(text_of(1024)), bind(), execute(), SYNC) == ("1 2 D C ZI", [])
        for messages in ([query(text_of(1025))], [parse(text_of(1025)), bind(), execute(), SYNC]):
            shape, (fields,) = run(job, *messages)
            assert (shape, fields["S"], fields["C"]) == ("E ZI", "ERROR", "54000"), fields
            assert fields["M"].endswith(f" (session {job.session})")
            assert run(job, query("select 1")) == ("T D C ZI", [])


def test_in_a_transaction_a_long_text_fails_the_transaction(limited):
    with log_in(limited, "short") as job:
        play(job, [(query("begin"), "Z"), (query("insert into ledger values (1)"), "Z")])
        assert run(job, query(text_of(4000)))[0] == "E ZE"
        assert run(job, query("commit")) == ("C ZI", [])
        assert job.ask("select count(*) from ledger") == ["0"]


def test_in_a_pipeline_a_long_text_undoes_what_came_before(limited):
    with log_in(limited, "short") as job:
        shape, (fields,) = run(
            job, parse("insert into ledger values (1)"), bind(), execute(), parse(text_of(4000)), bind(), execute(),
            SYNC,
        )
        assert (shape, fields["C"]) == ("1 2 C E ZI", "54000")
        assert job.ask("select count(*) from ledger") == ["0"]


def test_parameters_and_data_are_no_text(limited):
    with log_in(limited, "short") as job:
        shape, errors = run(job, parse("select length($1)", "", [25]), bind([b"x" * 100_000]), execute(), SYNC)
        assert (shape, errors) == ("1 2 D C ZI", [])
        job.send(query("copy ledger from stdin"))
        assert job.receive()[0] == "G"
        assert run(job, copy_data(b"7\n" * 10_000), b"c\0\0\0\4") == ("C ZI", [])
        limited.behind.execute("truncate ledger")


def test_a_mebibyte_is_the_limit_where_none_is_written(limited):
    with log_in(limited, "app") as job:
        assert run(job, query(text_of(1 << 20))) == ("T D C ZI", [])
        shape, (fields,) = run(job, query(text_of((1 << 20) + 1)))
        assert (shape, fields["C"]) == ("E ZI", "54000")


@pytest.mark.parametrize("text", [
    "select " + "+".join(["1"] * 100_000), "select " + "(" * 20_000 + "1" + ")" * 20_000,
    "select 1" + " union select 1" * 30_000, "select " + "not " * 50_000 + "true",
    "select 1" + "::int" * 60_000, "select " + "-" * 1 + " -".join(["1"] * 60_000),
])  # fmt: skip
def test_a_text_that_is_too_deep_for_the_parser_is_refused_and_the_gateway_lives(limited, text):
    with log_in(limited, "app") as job:
        shape, (fields,) = run(job, query(text))
        assert shape == "E ZI" and fields["C"] in ("54001", "54000", "42601"), fields
        assert run(job, query("select 1")) == ("T D C ZI", [])
    assert limited.is_alive()
