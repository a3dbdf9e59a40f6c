"""A database with a canary in it, and attacks on the canary: what each does without the gateway, and through it."""

import os
from dataclasses import dataclass

from . import wire
from .matrix import log_in_direct
from .postgres import PASSWORD
from .wire import Closed, error_fields

# What no answer may hold. No attack spells it, so that no echo of its text does either.
CANARY = b"canary-4711"
# Sixty-three bytes: the server cuts longer names there.
LONG = "l" * 63

# `app` may do nearly everything on the server, so that the gateway alone stands between a job and the canary.
STATE = f"""
    drop schema if exists public, evil cascade;
    create schema public authorization app;
    create schema evil authorization app;
    set role app;
    create table public.orders (id int primary key, t text);
    insert into public.orders values (1, 'an order');
    create table public.secret (id int primary key, t text);
    insert into public.secret values (1, 'canary-4711');
    create table public."{LONG}" as table public.secret;
    create table public."Orders" as table public.secret;
    create table public."public.orders" as table public.secret;
    create table public."orders " as table public.secret;
    create table public.U&"cafe\\0301" as table public.secret;
    create table public.U&"caf\\00e9" as table public.orders;
    create table evil.orders as table public.secret;
    create view public.v as table public.secret;
    create table public.touched (what text);
    create sequence public.numbers;
    create function public.touch(text) returns int language plpgsql as
        $$ begin insert into public.touched values ($1); return 1; end $$;
    create function public.leak() returns text language sql immutable as 'select t from public.secret';
    create function public.f(public.orders) returns int language sql as 'select public.touch($1.t)';
    create function public.flip() returns text language sql as
        $$ select set_config('standard_conforming_strings', 'off', false) $$;
    create procedure public.proc() language sql as 'select public.touch(''proc'')';
    create aggregate public.touch_all(text) (sfunc = textcat, stype = text);
    create function public.on_row() returns trigger language plpgsql as
        $$ begin perform public.touch('trigger'); return new; end $$;
    reset role;
    alter large object 77 owner to app;
    analyze public.secret;
    grant usage on schema public, evil to catalog;
"""
# Once for a server.
GRANTS = """
    create role boss superuser;
    grant boss, pg_read_server_files, pg_write_server_files, pg_execute_server_program, pg_read_all_data,
        pg_signal_backend to app;
    alter role app createrole;
    create role catalog login password '{password}';
    grant alter system on parameter work_mem to app;
    create schema tools;
    create extension dblink schema tools;
    create extension tablefunc schema tools;
    grant usage on schema tools to app;
    do $$ declare f regprocedure; begin
        for f in select oid from pg_proc where proname in ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir',
            'pg_stat_file', 'lo_import', 'lo_export', 'pg_reload_conf', 'pg_current_logfile')
        loop execute format('grant execute on function %s to app', f); end loop;
    end $$;
"""
FINGERPRINT = """
    select (select string_agg(s::text, ';' order by s::text) from public.secret s),
        (select string_agg(s::text, ';' order by s::text) from public.orders s),
        (select string_agg(s::text, ';') from public.touched s),
        (select string_agg(concat(c.relnamespace::regnamespace, '.', c.relname, c.relkind, c.relowner, c.relacl,
            c.relhasrules, c.relhastriggers, c.relrowsecurity, c.relpersistence, c.relnatts), ';'
            order by c.oid::regclass::text)
            from pg_class c where c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'),
        (select string_agg(p.oid::regprocedure::text || p.prosrc, ';' order by p.oid::regprocedure::text)
            from pg_proc p where pronamespace::regnamespace::text in ('public', 'evil')),
        (select string_agg(nspname || nspacl::text, ';' order by oid) from pg_namespace where nspname !~ '^pg_'),
        (select string_agg(concat(rolname, rolsuper, rolconnlimit, rolpassword, rolvaliduntil), ';' order by rolname)
            from pg_authid),
        (select string_agg(s::text, ';' order by s::text) from pg_db_role_setting s),
        (select string_agg(concat(roleid::regrole, member::regrole), ';' order by roleid, member)
            from pg_auth_members),
        (select count(*) from pg_largeobject_metadata), (select count(*) from pg_extension),
        (select count(*) from pg_policy), (select count(*) from pg_foreign_server), (select count(*) from pg_description
            where objoid in (select oid from pg_class where relname in ('orders', 'secret'))),
        (select count(*) from pg_default_acl), (select count(*) from pg_prepared_xacts),
        (select last_value from public.numbers),
        (select count(*) from pg_proc p where p.oid in (select castfunc from pg_cast) and p.oid > 16383),
        (select count(*) from pg_file_settings where name = 'work_mem')
"""  # fmt: skip
SETTINGS = [
    "role", "session_authorization", "standard_conforming_strings", "client_encoding", "search_path",
    "postern.subject", "postern.session",
]  # fmt: skip


@dataclass
class Attack:
    """`steps` are SQL texts, each a Query of its own, or messages with the types that they bring, as in the matrix.

    In a text `{data}` is the server's folder; a step may also be a function of the ground.
    """

    name: str
    steps: list
    # Of the roles that test_bypass.py has.
    roles: tuple = ("reader", "broad")
    # What the gateway does: `denied`, `allowed` (and yet no harm), `refused` for a protocol violation, `ends` the
    # session, `stopped` (denied, or the session ends), or `any` that does no harm.
    expect: str = "denied"
    # Whether it does harm without the gateway.
    harms: bool = True
    codes: tuple = ("42501",)
    # Settings that the role may change.
    may_change: tuple = ()


class Ground:
    """The server of the attacks."""

    def __init__(self, server):
        self.server = server
        self.behind = server.superuser("app", autocommit=True)
        self.behind.execute(GRANTS.format(password=PASSWORD))
        # A file where the server's functions look for files.
        server.own_file("canary-4711.txt", CANARY.decode())
        server.own_file("canary.in", "5,five\n")
        self.restore()

    def restore(self):
        for name in os.listdir(self.server.data):
            if name in ("canary.copy", "canary.out"):
                os.remove(f"{self.server.data}/{name}")
        self.behind.execute("select lo_unlink(oid) from pg_largeobject_metadata")
        self.behind.execute("select lo_from_bytea(77, 'x')")
        self.behind.execute(
            f"alter role app password '{PASSWORD}' valid until 'infinity' connection limit -1;"
            "alter role app reset all;"
            "alter default privileges for role app revoke select on tables from public; revoke app from catalog;"
            "drop role if exists mole; drop role if exists other; create role other; grant other to app;"
            "alter database app reset all; alter role all reset all"
        )
        self.behind.execute("alter system reset all")
        self.behind.execute(STATE)
        self.clean = self.fingerprint()

    def fingerprint(self):
        files = sorted(name for name in os.listdir(self.server.data) if "canary" in name)
        try:
            return self.behind.execute(FINGERPRINT).fetchone(), files
        except Exception as error:
            return str(error), files

    def oid(self, function):
        return self.behind.execute("select %s::regprocedure::oid", (function,)).fetchone()[0]

    def steps(self, case):
        for step in case.steps:
            if isinstance(step, str):
                step = (wire.query(step.replace("{data}", self.server.data)), "Z")
            yield step(self) if callable(step) else step

    def is_harmed(self):
        return self.fingerprint() != self.clean

    def clean_up(self):
        if self.is_harmed():
            self.restore()

    def direct(self):
        return log_in_direct(self.server, options="-c search_path=public")

    def stop(self):
        self.behind.close()


def settings(job):
    """What the session's settings are; None for one that is not to be had."""
    values = {}
    for name in SETTINGS:
        job.send(wire.query(f"show {name}"))
        messages = job.until_ready()
        values[name] = None if any(kind == "E" for kind, _ in messages) else wire.first_columns(messages)
    return values


@dataclass
class Result:
    errors: list
    # The canary's words were heard, or the session is no longer what it was.
    harmed: list
    ended: bool


def attack(job, steps, may_change=()):
    """Plays the steps, and looks at the session afterwards."""
    before = settings(job)
    messages, harmed, ended = [], [], False
    try:
        for data, awaited in steps:
            job.send(data)
            for kind in awaited:
                while True:
                    messages.append(job.receive())
                    if messages[-1][0] == kind:
                        break
        heard = b"".join(body for _, body in messages)
        if CANARY in heard or CANARY.hex().encode() in heard:
            harmed.append("the canary was heard")
        for _ in range(2):
            after = settings(job)
            harmed += [
                f"{name} is {after[name]}, was {before[name]}"
                for name in SETTINGS
                if name not in may_change and after[name] is not None and after[name] != before[name]
            ]  # fmt: skip
            job.send(wire.query("rollback"))
            job.until_ready()
    except (Closed, ConnectionError):
        ended = True
        if any(CANARY in body for _, body in messages):
            harmed.append("the canary was heard")
    return Result([error_fields(body) for kind, body in messages if kind == "E"], harmed, ended)
