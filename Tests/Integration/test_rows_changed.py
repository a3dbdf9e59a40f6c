"""`rows_changed`: no transaction commits in which the reported row counts of DML and COPY exceed it."""

import struct

import psycopg
import pytest
from support import clients
from support.gateway import Gateway
from support.matrix import kinds, log_in, log_in_direct, play
from support.policies import CLASSES, allow, role
from support.waiting import until
from support.wire import (
    COPY_DONE, FLUSH, SYNC, TERMINATE, bind, copy_data, describe, error_fields, execute, function_call, message, parse,
    query,
)  # fmt: skip

LIMIT = 5
EVERYTHING = [
    allow(CLASSES, "public.*", "function:public.*", name="all"),
    allow(["DO", "CALL", "CREATE TRIGGER", "LISTEN", "NOTIFY"], "any", name="rest"),
]
ROLES = {
    "app": role(EVERYTHING, limits={"rows_changed": LIMIT}, large_objects=True),
    "observer": role(EVERYTHING[:1], mode="observe", limits={"rows_changed": LIMIT}),
    "free": role("unrestricted", limits={"rows_changed": LIMIT}),
    "wide": role(EVERYTHING, limits={"rows_changed": 100_000}),
}
TABLES = """
    drop table if exists ledger, other, made, deferred cascade;
    drop routine if exists proc, speak cascade;
    create table ledger (id int, note text);
    create table other (id int primary key);
    create table deferred (id int primary key, other int references other deferrable initially deferred);
    create function speak() returns trigger language plpgsql as
        $$ begin raise notice 'changed'; perform pg_notify('news', 'x'); return new; end $$;
    create trigger speak after insert on other for each row execute function speak();
    create procedure proc(n int) language plpgsql as
        $$ begin insert into ledger select generate_series(1, n); commit; end $$;
"""


@pytest.fixture(scope="module")
def counted(tmp_path_factory, postgres, issuer, authority):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("set role app")
        folder = tmp_path_factory.mktemp("rows")
        process = Gateway(folder, postgres, issuer, authority, roles=ROLES)
        process.behind = behind
        yield process
        process.stop()


@pytest.fixture(autouse=True)
def tables(counted):
    counted.behind.execute("set client_min_messages = warning")
    counted.behind.execute(TABLES)


def insert(count, table="ledger"):
    return f"insert into {table} (id) select generate_series(1, {count})"


def run(text, name=""):
    return parse(text, name) + bind([], "", name) + describe("P") + execute()


def sql(*texts):
    return [(query(text), "Z") for text in texts]


def batch(*messages):
    return [(b"".join(messages) + SYNC, "Z")]


def copy(text, *data):
    return [(query(text), "G"), (b"".join(copy_data(line) for line in data) + COPY_DONE, "Z")]


def committed(counted):
    """Rows that another connection sees."""
    return counted.behind.execute("select count(*) from ledger").fetchone()[0]


def transactions(counted):
    return counted.behind.execute("select count(*) from pg_prepared_xacts where database = 'app'").fetchone()[0]


# Below the limit nothing differs from the server alone.
UNNOTICED = {
    "INSERT": sql(insert(LIMIT)),
    "INSERT of nothing": sql("insert into ledger select 1 where false", "update ledger set id = 1"),
    "RETURNING": sql("insert into ledger values (1, 'a'), (2, null) returning *, id + 1 as next"),
    "UPDATE": sql(insert(3), "update ledger set note = 'x' where id > 1 returning id", "update ledger set id = 0"),
    "DELETE": sql(insert(4), "delete from ledger where id = 1", "delete from ledger returning note"),
    "MERGE": sql(insert(2), "merge into ledger l using (values (1), (9)) v(i) on l.id = v.i when matched then delete"
                 " when not matched then insert values (v.i)"),
    "CREATE TABLE AS": sql("create table made as select generate_series(1, 5) as id", "table made"),
    "SELECT INTO": sql("select generate_series(1, 5) as id into made", "table made"),
    "a materialized view": sql("create materialized view made as select 1 as id", "drop materialized view made"),
    "several transactions": sql(*[insert(LIMIT)] * 4),
    "transactions one by one": sql(*["begin", insert(3), insert(2), "commit"] * 2),
    "a transaction's end": sql("begin", insert(5), "rollback", "begin", insert(5), "end"),
    "AND CHAIN": sql("begin", insert(4), "commit and chain", insert(4), "rollback and chain", insert(5), "commit"),
    "a savepoint": sql("begin", insert(2), "savepoint a", insert(2), "rollback to a", insert(1), "release a", "commit"),
    "an error": sql("insert into nowhere values (1)", "insert into other values (1), (1)", "update ledger set id = x"),
    "an error in a transaction": sql("begin", insert(2), "select 1 / 0", insert(1), "commit"),
    "an error among rows": sql("insert into ledger select 1 / (3 - i) from generate_series(1, 4) i returning id"),
    "a deferred constraint": sql("insert into deferred values (1, 77)", "insert into deferred values (1, null)"),
    "a deferred constraint in a transaction": sql("begin", "insert into deferred values (1, 7)", "commit"),
    "notices and notifications": sql("listen news", "insert into other values (1), (2)", "unlisten news"),
    "a setting by RETURNING": sql("insert into other values (1) returning set_config('application_name', 'x', false)"),
    "PREPARE and EXECUTE": sql(f"prepare i as {insert(2)}", "execute i", "execute i", "begin", "execute i", "commit"),
    "EXECUTE RETURNING": sql("prepare i (int) as insert into ledger values ($1) returning id", "execute i (7)"),
    "CREATE TABLE AS EXECUTE": sql("prepare s as select 1 as id", "create table made as execute s", "table made"),
    "EXPLAIN": sql("explain insert into ledger values (1)"),
    "DDL": sql("alter table ledger add x int", "create index on ledger (id)", "drop table ledger"),
    "what takes no transaction": sql("vacuum ledger", "create index concurrently on ledger (id)"),
    "COPY": copy("copy ledger from stdin", b"1\ta\n2\t\\N\n", b"3\tc\n"),
    "COPY of nothing": copy("copy ledger from stdin"),
    "COPY in pieces": copy("copy ledger (id) from stdin with (format csv, header)", b"i", b"d\n1", b"\n2\n"),
    "COPY with an error": copy("copy ledger from stdin", b"1\ta\n", b"x\tb\n") + sql("select 1"),
    "COPY that the job ends": [(query("copy ledger from stdin"), "G"), (message("f", b"no more\0"), "Z")],
    "COPY in a transaction": sql("begin", insert(2)) + copy("copy ledger from stdin", b"1\ta\n2\tb\n") + sql("commit"),
    "COPY to": sql(insert(3), "copy ledger to stdout", "copy (select id from ledger) to stdout"),
    "no statement": sql("", "  ;; ", "-- nothing"),
    "a pipeline": batch(run(insert(2)), run("select count(*) from ledger"), run(insert(3))),
    "pipelines": [(run(insert(2)) + SYNC + run(insert(4)) + SYNC + run("select 1") + SYNC, "ZZZ")],
    "a pipeline with Flush": [(run(insert(2)) + FLUSH, "C"), (run(insert(2)) + FLUSH, "C"), (SYNC, "Z")],
    "a pipeline with an error": batch(run(insert(2)), run("select 1 / 0"), run(insert(2))),
    "a pipeline of a transaction": batch(run("begin"), run(insert(2)), run(insert(3)), run("commit"), run("select 1")),
    "a pipeline of two transactions": batch(
        run("begin"), run(insert(4)), run("commit"), run("begin"), run(insert(4)), run("commit")
    ),
    "a transaction over pipelines": batch(run("begin"), run(insert(2))) + batch(run(insert(3))) + batch(run("commit")),
    "a pipeline that begins by Query": sql("begin") + batch(run(insert(2)), run(insert(2))) + sql("commit"),
    "named statements": batch(parse("insert into ledger values ($1)", "i", [23])) + batch(
        *[bind([str(n).encode()], "", "i") + execute() for n in range(5)]
    ) + batch(bind([b"9"], "", "i"), execute()),
    "RETURNING in a pipeline": batch(run("insert into ledger values (1), (2) returning id"), run("select 2")),
    "COPY in a pipeline": batch(parse("copy ledger from stdin"), bind(), execute(), copy_data(b"1\ta\n"), COPY_DONE),
    "two Queries at once": [(query(insert(2)) + query(insert(3)) + query("select count(*) from ledger"), "ZZZ")],
    "a Query behind a pipeline": [(run(insert(2)) + query(insert(3)), "Z"), (SYNC, "Z")],
}  # fmt: skip


@pytest.mark.parametrize("name", UNNOTICED)
def test_below_the_limit_a_job_notices_nothing(counted, name):
    found = {}
    for through in (False, True):
        counted.behind.execute(TABLES)
        with log_in(counted) if through else log_in_direct(counted.postgres) as job:
            found[through] = play(job, UNNOTICED[name] + sql("select count(*) from ledger", "select 'end'"))
    assert _comparable(found[True]) == _comparable(found[False])


def _comparable(messages):
    """Without what differs from run to run: objects' numbers and backends."""
    shown = []
    for kind, body in messages:
        if kind == "T":
            # A table's OID follows each column's name.
            count, place, names = struct.unpack(">H", body[:2])[0], 2, []
            for _ in range(count):
                end = body.index(b"\0", place)
                names.append((body[place:end], body[end + 5 : end + 19]))
                place = end + 19
            body = names
        elif kind == "A":
            body = body[4:]
        elif kind in "EN":
            body = error_fields(body)
        shown.append((kind, body))
    return shown


# Above the limit: whatever the commit point, nothing is committed. The last step of each may bring anything.
TOO_MANY = {
    "INSERT": sql(insert(6)),
    "RETURNING": sql(insert(6) + " returning id"),
    "two in a transaction": sql("begin", insert(3), insert(3), "commit"),
    "END": sql("begin", insert(6), "end transaction"),
    "several in a transaction": sql("begin", *[insert(1)] * 6, "commit"),
    "AND CHAIN": sql("begin", insert(6), "commit and chain", "commit"),
    "a prepared transaction": sql("begin", insert(6), "prepare transaction 'over'", "commit prepared 'over'"),
    "a savepoint that is released": sql("begin", "savepoint a", insert(3), "release a", insert(3), "commit"),
    "ROLLBACK TO the denial": sql("begin", "savepoint a", insert(6), "rollback to a", insert(1), "commit"),
    "ROLLBACK TO gives no credit": sql("begin", "savepoint a", insert(3), "rollback to a", insert(3), "commit"),
    "EXECUTE": sql(f"prepare i as {insert(3)}", "begin", "execute i", "execute i", "commit"),
    "EXECUTE alone": sql(f"prepare i as {insert(6)}", "execute i"),
    "Bind of what SQL prepared": sql(f"prepare i as {insert(6)}") + batch(bind([], "", "i"), execute()),
    "EXECUTE of what Parse prepared": batch(parse(insert(6), "i")) + sql("execute i"),
    "EXECUTE in a pipeline": sql(f"prepare i as {insert(3)}") + batch(run("execute i"), run("execute i")),
    "PREPARE and EXECUTE in a pipeline": batch(run(f"prepare i as {insert(6)}"), run("execute i")),
    "PREPARE and Bind in a pipeline": batch(run(f"prepare i as {insert(6)}"), bind([], "", "i"), execute()),
    "PREPARE anew": sql("prepare i as select 1", "deallocate i", f"prepare i as {insert(6)}", "execute i"),
    "PREPARE anew, then Bind": sql("prepare i as select 1", "deallocate i", f"prepare i as {insert(6)}")
    + batch(bind([], "", "i"), execute()),
    "COMMIT by a name": batch(parse("commit", "c")) + sql("begin")
    + batch(run(insert(6)), bind([], "", "c"), execute()),
    "COMMIT by a portal": batch(parse("commit", "c")) + sql("begin")
    + batch(bind([], "c", "c"), run(insert(6)), execute("c")),
    "a portal that was bound before": sql("begin") + batch(
        parse(insert(3), "i"), bind([], "p", "i"), bind([], "q", "i"), execute("p"), execute("q")
    ) + sql("commit"),
    "a Query in the block of a pipeline": batch(run("begin"), run(insert(3))) + sql(insert(3), "commit"),
    "a pipeline in the block of a Query": sql("begin", insert(3)) + batch(run(insert(3)), run("commit")),
    "two kinds of statements": sql("begin", insert(3), "update ledger set id = 0", "commit"),
    "INSERT behind CREATE TABLE AS": sql(
        "begin", "create table made as select generate_series(1, 3)", insert(3), "commit"
    ),
    "a comment in front": sql(f"/* select */ {insert(6)} -- x"),
    "ON CONFLICT": sql("begin", "insert into other select generate_series(1, 3)",
                       "insert into other select generate_series(1, 3) on conflict (id) do update set id = other.id",
                       insert(1), "commit"),
    "COPY": copy("copy ledger (id) from stdin", *[b"1\n"] * 6),
    "COPY in one piece": copy("copy ledger (id) from stdin", b"1\n" * 600),
    "COPY in a transaction": sql("begin", insert(3)) + copy("copy ledger (id) from stdin", b"1\n2\n3\n")
    + sql("commit"),
    "COPY in a pipeline": batch(
        parse("copy ledger (id) from stdin"), bind(), execute(), copy_data(b"1\n" * 6), COPY_DONE
    ),
    "a pipeline": batch(run(insert(6))),
    "a pipeline of several": batch(run(insert(3)), run(insert(3))),
    "a pipeline of many": batch(*[run(insert(1))] * 6),
    "a pipeline with its transaction": batch(run("begin"), run(insert(3)), run(insert(3)), run("commit")),
    "a pipeline that ends in COMMIT": sql("begin") + batch(run(insert(6)), run("commit")),
    "COMMIT behind an Execute, in one write": [(query("begin") + run(insert(6)) + SYNC + query("commit"), "ZZZ")],
    "a Query behind an Execute": [(run(insert(6)) + query("select 1"), "E"), (SYNC, "Z")],
    "an INSERT behind an Execute": [(run(insert(3)) + query(insert(3)), "Z"), (SYNC, "Z")],
    "a FunctionCall behind an Execute": [
        (run(insert(6)) + function_call(957, struct.pack(">i", -1)), "E"), (SYNC, "Z"),
    ],
    "Flush, then Sync": [(run(insert(6)) + FLUSH, "E"), (SYNC, "Z")],
    "Execute with a row limit": batch(
        parse(insert(6) + " returning id"), bind([], "p"), execute("p", 1), execute("p", 0)
    ),
    "several in a Query": sql(f"{insert(3)}; {insert(3)}"),
    "a transaction in a Query": sql(f"begin; {insert(6)}; commit"),
    "COMMIT in a Query": sql("begin", f"{insert(6)}; commit"),
    "PREPARE and EXECUTE in a Query": sql(f"prepare i as {insert(6)}; execute i"),
    "a CTE": sql(f"with x as ({insert(6)} returning id) select count(*) from x"),
    "a CTE below an INSERT": sql(f"with x as ({insert(6)} returning id) insert into other select 1"),
    "EXPLAIN ANALYZE": sql(f"explain analyze {insert(6)}"),
    "EXPLAIN ANALYZE EXECUTE": sql(f"prepare i as {insert(6)}", "explain analyze execute i"),
    "DO": sql(f"do $$ begin {insert(6)}; end $$"),
    "CALL": sql("call proc(6)"),
    "COPY of a CTE": sql(f"copy ({insert(6)} returning id) to stdout"),
}  # fmt: skip
# Statements that are refused for what they are, not for what they did.
REFUSED = {"42501", "53400"}
# Messages that leave before the gateway has to decide.
UNFINISHED = {
    "the end of the connection before Sync": run(insert(6)),
    "the end of the connection after Flush": run(insert(3)) + FLUSH,
    "Terminate before Sync": run(insert(6)) + TERMINATE,
    "Terminate after a Query": query(insert(6)) + TERMINATE,
    "COPY without an end": query("copy ledger from stdin") + copy_data(b"1\ta\n" * 100),
}


@pytest.mark.parametrize("user", ["app", "free"])
@pytest.mark.parametrize("name", TOO_MANY)
def test_above_the_limit_nothing_is_committed(counted, name, user):
    with log_in(counted, user) as job:
        found = play(job, TOO_MANY[name])
        errors = [error_fields(body) for kind, body in found if kind == "E"]
        assert committed(counted) == 0, errors
        assert transactions(counted) == 0
        assert errors, kinds(found)
        assert errors[0]["C"] in REFUSED and errors[0]["M"].endswith(f" (session {job.session})"), errors
        # The session goes on.
        play(job, sql("rollback", insert(LIMIT)))
        assert committed(counted) == LIMIT


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_is_not_finished_is_not_committed(counted, name):
    with log_in(counted) as job:
        backend = job.ask("select pg_backend_pid()")
        job.send(UNFINISHED[name])
        if not UNFINISHED[name].endswith(TERMINATE):
            job.shutdown_writes()
        job.rest()
    alive = "select count(*) from pg_stat_activity where pid = %s"
    until(lambda: counted.behind.execute(alive, backend).fetchone() == (0,), 15, "the end of the backend")
    assert committed(counted) == 0


EXACT = {
    "alone": (sql(insert(6)), "E ZI"),
    # As where a constraint fails at the commit: the rows are on their way by then.
    "RETURNING": (sql(insert(6) + " returning id"), "T D D D D D D E ZI"),
    "in a transaction": (sql("begin", insert(3), insert(3)), "C ZT C ZT E ZE"),
    "in a failed transaction after it": (sql("begin", insert(6), insert(1), "commit"), "C ZT E ZE E ZE C ZI"),
    "ROLLBACK TO": (
        sql("begin", "savepoint a", insert(6), "rollback to a", "select 1", "rollback"), "C ZT C ZT E ZE E ZE E ZE C ZI"
    ),
    "COPY": (copy("copy ledger (id) from stdin", b"1\n" * 6), "G E ZI"),
    "a pipeline": (batch(run(insert(3)), run(insert(3)), run("select 1")), "1 2 n C 1 2 n C E ZI"),
    "AND CHAIN": (sql("begin", insert(5), "commit and chain", insert(5), "commit"), "C ZT C ZT C ZT C ZT C ZI"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_the_refusal_has_the_shape_of_an_error(counted, name):
    steps, shape = EXACT[name]
    with log_in(counted) as job:
        found = play(job, steps)
        errors = [error_fields(body) for kind, body in found if kind == "E"]
        if name == "a pipeline":
            # The error comes at the end of the statement that is too much, or at the Sync.
            assert kinds(found) in (shape, "1 2 n C 1 2 n E ZI")
        else:
            assert kinds(found) == shape, errors
        assert all(fields["C"] in ("53400", "25P02") for fields in errors), errors
        assert not any(set(fields) & set("PWFLR") for fields in errors if fields["C"] == "53400"), errors
        assert b"postern_deny" not in b"".join(body for _, body in found)
    assert committed(counted) == (10 if name == "AND CHAIN" else 0)


DENIED_FOR_WHAT_THEY_ARE = {
    "TRUNCATE": sql("truncate ledger"),
    "a CTE of one row": sql("with x as (insert into ledger values (1) returning id) table x"),
    "EXPLAIN ANALYZE": sql("explain analyze delete from ledger"),
    "DO of nothing": sql("do $$ begin end $$"),
    "CALL": sql("call proc(1)"),
    "several in a Query": sql("insert into ledger values (1); select 1"),
    "COMMIT PREPARED": sql("commit prepared 'nobody'"),
    "Execute with a row limit": batch(parse("delete from ledger returning id"), bind(), execute("", 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", DENIED_FOR_WHAT_THEY_ARE)
def test_what_cannot_be_counted_is_denied_though_a_rule_allows_it(counted, name):
    with log_in(counted) as job:
        errors = [error_fields(body) for kind, body in play(job, DENIED_FOR_WHAT_THEY_ARE[name]) if kind == "E"]
        assert errors and errors[0]["C"] in REFUSED, errors
        assert "rows_changed" in errors[0].get("D", "") + errors[0].get("H", "") + errors[0]["M"]
    assert committed(counted) == 0


def test_the_limit_holds_in_observe_mode(counted):
    with log_in(counted, "observer") as job:
        found = play(job, sql("begin", insert(6), "commit"))
        assert kinds(found) == "C ZT E ZE C ZI"
    assert committed(counted) == 0


def test_psycopg_hears_of_it(counted):
    with psycopg.connect(**counted.plain()) as connection:
        with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
            connection.cursor().executemany("insert into ledger (id) values (%s)", [(n,) for n in range(6)])
        connection.rollback()
        connection.cursor().executemany("insert into ledger (id) values (%s)", [(n,) for n in range(5)])
        connection.commit()
    assert committed(counted) == 5


@pytest.mark.parametrize("protocol", ["simple", "extended", "prepared"])
def test_pgbench_keeps_its_books_below_the_limit(counted, tmp_path, protocol):
    file = tmp_path / "bench.sql"
    file.write_text(
        "insert into ledger values (1);\nbegin;\nupdate ledger set note = 'x' where id = 7;\n"
        "insert into ledger values (2);\nend;\n"
    )
    code, _, errors = clients.run(
        counted.plain(user="wide"), "pgbench", "-n", "-M", protocol, "-c", "4", "-t", "25", "-f", str(file), "app"
    )
    assert (code, errors) == (0, "")
    assert committed(counted) == 200
