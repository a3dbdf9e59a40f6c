"""psql sees the same through the gateway as without it."""

import hashlib
import re
import signal
import subprocess

import pytest
from support.clients import environment, run, same, succeed  # noqa: F401
from support.waiting import until

PSQL = ("psql", "--no-psqlrc", "--quiet", "--set=VERBOSITY=verbose")


def psql(parameters, script, *options, **more):
    return run(parameters, *PSQL, *options, input=script, **more)


FRESH = "set client_min_messages = warning; drop schema if exists psql cascade; create schema psql;\n"
FRESH += "set search_path = psql; reset client_min_messages;\n"

SCRIPTS = {
    "several statements in one query": r"""
        create table t (id int primary key, name text) \; insert into t values (1, 'a'), (2, null) \; table t;
        select 1 \; select 2 \; select 1 / 0 \; select 3;
        begin \; insert into t values (3, 'c') \; rollback \; select count(*) from t;
        insert into t values (4, 'd') \; insert into t values (1, 'again') \; commit;
        table t;
        ;
        select;
    """,
    "gexec, gset, gdesc and variables": r"""
        select format('create table g%s (x int default %s)', i, i) from generate_series(1, 5) i \gexec
        select format('insert into g%s default values returning x', i) from generate_series(1, 6) i \gexec
        select 42 as answer, null as nothing \gset
        \echo :answer
        select :answer * 2;
        select 1 as a, 'x'::varchar(10) as b, now() as c \gdesc
        \if :{?answer}
        \echo there
        \endif
        select 'no such' from nothing_at_all;
        \echo :SQLSTATE :LAST_ERROR_MESSAGE :ROW_COUNT
        \errverbose
    """,
    "notices": r"""
        do $$ begin
            raise notice 'plain';
            raise warning 'odd' using errcode = '01P77', detail = 'the detail', hint = 'the hint';
            raise info 'info' using schema = 's', table = 't', column = 'c', datatype = 'd', constraint = 'k';
        end $$;
        drop table if exists not_there;
        create table if not exists n (x int); create table if not exists n (x int);
        rollback;
        begin; begin; commit;
        set client_min_messages = debug1;
        create table n2 (x serial primary key, y int unique);
        drop table n2;
        select 'done';
    """,
    "errors": r"""
        select nothing from nowhere;
        selec 1;
        select 'ü'::text, 1 +;
        select 'abc'::int;
        create table parent (id int primary key, v int not null check (v > 0));
        create table child (p int references parent);
        insert into parent values (1, 1);
        insert into parent values (1, 1);
        insert into parent values (2, null);
        insert into parent values (2, -1);
        insert into child values (77);
        create function deep(n int) returns int language plpgsql as
            $$ begin if n = 0 then return 1 / n; end if; return deep(n - 1); end $$;
        select deep(3);
        create function bad() returns int language sql as 'select selct from x';
        do $$ begin raise exception 'mine' using errcode = 'ZZ999', detail = 'd', hint = 'h', column = 'c',
            constraint = 'k', datatype = 'y', table = 't', schema = 's'; end $$;
        begin; select 1 / 0; select 1; savepoint s; rollback; select 1;
        begin; savepoint s; select 1 / 0; rollback to s; select 'on'; commit;
        copy parent from stdin;
3	3
4	not a number
\.
        table parent;
        select repeat('x', 2000000000);
    """,
    "notifications": r"""
        listen psql_news; listen "Other News";
        notify psql_news; notify "Other News", 'with a payload';
        begin; notify psql_news, 'a'; notify psql_news, 'a'; notify psql_news, 'b'; select 'before'; commit;
        begin; notify psql_news, 'never'; rollback;
        select pg_notify('psql_news', repeat('y', 7999));
        select pg_notify('psql_news', repeat('y', 8000));
        unlisten psql_news; notify psql_news, 'unheard';
    """,
    "cursors by portions": r"""
        \set FETCH_COUNT 100
        select i, md5(i::text) from generate_series(1, 2050) i;
        select 1 / (i - 150) from generate_series(1, 300) i;
        begin; declare c scroll cursor for select generate_series(1, 10); fetch 3 from c; fetch backward 2 from c;
        move last in c; fetch prior from c; close c; fetch c; rollback;
    """,
    "inline copy": r"""
        create table c (id int, t text);
        copy c from stdin;
1	one
2	two \\ back\tslash
3	\N
\.
        copy c from stdin with (format csv, header, null 'nil');
id,t
4,"a ""quoted"", one
with lines"
5,nil
\.
        copy c to stdout;
        copy (select * from c order by id desc) to stdout with (format csv, header, force_quote *);
        copy c to '/not/allowed';
        copy c from program 'true';
    """,
    "psql's own descriptions": r"""
        create type mood as enum ('sad', 'glad');
        create table d (id int generated always as identity primary key, m mood default 'sad', t text collate "C");
        create index on d (t) where m = 'glad'; create view v as select id, t from d;
        comment on table d is 'a comment';
        \d
        \d+ d
        \d+ v
        \dT+ mood
        \di+
        \sf pg_catalog.lo_export
        \sv v
        \dt nothing
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_the_same_output_and_errors(same, name):  # noqa: F811
    def scenario(parameters):
        code, output, errors = psql(parameters, FRESH + SCRIPTS[name])
        return code, re.sub(r"with PID \d+", "with PID", output), errors

    code, output, errors = same(scenario)
    assert code == 0
    assert output


def test_what_the_scripts_should_show_is_there(same):  # noqa: F811
    """Guards the comparison itself: equal and empty would not do."""
    _, output, errors = same(
        lambda parameters: psql(
            parameters,
            FRESH + "create table k (id int constraint mine primary key); insert into k values (1), (1);\n"
            "select 1 +;\ndo $$ begin raise warning 'w' using detail = 'dd'; end $$;\nselect 6 * 7;\n",
            "-At",
        )
    )
    assert "ERROR:  23505: duplicate key value" in errors
    assert "CONSTRAINT NAME:  mine" in errors
    assert "LINE 1: select 1 +;" in errors
    assert "WARNING:  01000: w\nDETAIL:  dd" in errors
    assert output == "42\n"


def test_the_first_error_stops_a_script_that_asks_for_it(same):  # noqa: F811
    code, output, errors = same(
        lambda parameters: psql(parameters, "select 1;\nselect x;\nselect 2;\n", "-At", "--set=ON_ERROR_STOP=1")
    )
    assert (code, output) == (3, "1\n")
    assert "42703" in errors


def test_a_single_transaction_of_commands_is_rolled_back_whole(same):  # noqa: F811
    def scenario(parameters):
        psql(parameters, FRESH + "create table one (x int);")
        first = run(
            parameters, *PSQL, "-1", "--set=ON_ERROR_STOP=1", "-c", "insert into psql.one values (1)",
            "-c", "insert into psql.one values ('x')",
        )
        second = run(parameters, *PSQL, "-1", "-c", "insert into psql.one values (2)", "-c", "select 1; select 2")
        return first, second, succeed(parameters, *PSQL, "-Atc", "table psql.one")

    first, _, rows = same(scenario)
    assert (first[0], rows) == (1, "2\n")


def test_copy_in_and_out_of_files_keeps_every_byte(same, tmp_path):  # noqa: F811
    source = tmp_path / "in.csv"
    source.write_text("".join(f'{i},"row {i} ü 😀 {"x" * (i % 300)}"\n' for i in range(20_000)))

    def scenario(parameters):
        out = tmp_path / "out.csv"
        script = FRESH + (
            "create table f (id int, t text);\n"
            f"\\copy f from '{source}' with (format csv)\n"
            f"\\copy (select * from f order by id) to '{out}' with (format csv, force_quote (t))\n"
            f"\\copy f from '{source}' with (format binary)\n"
            f"\\copy f from '{tmp_path}/missing'\n"
            "select count(*), md5(string_agg(t, '' order by id)) from f;\n"
        )
        code, output, errors = psql(parameters, script, "-At")
        return code, output, errors, hashlib.sha256(out.read_bytes()).hexdigest()

    _, output, errors, digest = same(scenario)
    assert output.startswith("20000|")
    assert "COPY file signature not recognized" in errors
    assert digest == hashlib.sha256(source.read_bytes()).hexdigest()


def test_large_objects_come_back_from_the_server_as_they_went(same, tmp_path):  # noqa: F811
    source = tmp_path / "object"
    source.write_bytes(bytes(range(256)) * 3000)

    def scenario(parameters):
        out = tmp_path / "object.out"
        script = (
            f"\\lo_import '{source}' 'a comment'\nselect :LASTOID as o \\gset\n"
            f"\\lo_export :o '{out}'\n"
            "select length(lo_get(:o)), md5(lo_get(:o)), obj_description(:o, 'pg_largeobject');\n"
            "\\lo_unlink :o\n\\lo_unlink 1\n"
        )
        code, output, errors = psql(parameters, script, "-At")
        return code, re.sub(r"lo_import \d+", "lo_import", output), errors, out.read_bytes() == source.read_bytes()

    _, output, errors, equal = same(scenario)
    assert "768000|" in output and "a comment" in output
    assert "large object 1 does not exist" in errors
    assert equal


def test_an_interrupt_cancels_the_statement(same, postgres):  # noqa: F811
    def scenario(parameters):
        process = subprocess.Popen(
            [*PSQL, "-At"], env=environment(parameters), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        try:
            process.stdin.write("select 'begun';\nselect pg_sleep(60);\n")
            process.stdin.close()
            process.stdin = None
            with postgres.superuser(autocommit=True) as watcher:
                asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and usename = 'app'"
                until(lambda: watcher.execute(asleep).fetchone()[0], 15, "the sleep")
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait(5)
        return process.returncode, output, errors

    _, output, errors = same(scenario)
    assert "57014: canceling statement due to user request" in errors
    assert output == "begun\n"
