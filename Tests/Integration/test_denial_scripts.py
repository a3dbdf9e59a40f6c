"""Programs that go on after a denial: nothing of a refused transaction is committed, and their sessions live on."""

import re

import psycopg
import pytest
from support import journal
from support.clients import run
from support.gateway import Gateway
from support.policies import allow, role

PSQL = ("psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=VERBOSITY=verbose")
ROLES = {
    "app": role([
        allow("read", "public.*", name="read-all"),
        allow(["INSERT", "COPY FROM", "UPDATE"], "public.ledger", name="add"),
    ])
}  # fmt: skip
DENIED = "delete from ledger;\n"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory, postgres, issuer, authority):
    process = Gateway(tmp_path_factory.mktemp("scripts"), postgres, issuer, authority, roles=ROLES)
    yield process
    process.stop()


@pytest.fixture
def ledger(postgres):
    """The table, seen around the gateway."""
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute(
            "drop table if exists ledger, vault; create table ledger (id int); create table vault (id int);"
            "alter table ledger owner to app; alter table vault owner to app; insert into ledger values (0)"
        )
        yield lambda: [row[0] for row in behind.execute("select id from ledger order by id")]


def script(gateway, text, *options):
    return run(gateway.plain(), *PSQL, *options, input=text)


def test_a_script_that_goes_on_to_commit_commits_nothing(scripts, ledger):
    code, output, errors = script(
        scripts,
        f"begin;\ninsert into ledger values (1);\n{DENIED}insert into ledger values (2);\ncommit;\nselect 'on';",
    )
    assert (code, output) == (0, "on\n")
    assert re.search(r"ERROR:  42501: .* \(session [0-9a-z]{16}\)\n", errors), errors
    (detail,) = re.findall(r"DETAIL:  (.*)", errors)
    assert re.search(r"\brole app\b", detail) and re.search(r"app\.yaml:\d+", detail), detail
    assert "no rule allows DELETE" in detail and "public.ledger" in detail
    assert "ERROR:  25P02:" in errors
    assert "LINE 1" not in errors and "syntax error" not in errors
    assert ledger() == [0]


def test_without_a_transaction_the_other_statements_stand(scripts, ledger):
    code, output, errors = script(scripts, f"insert into ledger values (1);\n{DENIED}insert into ledger values (2);\n")
    assert code == 0 and errors.count("ERROR:") == 1
    assert ledger() == [0, 1, 2]


def test_on_error_stop_ends_the_script_at_the_denial(scripts, ledger):
    text = f"insert into ledger values (1);\n{DENIED}insert into ledger values (2);\n"
    code, _, errors = script(scripts, text, "--set=ON_ERROR_STOP=1")
    assert code == 3 and "42501" in errors
    assert ledger() == [0, 1]


@pytest.mark.parametrize("stop", [0, 1])
def test_a_file_in_a_single_transaction_is_rolled_back(scripts, ledger, tmp_path, stop):
    file = tmp_path / "migration.sql"
    file.write_text(f"insert into ledger values (1);\n{DENIED}insert into ledger values (2);\n")
    code, _, errors = script(scripts, "", "-1", "-f", str(file), f"--set=ON_ERROR_STOP={stop}")
    assert code == (3 if stop else 0)
    assert "42501" in errors
    assert ledger() == [0]


def test_commands_in_a_single_transaction_are_rolled_back(scripts, ledger):
    code, _, errors = script(
        scripts, "", "-1", "-c", "insert into ledger values (1)", "-c", DENIED, "-c", "insert into ledger values (2)"
    )
    assert code == 1 and "42501" in errors
    assert ledger() == [0]


def test_with_rollback_on_error_only_the_denied_statement_is_undone(scripts, ledger):
    code, _, errors = script(
        scripts, f"begin;\ninsert into ledger values (1);\n{DENIED}insert into ledger values (2);\ncommit;\n",
        "--set=ON_ERROR_ROLLBACK=on",
    )
    assert code == 0 and errors.count("ERROR:") == 1
    assert ledger() == [0, 1, 2]


def test_one_query_of_several_statements_runs_none_of_them(scripts, ledger):
    several = f"insert into ledger values (1); {DENIED} insert into ledger values (2)"
    code, _, errors = script(scripts, "", "-c", several)
    assert code == 1 and "42501" in errors
    assert ledger() == [0]


def test_a_denied_copy_with_inline_data_does_not_run_the_data(scripts, ledger, postgres):
    """psql before 15.19 may send the lines as statements: then each is judged."""
    code, output, errors = script(
        scripts, "begin;\ninsert into ledger values (1);\ncopy vault from stdin;\n7\ndelete from ledger\n\\.\n"
        "commit;\nselect 'on';\n",
    )
    assert code == 0 and output.endswith("on\n")
    assert "42501" in errors
    assert ledger() == [0]
    with postgres.superuser("app") as behind:
        assert behind.execute("select count(*) from vault").fetchone() == (0,)


def test_a_denied_copy_alone_leaves_the_session_usable(scripts, ledger):
    code, output, errors = script(
        scripts, "copy vault from stdin;\n7\n\\.\nselect 'on';\ncopy ledger from stdin;\n8\n\\.\nselect 'again';\n"
    )
    assert code == 0
    assert output.splitlines()[-2:] == ["on", "again"]
    assert errors.count("42501") >= 1
    assert ledger() == [0, 8]


def test_what_is_not_understood_shows_the_parsers_words_and_position(scripts, ledger):
    code, _, errors = script(scripts, "begin;\ninsert into ledger values (1);\nselec 1;\ncommit;\n")
    assert code == 0
    assert 'ERROR:  42601: syntax error at or near "selec"' in errors
    assert "LINE 1: selec 1;\n        ^" in errors
    assert "not understood by Postern (grammar 15)" in errors
    assert ledger() == [0]


def test_a_psycopg_pipeline_with_a_denial_is_rolled_back_whole(scripts, ledger):
    with psycopg.connect(**scripts.plain(), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught, connection.pipeline():
            connection.execute("insert into ledger values (%s)", (1,))
            connection.execute("delete from ledger where id = %s", (0,))
            connection.execute("insert into ledger values (%s)", (2,))
        diagnosis = caught.value.diag
        assert diagnosis.sqlstate == "42501" and diagnosis.statement_position is None and diagnosis.context is None
        assert connection.execute("select count(*) from ledger").fetchone() == (1,)
    assert ledger() == [0]


def test_a_psycopg_transaction_can_go_back_to_a_savepoint(scripts, ledger):
    with psycopg.connect(**scripts.plain()) as connection, connection.transaction():
        connection.execute("insert into ledger values (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("delete from ledger")
        connection.execute("insert into ledger values (2)")
    assert ledger() == [0, 1, 2]


def test_statements_prepared_by_psycopg_go_on_after_denials(scripts, ledger):
    with psycopg.connect(**scripts.plain(), autocommit=True, prepare_threshold=0) as connection:
        for number in range(20):
            connection.execute("insert into ledger values (%s)", (number + 1,))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from ledger where id = %s", (number,))
    assert ledger() == list(range(21))


def test_executemany_stops_at_the_denial(scripts, ledger):
    with psycopg.connect(**scripts.plain()) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.cursor().executemany("update vault set id = %s", [(1,), (2,)])
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
        connection.rollback()
        connection.execute("insert into ledger values (5)")
        connection.commit()
    assert ledger() == [0, 5]


@pytest.mark.parametrize("protocol", ["simple", "extended", "prepared"])
def test_pgbench_aborts_its_transactions_and_leaves_nothing(scripts, ledger, tmp_path, protocol):
    file = tmp_path / "bench.sql"
    file.write_text(f"begin;\ninsert into ledger values (1);\n{DENIED}commit;\n")
    code, _, errors = run(
        scripts.plain(), "pgbench", "-n", "-M", protocol, "-c", "3", "-t", "5", "-f", str(file), "app"
    )
    assert code == 2
    assert errors.count("aborted in command 2") == 3, errors
    assert ledger() == [0]


def test_pgbench_pipelines_with_a_denial_leave_nothing(scripts, ledger, tmp_path):
    file = tmp_path / "pipeline.sql"
    file.write_text(f"\\startpipeline\ninsert into ledger values (1);\n{DENIED}select 1;\n\\endpipeline\n")
    code, _, errors = run(
        scripts.plain(), "pgbench", "-n", "-M", "extended", "-c", "2", "-t", "5", "-f", str(file), "app"
    )
    assert code == 2 and "aborted" in errors
    assert ledger() == [0]


def test_the_denials_of_all_this_are_in_the_journal(scripts, ledger):
    script(scripts, DENIED)
    denied = [
        record for record in journal.records(scripts.journal_folder, "statement.decision")
        if record["decision"] == "deny"
    ]  # fmt: skip
    assert denied
    assert all(not record["forwarded"] for record in denied)
    journal.verify(scripts.journal_folder)
