"""psycopg 3 sees the same through the gateway as without it."""

import datetime
import decimal

import psycopg
import pytest
from psycopg.types.json import Jsonb
from support.clients import diagnostics, same  # noqa: F401

MEGABYTE = "ü😀 x\\'\"\t\n" * 90_000


def connect(parameters, **options):
    connection = psycopg.connect(**parameters, **options)
    connection.execute("set client_min_messages = warning")
    connection.execute("drop schema if exists psycopg3 cascade")
    connection.execute("create schema psycopg3")
    connection.execute("set search_path = psycopg3")
    connection.execute("reset client_min_messages")
    connection.commit()
    return connection


def failure(execute, *arguments, **options):
    """What the server says when `execute` fails: the exception's class and all its fields."""
    with pytest.raises(psycopg.Error) as caught:
        execute(*arguments, **options)
    return type(caught.value).__name__, diagnostics(caught.value)


FAILURES = {
    "syntax": "select 1 +",
    "position after wide characters": "select 'ü😀', nothing",
    "division": "select 1 / 0",
    "internal query": "do $$ begin execute 'select selec t'; end $$",
    "unique": "insert into t values (1, 1)",
    "not null": "insert into t values (3, null)",
    "check": "insert into t values (3, -1)",
    "foreign key": "insert into child values (99)",
    "cast": "select 'abc'::int",
    "all fields": "do $$ begin raise exception 'mine' using errcode = 'ZZ999', detail = 'd', hint = 'h', "
    "column = 'c', constraint = 'k', datatype = 'y', table = 't', schema = 's'; end $$",
    "permission": "select * from pg_authid",
    "timeout": "set statement_timeout = 50; select pg_sleep(30)",
    "no transaction": "savepoint s",
    "long": "do $$ begin raise exception '%', repeat('long ', 20000); end $$",
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_error_is_equal_field_by_field_in_both_protocols(same, name):  # noqa: F811
    def scenario(parameters):
        with connect(parameters, autocommit=True) as connection:
            connection.execute("create table t (id int primary key, v int not null check (v > 0))")
            connection.execute("insert into t values (1, 1)")
            connection.execute("create table child (p int references t)")
            simple = failure(psycopg.ClientCursor(connection).execute, FAILURES[name])
            # Server-side parameters are not needed for the extended protocol: binary results ask for it.
            extended = failure(connection.execute, FAILURES[name], binary=True)
            return simple, extended, connection.execute("select 1").fetchone()

    (_, simple), (_, extended), alive = same(scenario)
    assert len(simple["sqlstate"]) == len(extended["sqlstate"]) == 5
    assert simple["severity_nonlocalized"] == "ERROR" and simple["message_primary"]
    assert alive == (1,)


VALUES = [
    None, True, 0, -1, 2**62, 1.5, decimal.Decimal("12345678901234567890.123456789"), "", "text ü😀", b"",
    bytes(range(256)),
    datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 30, 0, 123456, datetime.timezone.utc),
    datetime.timedelta(days=3, microseconds=7), [1, 2, None], [[1, 2], [3, None]], Jsonb({"k": [1, None, "ü"]}),
]


@pytest.mark.parametrize("binary", [False, True])
def test_values_go_there_and_back(same, binary):  # noqa: F811
    def scenario(parameters):
        back = []
        with psycopg.connect(**parameters) as connection:
            for value in VALUES:
                for placeholder in ("%s", "%b", "%t"):
                    try:
                        row = connection.execute(f"select {placeholder}", (value,), binary=binary).fetchone()
                    except psycopg.Error as error:
                        row = (type(error).__name__, diagnostics(error))
                        connection.rollback()
                    back.append(row)
        return back

    back = same(scenario)
    assert [row[0] for row in back[::3]][:-1] == VALUES[:-1]


def test_a_megabyte_of_text_goes_both_ways(same):  # noqa: F811
    def scenario(parameters):
        with connect(parameters) as connection:
            connection.execute("create table big (t text, b bytea)")
            raw = MEGABYTE.encode()
            rows = connection.execute("insert into big values (%s, %b) returning t, b", (MEGABYTE, raw)).fetchall()
            rows += connection.execute("select t, b from big", binary=True).fetchall()
            rows += psycopg.ClientCursor(connection).execute("select %s, %s", (MEGABYTE, raw)).fetchall()
            return [(text == MEGABYTE, data == raw) for text, data in rows]

    assert len(MEGABYTE.encode()) > 1_000_000
    assert same(scenario) == [(True, True)] * 3


def test_statements_are_prepared_kept_and_thrown_away(same):  # noqa: F811
    def scenario(parameters):
        seen = []
        with connect(parameters, autocommit=True) as connection:
            connection.prepare_threshold, connection.prepared_max = 1, 3
            connection.execute("create table p (a int)")
            for number in range(12):
                connection.execute(f"select %s + {number % 6}, '{number % 6}' from p", (number,))
                connection.execute("insert into p values (%s)", (number,), prepare=True)
                seen.append(connection.execute(
                    "select statement from pg_prepared_statements order by 1").fetchall())
            connection.execute("select * from p", prepare=True)
            # Hidden in a block, so that the driver does not see it and throw its statements away.
            connection.execute("do $$ begin execute 'alter table p add b text'; end $$")
            seen.append(failure(connection.execute, "select * from p", prepare=True))
            connection.execute("discard all")
            seen.append(connection.execute("select count(*) from pg_prepared_statements").fetchone())
        return seen

    *kept, changed, left = same(scenario)
    assert 1 < len(kept[11]) <= 4
    assert changed[1]["message_primary"] == "cached plan must not change result type"
    assert left == (0,)


def test_a_pipeline_answers_in_order_and_skips_after_an_error(same):  # noqa: F811
    def scenario(parameters):
        with connect(parameters, autocommit=True) as connection:
            connection.execute("create table p (n int primary key)")
            with connection.pipeline() as pipeline:
                cursors = [connection.execute("insert into p values (%s) returning n", (n,)) for n in range(500)]
                pipeline.sync()
                many = [cursor.fetchone()[0] for cursor in cursors]
            outcome = []
            try:
                with connection.pipeline():
                    cursors = [connection.execute("insert into p values (%s) returning n", (n,))
                               for n in (1000, 1, 1001)]
                    for cursor in cursors:
                        outcome.append(cursor.fetchall())
            except psycopg.Error as error:
                outcome.append((type(error).__name__, diagnostics(error)))
            return many, outcome, connection.execute("select count(*), max(n) from p").fetchone()

    many, outcome, counts = same(scenario)
    assert many == list(range(500))
    assert outcome[-1][0] == "UniqueViolation"
    assert counts == (500, 499)


def test_executemany_returns_every_row(same):  # noqa: F811
    def scenario(parameters):
        with connect(parameters) as connection, connection.cursor() as cursor:
            cursor.execute("create table m (n int, t text)")
            cursor.executemany("insert into m values (%s, %s) returning n", [(n, "x" * n) for n in range(300)],
                               returning=True)
            rows = [cursor.fetchone()[0]]
            while cursor.nextset():
                rows.append(cursor.fetchone()[0])
            return rows, cursor.execute("select count(*), sum(length(t)) from m").fetchone()

    assert same(scenario) == (list(range(300)), (300, 44850))


def test_server_cursors_scroll_and_fetch_in_portions(same):  # noqa: F811
    def scenario(parameters):
        with connect(parameters) as connection:
            with connection.cursor(name="portions") as cursor:
                cursor.itersize = 70
                cursor.execute("select n, repeat('y', n) from generate_series(1, %s) n", (1000,))
                rows = list(cursor)
            with connection.cursor(name="scrolls", scrollable=True, withhold=True, binary=True) as cursor:
                cursor.execute("select generate_series(1, 100)")
                connection.commit()
                cursor.scroll(50, mode="absolute")
                middle = cursor.fetchmany(3)
                cursor.scroll(-10)
                back = cursor.fetchone()
                cursor.scroll(1000, mode="absolute")
                beyond = cursor.fetchone()
            return len(rows), rows[-1], middle, back, beyond

    assert same(scenario) == (1000, (1000, "y" * 1000), [(51,), (52,), (53,)], (44,), None)


def test_two_phase_commit_and_recovery(same):  # noqa: F811
    def scenario(parameters):
        with connect(parameters) as connection:
            connection.execute("create table two (n int)")
            connection.commit()
            for number, gtrid in enumerate(("kept", "dropped", "left")):
                connection.tpc_begin(connection.xid(42, gtrid, "branch"))
                connection.execute("insert into two values (%s)", (number,))
                connection.tpc_prepare()
                if gtrid != "left":
                    connection.tpc_commit() if gtrid == "kept" else connection.tpc_rollback()
                else:
                    connection.close()
        with psycopg.connect(**parameters) as connection:
            found = [(xid.format_id, xid.gtrid, xid.bqual, xid.database) for xid in connection.tpc_recover()]
            connection.rollback()
            before = connection.execute("select array_agg(n) from psycopg3.two").fetchone()
            connection.rollback()
            connection.tpc_commit(connection.xid(42, "left", "branch"))
            again = failure(connection.tpc_commit, connection.xid(42, "left", "branch"))
            connection.rollback()
            return found, before, again, connection.execute("select array_agg(n) from psycopg3.two").fetchone()

    found, before, _, after = same(scenario)
    assert (found, before, after) == ([(42, "left", "branch", "app")], ([0],), ([0, 2],))
