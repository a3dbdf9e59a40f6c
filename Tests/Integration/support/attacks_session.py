"""Attacks on what the rules rest on: the session's role and settings, its search path, its names, and its login."""

from .bypass import Attack
from .wire import SYNC, bind, close, describe, execute, parse

READ = "select t from orders"
SJIS = ("set client_encoding to 'SJIS'", "set names 'SJIS'", "set client_encoding = sjis",
        "set local client_encoding = 'BIG5'", "set \"client_encoding\" to 'GBK'", "set client_encoding to latin1",
        "select set_config('client_encoding', 'SJIS', false)",
        "update pg_settings set setting = 'SJIS' where name = 'client_encoding'")  # fmt: skip
STRINGS = (
    "set standard_conforming_strings = off", "set standard_conforming_strings to 'off'",
    "set session standard_conforming_strings = false", "set local standard_conforming_strings = off",
    'set "standard_conforming_strings" to 0', r'set U&"standard\005fconforming_strings" to off',
    "set STANDARD_conforming_STRINGS = no",
    "select set_config('standard_conforming_strings', 'off', false)",
    "select pg_catalog.set_config('standard_conforming_strings', 'off', false)",
    "select set_config('STANDARD_CONFORMING_STRINGS', 'off', false)",
    "select set_config('standard_' || 'conforming_strings', 'off', false)",
    r"""select U&"set\005fconfig"('standard_conforming_strings', 'off', false)""",
    "select \"set_config\"(E'standard\\x5fconforming_strings', $$off$$, false)",
    "select t from orders where set_config('standard_conforming_strings', 'off', false) = 'off'",
    "select * from set_config('standard_conforming_strings', 'off', false)",
    "select set_config(name, 'off', false) from pg_settings where name = 'standard_conforming_strings'",
    "update pg_settings set setting = 'off' where name = 'standard_conforming_strings'",
    "update pg_catalog.pg_settings set setting = 'off' where name = 'standard_conforming_strings'",
    "update \"pg_settings\" s set setting = 'off' where s.name = 'standard_conforming_strings'",
    "with x as (update pg_settings set setting = 'off' where name = 'standard_conforming_strings' returning 1) table x",
    "prepare x as update pg_settings set setting = 'off' where name = 'standard_conforming_strings'; execute x",
    "explain analyze update pg_settings set setting = 'off' where name = 'standard_conforming_strings'",
    "merge into pg_settings s using (select 1) x on s.name = 'standard_conforming_strings'"
    " when matched then update set setting = 'off'",
)  # fmt: skip
ROLES = (
    "set role boss", "set role 'boss'", 'set role "boss"', "set local role boss", "set session role boss",
    "set role to boss", "set role = 'boss'", 'set "role" to boss', r'set U&"\0072ole" to boss', "set ROLE to 'boss'",
    "select set_config('role', 'boss', false)", "select set_config('ROLE', 'boss', true)",
    "select set_config('ro' || 'le', 'boss', false)", "select set_config('role', rolname, false) from pg_roles"
    " where rolname = 'boss'", "begin; set role boss", "select 1; set role boss",
    "set role other", "set role pg_read_all_data", "set role app",
)  # fmt: skip
ROLES_QUIETLY = (
    "set session authorization boss", "set session authorization 'app'", "set local session authorization boss",
    "set session_authorization to boss", "select set_config('session_authorization', 'boss', false)",
    "update pg_settings set setting = 'boss' where name = 'role'",
    "merge into pg_settings s using (select 1) x on s.name = 'role' when matched then update set setting = 'boss'",
)  # fmt: skip
LOGIN = (
    "alter role current_user password 'mine'", "alter role current_role password 'mine'",
    "alter role session_user password 'mine'", "alter role app password 'mine'", 'alter role "app" password \'mine\'',
    r"""alter role U&"\0061pp" password 'mine'""", "alter user app with encrypted password 'mine'",
    "alter user current_user password null", "alter role app valid until '2001-01-01'",
    "alter user app connection limit 5 password 'mine'",
    "alter role app set search_path to evil", "alter role current_user set standard_conforming_strings to off",
    "alter role app in database app set work_mem to '1MB'", "alter role session_user set role to boss",
    "alter role app set search_path from current", "alter user app set search_path to evil",
)  # fmt: skip
STORED = (
    "alter database app set search_path to evil", "alter role all set work_mem to '1MB'",
    "alter system set work_mem = '1MB'", "alter role other rename to mole", "alter role app rename to mole",
    "create role mole login password 'mine'", "create user mole superuser", "create group mole",
    "grant other to catalog", "grant app to catalog", "drop role other", "alter group other add user catalog",
    "grant all on schema public to public", "alter default privileges grant select on tables to public",
    "create function g() returns int language sql set search_path = evil as 'select 1'",
    "alter function flip() set search_path = evil",
)  # fmt: skip
QUIET_STORED = {
    "alter role all set work_mem to '1MB'", "alter role app rename to mole", "create user mole superuser",
    "alter function flip() set search_path = evil",
}  # fmt: skip
PATHS = (
    "set search_path to evil", "set search_path = evil, public", "set search_path to 'evil'", "set schema 'evil'",
    'set "search_path" to "evil"', "set local search_path to evil", "set session search_path to evil",
    "select set_config('search_path', 'evil', false)", "select pg_catalog.set_config('search_path', 'evil', false)",
    "update pg_settings set setting = 'evil' where name = 'search_path'", "set search_path to pg_temp, public",
    'set search_path to "$user", evil', "set search_path to public, evil",
)  # fmt: skip
SETTINGS = (
    "set postern.subject = 'somebody'", "set local postern.session to 'x'", "set postern.run = 'x'",
    "select set_config('postern.subject', 'somebody', false)", "set \"postern.subject\" to 'x'",
    "set POSTERN.SUBJECT to 'x'", "select set_config('Postern.Subject', 'x', false)",
)  # fmt: skip
EVERY_MODE = ("reader", "broad", "observer", "free")
STRICT = ("reader", "broad", "observer")
# One harmless statement; with the strings' other reading they delete the secret, or show it.
TWO_READINGS = r"select 'x\' as y, '; delete from secret; --'"
TWO_IN_ONE = r"select 'x\', ' , (select t from secret) --'"
LONG = "n" * 63


def _short(text):
    return text if len(text) < 60 else f"{text[:57]}..."


def _settings():
    for text in SJIS:
        harms = "local" not in text
        yield Attack(_short(text), [text], roles=EVERY_MODE, harms=harms, expect="stopped")
    for text in STRINGS:
        harms = "local" not in text and not text.startswith(("merge", "with"))
        steps = text.split("; ") if text.startswith("prepare") else [text]
        yield Attack(_short(text), steps, roles=STRICT, harms=harms, expect="stopped")
    for text in SETTINGS:
        yield Attack(_short(text), [text], roles=EVERY_MODE, harms=".run" not in text)
    for text in LOGIN:
        yield Attack(_short(text), [text], roles=EVERY_MODE, harms=text not in QUIET_STORED)
    for text in ROLES:
        harms = not text.startswith("set local") and ", true)" not in text
        yield Attack(_short(text), [text], harms=harms)
    for text in ROLES_QUIETLY:
        yield Attack(_short(text), [text], harms=False)
    for text in STORED:
        yield Attack(_short(text), [text], harms=text not in QUIET_STORED)
    for text in PATHS:
        yield Attack(f"{text}, then read", [text, READ], harms="local" not in text)
    yield Attack("a setting by a parameter", [
        (parse("select set_config($1, 'off', false)") + bind([b"standard_conforming_strings"]) + execute() + SYNC, "Z")
    ])  # fmt: skip
    yield Attack("a search path in the transaction of the read", ["begin", "set local search_path to evil", READ])
    yield Attack("two readings", [TWO_READINGS], harms=False)
    yield Attack("two readings, prepared", [(parse(TWO_IN_ONE) + bind() + execute() + SYNC, "Z")], harms=False)
    yield Attack("two readings, the second real", ["set standard_conforming_strings = off", TWO_READINGS])
    plain = r"select 'a\b', '^\d+$' from orders"
    yield Attack("a backslash that changes nothing", [plain], expect="allowed", harms=False)
    yield Attack(
        "a function that turns the strings, and two readings in its batch",
        [(parse("select flip()", "") + bind() + execute() + parse(TWO_IN_ONE) + bind() + execute() + SYNC, "Z")],
        roles=("flipper",), harms=True, expect="any",
    )  # fmt: skip
    yield Attack("a function that turns the strings", ["select flip()"], roles=("flipper",), expect="ends")


def _paths():
    path = "set search_path to evil"
    prepared = (parse(READ, "s") + SYNC, "Z")
    run = (bind([], "", "s") + execute() + SYNC, "Z")
    yield Attack("a path between Parse and Bind", [prepared, path, run])
    yield Attack("a path between Parse and Bind, of a role that may set it", [prepared, path, run], roles=("pather",))
    yield Attack(
        "a path between Parse and Bind, all in a pipeline",
        [(parse(READ, "s") + parse(path) + bind() + execute() + bind([], "", "s") + execute() + SYNC, "Z")],
        roles=("reader", "broad", "pather"),
    )
    yield Attack("a path between PREPARE and EXECUTE", [f"prepare s as {READ}", path, "execute s"], roles=("pather",))
    yield Attack("a path, then a read", [path, READ], roles=("pather",))
    back = "set search_path to public"
    yield Attack("a path, and back, then a read", [path, back, READ], roles=("pather",), harms=False)
    yield Attack(
        "a path, rolled back, then a Bind",
        [prepared, "begin", path, "savepoint a", "rollback to a", run],
        roles=("pather",),
    )
    yield Attack(
        "a path between Bind and Execute",
        ["begin", (parse(READ, "s") + bind([], "p", "s") + SYNC, "Z"), path, (execute("p") + SYNC, "Z")],
        roles=("pather",), expect="any", harms=False, may_change=("search_path",),
    )  # fmt: skip
    yield Attack("what the role may read by its full name", [path, "select t from public.orders"], roles=("pather",),
                 expect="allowed", harms=False, may_change=("search_path",))  # fmt: skip
    yield Attack("the path of no schema", ["set search_path to ''", "select t from public.orders"], expect="allowed",
                 harms=False, may_change=("search_path",))  # fmt: skip
    shadow = "create temp table orders as select 'canary-' || '4711'"
    yield Attack("a temporary table that shadows", [shadow, "table orders"], roles=("temper",))
    yield Attack("a temporary table that shadows, later named", [
        "create temp table w as select 'canary-' || '4711'", "alter table w rename to orders", "table orders"
    ], roles=("temper",))  # fmt: skip
    yield Attack("a temporary view that shadows", [shadow.replace("table", "view"), "table orders"], roles=("temper",))
    yield Attack("a table in pg_temp", ["create table pg_temp.orders as select 'canary-' || '4711'", "table orders"],
                 roles=("temper",))  # fmt: skip
    yield Attack("SELECT INTO TEMP", ["select 'canary-' || '4711' into temp orders", "table orders"], roles=("temper",))


def _names():
    stop = "select t from secret"
    yield Attack("a name of 64 bytes", [
        (parse(READ, LONG + "X") + SYNC, "Z"), (bind([], "", LONG + "Y") + execute() + SYNC, "Z")
    ], expect="refused", harms=False)  # fmt: skip
    yield Attack("a portal of 64 bytes", [
        (parse(READ) + bind([], LONG + "X") + execute(LONG + "Y") + SYNC, "Z")
    ], expect="refused", harms=False)  # fmt: skip
    yield Attack("a name of 64 bytes to close", [
        (parse(READ, LONG) + close("S", LONG + "X") + SYNC, "Z"), (bind([], "", LONG) + execute() + SYNC, "Z")
    ], expect="refused", harms=False)  # fmt: skip
    yield Attack("a name of 63 bytes", [
        (parse(READ, LONG) + SYNC, "Z"), (bind([], "", LONG) + execute() + close("S", LONG) + SYNC, "Z")
    ], expect="allowed", harms=False)  # fmt: skip
    yield Attack("PREPARE with a name that is cut", [f"prepare {LONG}x as {READ}", f"execute {LONG}y"],
                 expect="allowed", harms=False)  # fmt: skip
    yield Attack("DEALLOCATE, then anew", [f"prepare x as {READ}", "deallocate x", f"prepare x as {stop}", "execute x"])
    yield Attack("DEALLOCATE of a Parse", [
        (parse(READ, "s") + SYNC, "Z"), "deallocate s", f"prepare s as {stop}",
        (bind([], "", "s") + execute() + SYNC, "Z"),
    ])  # fmt: skip
    yield Attack("DISCARD ALL, then anew", [
        f"prepare x as {READ}", "discard all", f"prepare x as {stop}", "execute x"
    ])  # fmt: skip
    yield Attack("Close, then anew", [
        (parse(READ, "s") + SYNC, "Z"), (close("S", "s") + parse(stop, "s") + SYNC, "Z"),
        (bind([], "", "s") + describe("P") + execute() + SYNC, "Z"),
    ])  # fmt: skip
    yield Attack("the unnamed statement anew", [
        (parse(READ) + SYNC, "Z"), (parse(stop) + SYNC, "Z"), (bind() + execute() + SYNC, "Z"),
    ])  # fmt: skip
    yield Attack("a quoted name and its twin", [f'prepare "X" as {READ}', f"prepare x as {stop}", "execute x"])
    yield Attack("CLOSE, then another cursor", [
        "begin", f"declare c cursor for {READ}", "close c", f"declare c cursor for {stop}", "fetch c"
    ])  # fmt: skip
    for text in ("execute nobody", "explain execute nobody", "fetch nobody", "move nobody",
                 "create temp table w as execute nobody"):  # fmt: skip
        yield Attack(f"{text}, unknown", [text], codes=("42501", "26000", "34000"), harms=False)
    yield Attack("what was prepared by SQL, by Bind", [
        f"prepare x as {READ}", (bind([], "", "x") + execute() + SYNC, "Z")
    ], expect="allowed", harms=False)  # fmt: skip
    yield Attack("what was prepared by Parse, by SQL", [(parse(READ, "s") + SYNC, "Z"), "execute s", "deallocate s"],
                 expect="allowed", harms=False)  # fmt: skip
    yield Attack("a portal by FETCH", ["begin", (parse(READ) + bind([], "p") + SYNC, "Z"), "fetch p", "close p"],
                 expect="allowed", harms=False)  # fmt: skip
    yield Attack("a cursor by Execute", ["begin", f"declare c cursor for {READ}", (execute("c") + SYNC, "Z")],
                 expect="allowed", harms=False)  # fmt: skip


def _catalogued():
    for name, text in {
        "an alias": "select o.f from orders o",
        "the table": "select orders.f from orders",
        "a row": "select (o).f from orders o",
        "with a schema": "select public.orders.f from public.orders",
        "a subquery": "select (x).f from (select o from orders o) as y(x)",
        "WHERE": "select t from orders o where o.f = 1",
        "a CTE": "with x as (select o from orders o) select (o).f from x",
        "quoted": 'select o."f" from orders o',
        "Unicode escapes": r'select o.U&"\0066" from orders o',
        "RETURNING": "update orders o set id = id returning o.f",
        "an aggregate": "select max(o.f) from orders o",
    }.items():
        yield Attack(f"a function as a column, {name}", [text], roles=("catalogued",))
    yield Attack("columns as columns", ["select o.t, (o).id, orders.id from orders o, orders"], roles=("catalogued",),
                 expect="allowed", harms=False)  # fmt: skip
    yield Attack("an unknown table", ["select t from nobody_has_this"], roles=("catalogued",), codes=("42501", "42P01"),
                 harms=False)  # fmt: skip


def attacks():
    yield from _settings()
    yield from _paths()
    yield from _names()
    yield from _catalogued()
