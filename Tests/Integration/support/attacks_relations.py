"""Attacks that reach a relation under another name or inside another statement."""

from .bypass import LONG, Attack
from .wire import SYNC, bind, execute, parse


def _named(name, *steps, **more):
    return Attack(name, list(steps), **more)


READS = {
    "plain": "select t from secret",
    "star": "select * from secret",
    "upper case": "SELECT T FROM SECRET",
    "quoted": 'select t from "secret"',
    "with a schema": "select t from public.secret",
    "with a database": "select t from app.public.secret",
    "quoted with a database": 'select t from "app"."public"."secret"',
    "Unicode escapes": r'select t from U&"\0073ecret"',
    "Unicode escapes, another escape": "select t from U&\"!0073!+000065cret\" uescape '!'",
    "Unicode escapes in the schema": r'select t from U&"publi\0063".secret',
    "comments": "select/**/t/*x*/from/* a /* nested */ one */secret--",
    "a comment in front": "-- select t from orders\nselect t from secret",
    "a comment that looks closed": "select t from /* ' */ secret /* ' */",
    "a literal that looks like a comment": "select t from secret where t <> '/*' and '*/' <> ''",
    "a dollar quote": "select t from secret where $x$ from orders $x$ <> $$ $$",
    "TABLE": "table secret",
    "ONLY": "select t from only secret",
    "ONLY in brackets": "select t from only (secret)",
    "a star behind the name": "select t from secret *",
    "an alias": "select orders.t from secret orders",
    "an alias with columns": "select orders.b from secret as orders (a, b)",
    "the whole row": "select s from secret s",
    "the whole row by the table's name": "select secret from secret",
    "a subquery": "select (select t from secret)",
    "a subquery in FROM": "select * from (select t from secret) orders",
    "EXISTS": "select t from orders where exists (select 1 from secret where secret.id / (secret.id - 1) > 0)",
    "IN": "select * from orders where t || 'x' in (select 1 / (id - 1) || '' from secret)",
    "ARRAY": "select array(select t from secret)",
    "LATERAL": "select s.t from orders o, lateral (select t from secret where id = o.id) s",
    "JOIN": "select s.t from orders o join secret s using (id)",
    "NATURAL JOIN in brackets": "select s.t from (orders o (id, x) natural join secret s)",
    "UNION": "select t from orders union all select t from secret",
    "EXCEPT": "select t from secret except select t from orders",
    "a bracketed arm": "(((select t from secret)))",
    "VALUES": "values ((select t from secret))",
    "TABLESAMPLE": "select t from secret tablesample system (100)",
    "LIMIT": "select t, 1 / (select id - 1 from secret) from orders limit (select count(*) from secret)",
    "ORDER BY": "select t from orders order by (select 1 / (id - 1) from secret)",
    "GROUP BY": "select count(*), (select t from secret) from orders group by 2",
    "HAVING": "select count(*) from orders having 1 / ((select id from secret) - 1) > 0",
    "FILTER": "select max((select t from secret)) filter (where true) from orders",
    "a window": "select max((select t from secret)) over (partition by id) from orders",
    "a WINDOW clause": "select 1 / max(id) over w from orders window w as (order by (select 1 / (id - 1) from secret))",
    "CASE": "select case when true then (select t from secret) end from orders",
    "COALESCE": "select coalesce(null, (select t from secret))",
    "a row": "select row((select t from secret))",
    "a subscript": "select (array[1, 2])[(select 1 / (id - 1) from secret)]",
    "a function's argument": "select upper((select t from secret)), lower((select t from secret))",
    "a function in FROM": "select * from unnest(array(select t from secret))",
    "ROWS FROM": "select * from rows from (unnest(array(select t from secret)))",
    "a named argument": "select make_interval(days => (select 1 / (id - 1) from secret))",
    "JSON of the row": "select to_json(s) from secret s",
    "DISTINCT ON": "select distinct on ((select id from secret)) (select t from secret) from orders",
    "FOR UPDATE": "select t from secret for update",
    "a CTE": "with orders as (select t from secret) select t from orders",
    "a materialized CTE": "with x as materialized (select t from secret) select t from x",
    "a CTE inside": "select * from (with x as (select t from secret) select t from x) orders",
    "a recursive CTE": "with recursive x(t) as (select t from secret union select t from x) select t from x",
    "a CTE before its namesake": "with x as (select t from secret), secret as (select 1) select t from x",
    "a CTE that names itself": "with secret as (select t from secret) select t from secret",
    "a CTE out of scope": "select s.t from (with secret as (select 1) select 1) x, secret s",
    "a CTE of another arm": "(with secret as (select ''::text t) select t from secret) union all select t from secret",
    "a CTE and a schema": "with secret as (select ''::text t) select t from public.secret",
    "COPY": "copy secret to stdout",
    "COPY of a column": "copy public.secret (t) to stdout",
    "COPY of a query": "copy (select t from secret) to stdout",
    "COPY of a TABLE": "copy (table secret) to stdout",
    "several statements": "select 1; select t from secret",
    "several statements, behind semicolons": ";;;select t from orders;;;table secret;;",
    "an INSERT": "insert into orders select id + 10, t from secret returning t",
    "an INSERT's VALUES": "insert into orders values (11, (select t from secret)) returning t",
    "ON CONFLICT": "insert into orders values (1) on conflict (id)"
    " do update set t = (select t from secret) returning t",
    "an UPDATE": "update orders set t = (select t from secret) returning t",
    "an UPDATE of several": "update orders set (id, t) = (select id, t from secret) returning t",
    "UPDATE FROM": "update orders set t = s.t from secret s returning orders.t",
    "RETURNING": "update orders set id = id returning (select t from secret)",
    "DELETE USING": "delete from orders using secret s returning s.t",
    "MERGE": "merge into orders o using secret s on o.id = s.id when matched then update set t = s.t",
    "MERGE's condition": "merge into orders o using (values (1)) v(i) on o.id = i when matched and"
    " exists (select from secret) then delete",
    "a view": "select t from v",
    "a name of 64 bytes": f"select t from {LONG}l",
    "a name of 70 bytes": f"select t from {LONG}{'x' * 7}",
    "a name of 63 bytes": f"select t from {LONG}",
    "statistics": "select most_common_vals, histogram_bounds from pg_stats where tablename = 'secret'",
    "statistics, the table": "select stavalues1::text from pg_statistic where starelid = 'secret'::regclass",
    "another schema": "select t from evil.orders",
}
# What only fails in the end, or fails for another reason, does not show the canary.
SILENT = {
    "EXISTS", "IN", "LIMIT", "ORDER BY", "HAVING", "a WINDOW clause", "a subscript", "a named argument",
    "statistics", "statistics, the table",
}  # fmt: skip
# Names that differ from those of the rules: a role that may read orders may not read these. `broad` may.
TWINS = {
    "upper case in quotes": 'select t from "Orders"',
    "a dot in the name": 'select t from "public.orders"',
    "a space in the name": 'select t from "orders "',
    "an escaped space": r'select t from U&"orders\0020"',
    "the name decomposed": 'select t from U&"cafe\\0301"',
    "the name decomposed, as it is": "select t from cafe\u0301",
}
# Names that look like the secret's and are something else: nothing happens.
HARMLESS = {
    "a CTE of that name": "with secret as (select 'mine'::text t) select t from secret",
    "a recursive CTE of that name, behind": "with recursive x as (select t from secret),"
    " secret as (select 'mine'::text t) select t from x",
    "an alias of that name": "select secret.t from orders secret",
    "a column of that name": "select t as secret from orders",
    "a literal of that name": "select 'secret', $$ select t from secret $$, 1 as \"table secret\"",
    "the rule's name with a database": "select t from app.public.orders",
    "the rule's name with escapes": r'select t from U&"\006frders"',
}

STATEMENTS = [
    _named("EXPLAIN VERBOSE of a folded function", "explain verbose select leak()"),
    _named("EXPLAIN", "explain (analyze) select t from secret", harms=False),
    _named("EXPLAIN ANALYZE of a DELETE", "explain analyze delete from secret"),
    _named("a CTE that deletes", "with d as (delete from secret returning t) select t from d"),
    _named("a CTE that deletes, unused", "with d as (delete from secret) select t from orders"),
    _named("a CTE that updates", "with d as (update secret set t = 'x') select 1"),
    _named("a CTE that inserts", "with d as (insert into secret values (2)) select 1"),
    _named("a CTE inside a CTE", "with a as (with d as (delete from secret returning t) table d) table a", harms=False),
    _named("COPY of a DELETE", "copy (delete from secret returning t) to stdout"),
    _named("TRUNCATE", "truncate secret"),
    _named("TRUNCATE of several", "truncate orders, secret"),
    _named("DROP", "drop table secret cascade"),
    _named("DROP of several", "drop table orders, secret cascade"),
    _named("DROP of the schema", "drop schema public cascade"),
    _named("RENAME", "alter table secret rename to x"),
    _named("RENAME of the schema", "alter schema evil rename to friendly"),
    _named("ALTER TABLE", "alter table secret add column x int"),
    _named("ALTER TABLE IF EXISTS", "alter table if exists only public.secret alter t set default 'x'", harms=False),
    _named("OWNER", "alter table secret owner to other", harms=False),
    _named("GRANT", "grant select on secret to public"),
    _named("GRANT on all tables", "grant all on all tables in schema public to public"),
    _named("COMMENT", "comment on table secret is 'x'"),
    _named("CREATE INDEX", "create index on secret (t)"),
    _named("a view of it", "create view w as select t from secret", "select t from w"),
    _named("a materialized view of it", "create materialized view w as select t from secret", "select t from w"),
    _named("CREATE TABLE AS", "create table w as select t from secret", "select t from w"),
    _named("CREATE TABLE AS TABLE", "create table w as table secret", "select t from w"),
    _named("SELECT INTO", "select t into w from secret", "select t from w"),
    _named("SELECT INTO in a UNION", "select t into w from orders union select t from secret", "select t from w"),
    _named("LIKE", "create table w (like secret including all)"),
    _named("INHERITS", "create table w () inherits (secret)"),
    _named("REFERENCES", "create table w (i int references secret)"),
    _named("a rule", "create rule r as on insert to orders do also delete from secret"),
    _named("a rule on it", "create rule r as on insert to secret do instead nothing"),
    _named("a trigger", "create trigger r before insert on orders for each row execute function on_row()"),
    _named("a policy", "create policy r on secret using (true)"),
    _named("a schema with elements", "create schema w create view x as select t from public.secret", "table w.x"),
    _named("SET SCHEMA", "alter table secret set schema evil"),
    _named("ALTER SEQUENCE OWNED BY", "alter sequence numbers owned by secret.id", harms=False),
    _named("LOCK", "begin; lock table secret", harms=False),
    _named("REINDEX", "reindex table secret", harms=False),
    _named("VACUUM", "vacuum secret", harms=False),
    _named("ANALYZE", "analyze secret", harms=False),
    _named("CLUSTER", "cluster secret using secret_pkey", harms=False),
    _named("DECLARE", "begin", "declare c cursor for select t from secret", "fetch c"),
    _named("DECLARE WITH HOLD", "declare c cursor with hold for select t from secret", "fetch all from c"),
    _named("PREPARE", "prepare x as select t from secret", "execute x"),
    _named("PREPARE of a DELETE", "prepare x as delete from secret returning t", "execute x"),
    _named("EXPLAIN EXECUTE", "prepare x as delete from secret", "explain analyze execute x"),
    _named("CREATE TABLE AS EXECUTE", "prepare x as select t from secret", "create table w as execute x", "table w"),
    _named(
        "Parse",
        (parse("select t from secret where id = $1", "s", [23]) + bind([b"1"], "p", "s") + execute("p") + SYNC, "Z"),
    ),
    _named(
        "PREPARE, then Bind",
        "prepare x as select t from secret",
        (bind([], "", "x") + execute() + SYNC, "Z"),
    ),
    _named("Parse, then EXECUTE", (parse("select t from secret", "s") + SYNC, "Z"), "execute s"),
    _named(
        "DECLARE, then Execute",
        "begin",
        "declare c cursor for select t from secret",
        (execute("c") + SYNC, "Z"),
    ),
]  # fmt: skip
# `broad` may do these: they touch nothing that it may not.
READER_ONLY = [
    _named("a write", "insert into orders values (2)"),
    _named("a write in a CTE", "with d as (delete from orders) select 1"),
    _named("SELECT INTO of what may be read", "select t into w from orders"),
    _named("CREATE TABLE AS of what may be read", "create table w as select t from orders"),
    _named("a lock", "begin; select t from orders for share", harms=False),
    _named("a table", "create table w ()"),
    _named("RENAME of another", "alter table orders rename to x"),
    _named("DROP of another", "drop table orders cascade"),
    _named("a temporary table", "create temp table w as select 'canary-' || '4711'", "table w"),
    _named("a temporary view", "create temp view w as select 'canary-' || '4711'", "table w"),
]
BROAD_ONLY = [
    _named("a name that is denied", "alter table orders rename to z; alter table secret rename to y", harms=True),
    _named("RENAME to what is denied", "alter table orders rename to reserved"),
    _named("SET SCHEMA to where nothing is allowed", "alter table orders set schema tools", harms=False),
    _named("a temporary table that hides", "create temp table orders as select 'canary-' || '4711'", "table orders"),
    _named("a default", "alter table orders alter t set default touch('x'); insert into orders values (5)"),
    _named("a default of a new column", "alter table orders add x int default touch('x')"),
    _named("a default of a new table", "create table w (x int default touch('x')); insert into w default values"),
    _named("USING", "alter table orders alter t type int using touch(t)"),
    _named("CHECK", "create table w (x text check (touch(x) > 0)); insert into w values ('x')"),
    _named("a domain's CHECK", "create domain w as text check (touch(value) > 0); select 'x'::w"),
    _named("a view of a function", "create view w as select touch('x')", "table w"),
    _named("ATTACH", "alter table orders inherit secret"),
]


def attacks():
    for name, text in READS.items():
        yield Attack(name, [text], harms=name not in SILENT)
    for name, text in TWINS.items():
        yield Attack(name, [text], roles=("reader",))
    own = ["select t from caf\u00e9"]
    yield Attack("the composed name's own", own, roles=("accents",), expect="allowed", harms=False)
    yield Attack("the composed name's twin", ["select t from cafe\u0301"], roles=("accents",))
    yield Attack("the composed name's twin, escaped", ['select t from U&"cafe\\0301"'], roles=("accents",))
    for name, text in HARMLESS.items():
        yield Attack(name, [text], expect="allowed", harms=False)
    yield from STATEMENTS
    for attack in READER_ONLY:
        attack.roles = ("reader",)
        yield attack
    for attack in BROAD_ONLY:
        attack.roles = ("broad",)
        yield attack
