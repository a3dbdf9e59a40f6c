"""Attacks that run code: functions, blocks, files, programs, other connections, and calls without SQL."""

import struct

from .bypass import Attack
from .wire import SYNC, bind, describe, execute, function_call, parse

CALLS = {
    "plain": "select touch('x')",
    "with a schema": "select public.touch('x')",
    "with a database": "select app.public.touch('x')",
    "quoted": "select \"touch\"('x')",
    "Unicode escapes": r"""select U&"\0074ouch"('x')""",
    "comments": "select touch/* */(/* */'x')",
    "in WHERE": "select t from orders where touch(t) = 1",
    "in LIMIT": "select t from orders limit touch('x')",
    "in VALUES": "values (touch('x'))",
    "in FROM": "select * from touch('x')",
    "in ROWS FROM": "select * from rows from (touch('x'), generate_series(1, 2))",
    "in LATERAL": "select * from orders, lateral touch(t)",
    "as an argument": "select abs(touch('x'))",
    "VARIADIC": "select format('%s', variadic array[touch('x')::text])",
    "in a CTE": "with x as (select touch('x')) select * from x",
    "in CASE": "select case when touch('x') = 1 then 1 end",
    "in an index": "select (array[1, 2])[touch('x')]",
    "in ORDER BY": "select t from orders order by touch(t)",
    "in a window": "select sum(id) over (order by touch(t)) from orders",
    "in FILTER": "select count(*) filter (where touch(t) = 1) from orders",
    "in GROUP BY": "select count(*) from orders group by touch(t)",
    "in DISTINCT ON": "select distinct on (touch(t)) t from orders",
    "in JOIN": "select * from orders a join orders b on touch(a.t) = 1",
    "in EXPLAIN ANALYZE": "explain analyze select touch('x')",
    "in COPY": "copy (select touch('x')) to stdout",
    "in FETCH FIRST": "select t from orders fetch first (touch('x')) rows only",
    "in TABLESAMPLE": "select t from orders tablesample system (touch('x'))",
    "in INTERVAL": "select make_interval(days => touch('x'))",
    "in EXECUTE": "prepare p (int) as select $1; execute p (touch('x'))",
    "in XMLELEMENT": "select xmlelement(name x, touch('x'))",
    "in GREATEST": "select greatest(touch('x'), 1)",
    "in a cast": "select touch('x')::text",
    "in IN": "select 1 where 1 in (touch('x'))",
    "in BETWEEN": "select 1 where 1 between touch('x') and 2",
    "in a range": "select int4range(touch('x'), 2)",
    "in RETURNING": "update orders set id = id returning touch(t)",
    "in SET": "update orders set id = touch(t)",
    "in a MERGE": "merge into orders o using (select 1 as i) s on o.id = s.i and touch('x') = 1"
    " when matched then do nothing",
    "CALL": "call proc()",
    "CALL with a schema": "call public.proc()",
    "DO": "do $$ begin perform touch('x'); end $$",
    "DO in another place": "do language plpgsql 'begin perform touch(''x''); end'",
    "DO in SQL text of a dollar tag": "DO $_x$ begin execute 'select tou' || 'ch(''x'')'; end $_x$",
    "CREATE FUNCTION": "create function g() returns int language sql as 'select touch(''x'')'; select g()",
    "CREATE FUNCTION in pg_temp": "create function pg_temp.g() returns int language sql as 'select touch(''x'')';"
    " select pg_temp.g()",
    "CREATE FUNCTION ATOMIC": "create function g() returns int begin atomic select touch('x'); end; select g()",
    "CREATE PROCEDURE": "create procedure g() language sql as 'select touch(''x'')'; call g()",
    "ALTER FUNCTION": "alter function touch(text) rename to abs",
    "DROP FUNCTION": "drop function flip()",
    "CREATE AGGREGATE": "create aggregate g(text) (sfunc = textcat, stype = text)",
    "CREATE OPERATOR": "create operator === (function = texteq, leftarg = text, rightarg = text); select touch('x')",
    "CREATE CAST": "create cast (orders as int) with function f(orders) as implicit",
}
# Functions that run SQL text, read what is not named, or leave the database.
BUILT_IN = {
    "query_to_xml": "select query_to_xml('select t from secret', true, true, '')",
    "query_to_xml with a schema": "select pg_catalog.query_to_xml('select t from secret', true, true, '')",
    "query_to_xml, escaped": r"""select U&"query\005fto\005fxml"('select t from secret', true, true, '')""",
    "query_to_xml_and_xmlschema": "select query_to_xml_and_xmlschema('table secret', true, true, '')",
    "query_to_xml in XMLTABLE": "select * from xmltable('//t' passing query_to_xml('table secret', true, false, '')"
    " columns t text path '.')",
    "table_to_xml": "select table_to_xml('secret', true, true, '')",
    "table_to_xml_and_xmlschema": "select table_to_xml_and_xmlschema('secret'::regclass, true, true, '')",
    "schema_to_xml": "select schema_to_xml('public', true, true, '')",
    "database_to_xml": "select database_to_xml(true, true, '')",
    "ts_stat": "select * from ts_stat('select to_tsvector(touch(''x'')::text)')",
    "ts_rewrite": "select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, to_tsquery(touch(''x'')::text)')",
    "crosstab": "select * from tools.crosstab('select ''r'', ''c'', t from secret') as x(r text, c text)",
    "connectby": "select * from tools.connectby('secret', 't', 'id::text', '1', 0) as x(a text, b text, l int)",
    "dblink": "select * from tools.dblink('host=127.0.0.1 port=' ||"
    " current_setting('port') || ' dbname=app user=app password=s3cret-upstream-password',"
    " 'select t from secret') as x(t text)",
    "dblink_exec": "select tools.dblink_exec('host=127.0.0.1 port=' ||"
    " current_setting('port') || ' dbname=app user=app password=s3cret-upstream-password',"
    " 'update secret set id = 2')",
    "pg_read_file": "select pg_read_file('canary-4' || '711.txt')",
    "pg_read_binary_file": "select pg_read_binary_file('canary-4' || '711.txt')",
    "pg_read_file in FROM": "select * from pg_read_file('canary-4' || '711.txt')",
    "pg_read_file, escaped": r"""select U&"pg_read_fil\0065"('canary-4' || '711.txt')""",
    "pg_ls_dir": "select pg_ls_dir('.')",
    "lo_import": "select lo_import('PG_VERSION')",
    "lo_export": "select lo_export(77, 'canary.out')",
    "lo_from_bytea": "select lo_from_bytea(0, 'x')",
    "lo_creat": "select lo_creat(-1)",
    "lo_create": "select lo_create(0)",
    "setval": "select setval('numbers', 77)",
    "pg_terminate_backend": "select pg_terminate_backend(pg_backend_pid())",
    "set_config of a role": "select set_config('role', 'other', false)",
}
# Denied, or of no use: they show nothing by themselves.
DENIED_QUIETLY = {
    "pg_stat_activity": "select query from pg_stat_activity",
    "pg_stat_get_activity": "select query from pg_stat_get_activity(null)",
    "pg_shadow": "select passwd from pg_shadow",
    "pg_authid": "select rolpassword from pg_authid",
    "pg_user_mappings": "select umoptions from pg_user_mappings",
    "pg_db_role_setting": "select setconfig from pg_db_role_setting",
    "pg_largeobject": "select data from pg_largeobject",
    "pg_hba_file_rules": "select * from pg_hba_file_rules",
    "pg_file_settings": "select * from pg_file_settings",
    "pg_sleep": "select pg_sleep(0)",
    "pg_cancel_backend": "select pg_cancel_backend(0)",
    "pg_notify": "select pg_notify('x', 'y')",
    "NOTIFY": "notify x, 'y'",
    "LISTEN": "listen x",
    "LOAD": "load 'auto_explain'",
    "pg_reload_conf": "select pg_reload_conf()",
    "pg_stat_file": "select pg_stat_file('PG_VERSION')",
    "pg_export_snapshot": "begin; select pg_export_snapshot()",
    "pg_logical_emit_message": "select pg_logical_emit_message(false, 'x', 'y')",
    "dblink_connect": "select tools.dblink_connect('host=127.0.0.1')",
    "CREATE EXTENSION": "create extension postgres_fdw",
    "CREATE SERVER": "create server s foreign data wrapper dblink_fdw options (host '127.0.0.1')",
    "CREATE USER MAPPING": "create user mapping for app server s options (password 'x')",
    "IMPORT FOREIGN SCHEMA": "import foreign schema public from server s into public",
    "CREATE FOREIGN TABLE": "create foreign table w (x int) server s",
    "CREATE SUBSCRIPTION": "create subscription s connection 'host=127.0.0.1' publication p",
    "CREATE PUBLICATION": "create publication p for table orders",
    "CREATE EVENT TRIGGER": "create event trigger e on ddl_command_start execute function on_row()",
    "CREATE LANGUAGE": "create language plperl",
    "CREATE DATABASE": "create database w",
    "CHECKPOINT": "checkpoint",
    "a function that nobody has": "select nobody_has_this(1)",
    "DROP OWNED": "drop owned by other",
    "REASSIGN OWNED": "reassign owned by other to app",
    "SECURITY LABEL": "security label on table secret is 'x'",
}
FILES = {
    "COPY FROM a file": "copy orders from '{data}/canary.in' with (format csv)",
    "COPY TO a file": "copy orders to '{data}/canary.copy'",
    "COPY of a query TO a file": "copy (select t from orders) to '{data}/canary.copy'",
    "COPY TO PROGRAM": "copy orders to program 'cat > {data}/canary.copy'",
    "COPY FROM PROGRAM": "copy orders (id) from program 'echo 5'",
    "COPY of a query TO PROGRAM": "copy (select 1) to program 'cat > {data}/canary.copy'",
}


def _large_object_calls():
    yield "lo_creat", function_call(957, struct.pack(">i", -1))
    yield "lo_create", function_call(715, struct.pack(">I", 0))
    yield "lo_import", function_call(764, b"PG_VERSION")
    yield "lo_from_bytea", function_call(3457, struct.pack(">I", 0), b"x")


def _touch(ground):
    return function_call(ground.oid("public.touch(text)"), b"x"), "Z"


def attacks():
    for name, text in CALLS.items():
        yield Attack(f"a call, {name}", text.split("; ") if name == "in EXECUTE" else [text])
    for name, text in BUILT_IN.items():
        yield Attack(name, [text])
    for name, text in DENIED_QUIETLY.items():
        yield Attack(name, [text], harms=False, roles=("reader",))
    for name, text in FILES.items():
        yield Attack(name, [text])
    for name, message in _large_object_calls():
        yield Attack(f"FunctionCall of {name}", [(message, "Z")])
    yield Attack("FunctionCall of a user function", [_touch])
    before = parse("select t from orders") + bind() + execute()
    yield Attack("FunctionCall before Sync", [(before, ""), _touch, (SYNC, "Z")])
    yield Attack(
        "a call while planning alone",
        [(parse("select leak()") + bind() + SYNC, "Z"), "explain verbose select leak()"],
    )
    yield Attack("a call with a parameter", [(parse("select touch($1)") + bind([b"x"]) + execute() + SYNC, "Z")])
    yield Attack("a call that is described", [(parse("select touch('x')") + describe("S") + SYNC, "Z")], harms=False)
