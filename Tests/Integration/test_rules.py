"""What rules allow and deny, seen by a job: classes, tags, `on`, conditions, functions, and what every role may do."""

import psycopg2
import pytest
from support.audit import rows
from support.gateway import Gateway
from support.matrix import log_in, log_in_direct
from support.policies import CLASSES, allow, deny, role
from support.servers import databases
from support.waiting import until
from support.wire import error_fields, query

ROLES = {
    "reader": role([allow("read", "shop.*", name="read")]),
    "writer": role([allow(["read", "write"], "shop.orders", name="write")]),
    "careful": role([
        allow("read", "shop.*", name="read"),
        allow(["UPDATE", "DELETE"], "shop.*", name="change", require_where=True),
    ]),
    "tags": role([allow(["INSERT", "UPDATE"], "shop.orders", name="change")]),
    "builder": role([
        allow(CLASSES, "shop.*", "build_*.*", name="all"),
        deny(["DROP TABLE", "TRUNCATE TABLE"], name="no-drop", message="drop tables by hand with a reviewer"),
    ]),
    "walled": role([
        allow(CLASSES, "shop.*", "schema:shop", name="all"), deny(["read", "ddl", "role"], "shop.lines", name="wall"),
    ]),
    "whole": role([allow(CLASSES, "shop.*", "schema:shop", name="all")]),
    "caller": role([allow("read", "shop.*", name="read")], functions=["shop.answer", "pg_catalog.pg_sleep"]),
    "classes": role([allow("read", "shop.*", name="read"), allow("function", "function:shop.*", name="call")]),
    "statistician": role([allow("read", "shop.*", "pg_catalog.pg_stats", name="read")]),
    "starred": role([allow(CLASSES, "*.*", name="all")]),
    "lenient": role([allow("read", "shop.*", name="read")], unparsed="allow"),
    "objects": role([allow("read", "shop.*", name="read")], large_objects=True),
    "listener": role([allow(["LISTEN", "NOTIFY"], "channel:jobs_*", name="channels")]),
    "temporary": role([allow(CLASSES, "pg_temp.*", name="temp"), allow("read", "shop.orders", "shop.l*", name="read")]),
}  # fmt: skip
YES, NO = True, False
# Role, text, whether it runs.
CASES = [
    ("reader", "select * from orders", YES), ("reader", "select * from shop.lines, orders", YES),
    ("reader", "select * from elsewhere.things", NO), ("reader", "insert into orders values (9)", NO),
    ("reader", "select * from orders for update", NO), ("reader", "lock table orders", NO),
    ("reader", "copy orders to stdout", YES), ("reader", "copy (select 1) to stdout", YES),
    ("reader", "copy elsewhere.things to stdout", NO), ("reader", "explain select * from orders", YES),
    ("reader", "explain analyze delete from orders", NO), ("reader", "explain delete from orders", NO),
    ("reader", "create table shop.w ()", NO), ("reader", "vacuum orders", NO), ("reader", "analyze orders", NO),
    ("reader", "select answer()", NO), ("reader", "values (1), (2)", YES), ("reader", "select 1 + 1", YES),
    ("reader", "select now(), upper('x'), count(*) from orders", YES), ("reader", "select nextval('numbers')", NO),
    # Every role may.
    *[("reader", text, YES) for text in (
        "begin; commit", "begin; savepoint a; rollback to a; release a; rollback", "show all", "show search_path",
        "set datestyle to iso", "set timezone = 'UTC'", "set statement_timeout = 1000", "reset all", "discard all",
        "set client_encoding to 'UTF8'", "set standard_conforming_strings = on", "deallocate all", "unlisten *",
        "set transaction isolation level serializable", "set application_name = 'x'", "set search_path to ''",
        "select set_config('search_path', '', false)", "select set_config('timezone', 'UTC', true)",
        "select relname from pg_class", "select * from pg_catalog.pg_namespace", "select version()", "",
        "select table_name from information_schema.tables", "select current_user, session_user", "-- nothing",
        "select pg_get_viewdef(oid) from pg_class where false", "select 'shop.orders'::regclass", "close all",
        "select * from generate_series(1, 2)", "select current_setting('server_version')", "reset datestyle",
        "prepare x as select 1; execute x; deallocate x", "declare c cursor with hold for select 1; close c",
    )],
    # Nobody may without saying so.
    *[(name, text, NO) for name in ("reader", "starred") for text in (
        "select * from pg_stats", "select * from pg_statistic", "select * from pg_stat_activity",
        "select * from pg_authid", "select * from pg_user_mappings", "select * from pg_db_role_setting",
        "update pg_class set relname = relname", "delete from pg_description", "do $$ begin end $$",
        "call elsewhere.proc()", "create function shop.g() returns int language sql as 'select 1'",
        "load 'auto_explain'", "copy orders from '/etc/passwd'", "copy orders to program 'cat'", "listen x", "notify x",
        "set role pg_monitor",
        "alter system set work_mem = '1MB'", "create extension dblink", "select pg_sleep(0)",
        "select pg_read_file('x')", "set client_encoding to 'SJIS'",
    )],
    ("starred", "select * from orders, elsewhere.things", YES),
    ("starred", "create table shop.w3 (); drop table shop.w3", YES),
    ("starred", "insert into orders values (9); delete from orders where id = 9", YES),
    ("starred", "create temp table w ()", NO),
    ("statistician", "select * from pg_stats", YES), ("statistician", "select * from pg_statistic", NO),
    ("writer", "insert into orders values (9); delete from orders where id = 9", YES),
    ("writer", "truncate orders; insert into orders values (1)", YES),
    ("writer", "select * from orders for share", YES),
    ("writer", "insert into orders select 9 from lines", NO), ("writer", "update lines set id = id", NO),
    ("writer", "begin; lock table orders; commit", YES), ("writer", "drop table orders", NO),
    ("careful", "update orders set id = id", NO), ("careful", "update orders set id = id where true", NO),
    ("careful", "update orders set id = id where 1 = 1", NO),
    ("careful", "update orders set id = id where id = 1", YES),
    ("careful", "delete from orders", NO), ("careful", "delete from orders where id < 0", YES),
    ("careful", "delete from orders o where o.id < 0", YES), ("careful", "delete from orders where now() is null", NO),
    ("careful", "delete from orders where exists (select 1 from lines where lines.id < 0)", NO),
    ("careful", "with d as (delete from orders) select 1", NO),
    ("careful", "with d as (delete from orders where id < 0) select 1", YES),
    ("careful", "explain delete from orders", NO), ("careful", "prepare x as delete from orders", NO),
    ("careful", "delete from orders using lines where orders.id < 0", YES),
    ("careful", "delete from orders using lines where lines.id < 0", NO),
    ("tags", "insert into orders values (9)", YES), ("tags", "update orders set id = id where id = 9", YES),
    ("tags", "delete from orders where id = 9", NO), ("tags", "select * from orders", NO),
    ("tags", "insert into orders select id + 100 from lines", NO), ("tags", "insert into lines values (1)", NO),
    ("tags", "update orders set id = orders.id from lines where false", NO),
    ("builder", "create table shop.w (x int); alter table shop.w add y int; create index on shop.w (x)", YES),
    ("builder", "alter table shop.w rename to w2; alter table shop.w2 rename to w", YES),
    ("builder", "drop table shop.w", NO), ("builder", "truncate shop.w", NO),
    ("builder", "drop view if exists shop.nobody", YES),
    ("builder", "create table elsewhere.w ()", NO), ("builder", "create table build_1.w ()", YES),
    ("builder", "alter table shop.w set schema elsewhere", NO),
    ("builder", "create view shop.u as table elsewhere.things", NO),
    ("builder", "create table shop.u (x int references elsewhere.things)", NO),
    ("builder", "create table shop.u (like elsewhere.things)", NO), ("builder", "comment on table shop.w is 'x'", YES),
    # What is said of a schema is said of all that is in it.
    *[("walled", text, NO) for text in (
        "grant select on all tables in schema shop to public", "revoke all on all tables in schema shop from app",
        "drop schema shop cascade", "reindex schema shop", "grant execute on all functions in schema shop to public",
        "create publication p for tables in schema shop",
    )],
    ("walled", "grant select on orders to public; revoke select on orders from public", YES),
    ("whole", "grant select on all tables in schema shop to app; grant select on all sequences in schema shop to app", YES),
    ("whole", "grant execute on all functions in schema shop to public", NO),
    ("caller", "select answer()", YES), ("caller", "select shop.answer()", YES), ("caller", "select pg_sleep(0)", YES),
    ("caller", "select other_answer()", NO), ("caller", "select pg_cancel_backend(0)", NO),
    ("classes", "select answer(), other_answer()", YES), ("classes", "select elsewhere.answer()", NO),
    ("classes", "call shop.proc()", NO), ("classes", "do $$ begin end $$", NO),
    ("lenient", "select json_array(1 returning text null on null)", None),
    ("lenient", "insert into orders values (9)", NO),
    ("listener", "listen jobs_done", YES), ("listener", "notify jobs_done, 'x'", YES), ("listener", "listen other", NO),
    ("temporary", "create temp table w (x int); insert into pg_temp.w values (1); table pg_temp.w", YES),
    ("temporary", "create temp table w (x int); insert into w values (1)", NO),
    ("temporary", "create temp table orders (x int)", NO), ("temporary", "create temp view orders as select 1", NO),
    ("temporary", "create temp table pg_class (x int)", NO), ("temporary", "create table w (x int)", NO),
    ("temporary", "create temp table w as select * from elsewhere.things", NO),
]  # fmt: skip
TABLES = """
    drop schema if exists shop, elsewhere, build_1 cascade;
    create schema shop authorization app; create schema elsewhere authorization app;
    create schema build_1 authorization app; set role app; set search_path to shop;
    create table orders (id int); create table lines (id int); create sequence numbers;
    create table elsewhere.things (id int primary key);
    create function answer() returns int language sql as 'select 42';
    create function other_answer() returns int language sql as 'select 43';
    create function elsewhere.answer() returns int language sql as 'select 44';
    create procedure shop.proc() language sql as 'select 1';
    create procedure elsewhere.proc() language sql as 'select 1';
    create function f(orders) returns int language sql as 'select 1';
"""


@pytest.fixture(scope="module")
def ruled(tmp_path_factory, postgres, issuer, authority):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute(TABLES)
    folder = tmp_path_factory.mktemp("rules")
    entries = databases(postgres, search_path=["shop"])
    process = Gateway(folder, postgres, issuer, authority, roles=ROLES, databases=entries)
    yield process
    process.stop()


def errors_of(job, text):
    job.send(query(text))
    found = []
    while True:
        kind, body = job.receive()
        if kind == "E":
            found.append(error_fields(body))
        if kind == "Z":
            return found


@pytest.mark.parametrize(("user", "text", "runs"), CASES, ids=lambda value: str(value)[:70])
def test_a_statement_runs_or_is_denied(ruled, user, text, runs):
    with log_in(ruled, user) as job:
        # Several statements one by one: each of them is decided, and some take no company.
        errors = [error for part in text.split("; ") for error in errors_of(job, part)]
        assert errors_of(job, "rollback") == []
    if runs is None:
        # The gateway lets it pass, and the server has its own word.
        assert not any(error["C"] == "42501" for error in errors), errors
    elif runs:
        assert errors == []
    else:
        assert [error["C"] for error in errors] == ["42501"], errors


def test_what_was_done_to_a_schema_is_found_by_what_is_in_it(ruled):
    with log_in(ruled, "whole") as job:
        assert errors_of(job, "grant select on all tables in schema shop to app") == []
    found = [row for row in rows(ruled.journal_folder, "--object", "shop.lines", "--tag", "GRANT") if row["decision"] == "allow"]
    assert found and any(access.get("object") == "shop.*" for access in found[0]["accesses"])
    assert not rows(ruled.journal_folder, "--object", "elsewhere.things", "--tag", "GRANT")


def test_what_should_run_runs_without_the_gateway_too(ruled):
    """Guards the table itself."""
    for user, text, runs in CASES:
        if runs and user != "builder":
            with log_in_direct(ruled.postgres, options="-c search_path=shop") as job:
                for part in text.split("; "):
                    assert errors_of(job, part) == [], text


def test_a_rules_message_is_the_hint(ruled):
    with log_in(ruled, "builder") as job:
        (error,) = errors_of(job, "drop table orders")
    assert "drop tables by hand with a reviewer" in error["H"]
    assert "no-drop" in error["D"] and "builder" in error["D"]


def test_large_objects_of_a_role_that_may(ruled):
    with psycopg2.connect(**ruled.plain(user="objects")) as connection:
        made = connection.lobject(0, "wb")
        made.write(b"some bytes")
        assert connection.lobject(made.oid, "rb").read() == b"some bytes"
        made.unlink()
    connection.close()


@pytest.mark.parametrize("name", ["reader", "starred"])
def test_large_objects_of_a_role_that_may_not(ruled, name):
    connection = psycopg2.connect(**ruled.plain(user=name))
    with pytest.raises(psycopg2.Error) as caught:
        connection.lobject(0, "wb")
    assert caught.value.pgcode in ("42501", None)
    connection.close()


def test_the_catalogue_is_fresh_soon_after_ddl(make_gateway, postgres):
    """A function that a column's spelling calls is found once it is there."""
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute(TABLES)
        behind.execute("reset role")
        behind.execute("drop role if exists catalog")
        behind.execute("create role catalog login password 's3cret-upstream-password'")
    entries = databases(postgres, search_path=["shop"], catalog_login="catalog")
    entries["app"]["logins"]["catalog"] = {"password": {"file": "app.password"}}
    roles = {"app": role([allow("read", "shop.*", name="read")]), "migrator": role("unrestricted")}
    gateway = make_gateway(roles=roles, databases=entries)
    with log_in(gateway) as job, log_in(gateway, "migrator") as migrator:

        def is_denied(text):
            return [error["C"] for error in errors_of(job, text)] == ["42501"]

        until(lambda: is_denied("select o.f from orders o"), 10, "the reading")
        assert errors_of(job, "select o.id from orders o") == []
        made = "create function shop.fresh(shop.orders) returns int language sql as 'select 1'"
        assert errors_of(migrator, made) == []
        until(lambda: is_denied("select o.fresh from orders o"), 10, "the function")
        assert errors_of(migrator, "alter table orders add colour text") == []
        assert errors_of(job, "select o.colour from orders o") == []
