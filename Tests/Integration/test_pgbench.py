"""pgbench, in its three protocol modes and with pipelines, fails no transaction through the gateway."""

import re

import psycopg
import pytest
from support.clients import run, same, succeed  # noqa: F401

MODES = ("simple", "extended", "prepared")


@pytest.fixture(scope="module", autouse=True)
def tables(postgres):
    succeed(postgres.direct(), "pgbench", "-i", "-q", "-s", "1")
    with psycopg.connect(**postgres.direct()) as connection:
        connection.execute("create table pipelined (client int, n int)")
    yield
    with psycopg.connect(**postgres.direct()) as connection:
        connection.execute(
            "drop table pipelined, pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history"
        )


def bench(parameters, *options, seconds=60):
    """Runs pgbench; returns how many transactions it processed and how many failed."""
    code, output, errors = run(parameters, "pgbench", "--no-vacuum", *options, seconds=seconds)
    assert code == 0, errors
    processed = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
    return processed, int(re.search(r"failed transactions: (\d+)", output).group(1)), errors


def script(tmp_path, text):
    path = tmp_path / "script.sql"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("mode", MODES)
def test_the_default_script_keeps_its_books(same, postgres, mode):  # noqa: F811
    def scenario(parameters):
        with psycopg.connect(**postgres.direct()) as connection:
            connection.execute("truncate pgbench_history")
            before = connection.execute("select sum(abalance) from pgbench_accounts").fetchone()[0]
        counts = bench(parameters, "-M", mode, "-c", "4", "-j", "2", "-t", "50")
        with psycopg.connect(**postgres.direct()) as connection:
            rows, delta = connection.execute("select count(*), sum(delta) from pgbench_history").fetchone()
            after = connection.execute("select sum(abalance) from pgbench_accounts").fetchone()[0]
        return counts, rows, after - before == delta

    assert same(scenario) == ((200, 0, ""), 200, True)


@pytest.mark.parametrize("mode", MODES)
def test_select_only_runs_with_several_clients(same, mode):  # noqa: F811
    assert same(lambda parameters: bench(parameters, "-S", "-M", mode, "-c", "8", "-j", "2", "-t", "200")) == (
        1600, 0, "",
    )


def test_a_connection_for_every_transaction(same):  # noqa: F811
    assert same(lambda parameters: bench(parameters, "-S", "-C", "-c", "4", "-t", "10")) == (40, 0, "")


@pytest.mark.parametrize("mode", ["extended", "prepared"])
def test_pipelines_run_every_statement(same, postgres, tmp_path, mode):  # noqa: F811
    statements = "".join(f"insert into pipelined values (:client_id, {n});\nselect :client_id;\n" for n in range(25))
    path = script(tmp_path, f"\\startpipeline\nbegin;\n{statements}commit;\n\\endpipeline\n")

    def scenario(parameters):
        with psycopg.connect(**postgres.direct()) as connection:
            connection.execute("truncate pipelined")
        counts = bench(parameters, "-M", mode, "-f", path, "-c", "4", "-j", "2", "-t", "10")
        with psycopg.connect(**postgres.direct()) as connection:
            groups = connection.execute("select client, count(*), sum(n) from pipelined group by 1 order by 1")
            return counts, groups.fetchall()

    assert same(scenario) == ((40, 0, ""), [(client, 250, 3000) for client in range(4)])


def test_a_pipeline_with_an_error_ends_the_client_with_the_same_words(same, tmp_path):  # noqa: F811
    path = script(tmp_path, "\\startpipeline\nselect 1;\nselect 1 / 0;\nselect 2;\n\\endpipeline\n")

    def scenario(parameters):
        code, _, errors = run(parameters, "pgbench", "--no-vacuum", "-M", "extended", "-f", path, "-t", "1")
        return code, errors

    code, errors = same(scenario)
    assert code == 2
    assert "division by zero" in errors


def test_serialization_failures_are_retried(same, postgres, tmp_path):  # noqa: F811
    """Every client updates one row; retried transactions are neither lost nor doubled."""
    path = script(
        tmp_path,
        "begin isolation level repeatable read;\nselect n from pipelined;\n"
        "update pipelined set n = n + 1;\ncommit;\n",
    )

    def scenario(parameters):
        with psycopg.connect(**postgres.direct()) as connection:
            connection.execute("truncate pipelined")
            connection.execute("insert into pipelined values (0, 0)")
        counts = bench(
            parameters, "-M", "prepared", "-f", path, "-c", "4", "-j", "2", "-t", "25", "--max-tries=1000"
        )
        with psycopg.connect(**postgres.direct()) as connection:
            return counts, connection.execute("select n from pipelined").fetchall()

    assert same(scenario) == ((100, 0, ""), [(100,)])


def test_tables_are_made_and_filled_through_the_gateway(same):  # noqa: F811
    """`-I dtGvp`: drops, creates, fills on the server's side, vacuums and adds keys; then with COPY."""

    def scenario(parameters):
        filled = []
        for steps in ("dtGvp", "dtgvp"):
            succeed(parameters, "pgbench", "-i", "-q", "-s", "1", "-I", steps)
            filled.append(
                succeed(parameters, "psql", "-XAtc", "select count(*), sum(aid) from pgbench_accounts").strip()
            )
        return filled

    assert same(scenario) == ["100000|5000050000"] * 2
