"""pg_dump and pg_restore carry a database through the gateway, large objects and all."""

import re

import pytest
from support.clients import run, same, succeed  # noqa: F401
from support.gateway import Gateway, plain_role
from support.postgres import PASSWORD

LISTENERS = ["plain", "tls", "unix"]

CONTENTS = r"""
create extension if not exists plpgsql;
create schema shop;
create type shop.mood as enum ('sad', 'glad');
create domain shop.positive as int check (value > 0);
create table shop.customers (
    id int generated always as identity primary key, name text not null unique, mood shop.mood default 'glad',
    picture bytea, tags text[], extra jsonb, born date);
create table shop.orders (
    id bigserial primary key, customer int not null references shop.customers, amount shop.positive,
    at timestamptz default '2024-02-29 12:00:00+00');
create table shop.parts (n int, t text) partition by range (n);
create table shop.parts_low partition of shop.parts for values from (0) to (1000);
create table shop.parts_high partition of shop.parts default;
create index on shop.orders (customer) where amount > 10;
create view shop.totals as select customer, sum(amount) from shop.orders group by customer;
create materialized view shop.counted as select count(*) from shop.orders;
create function shop.touch() returns trigger language plpgsql as $$ begin new.at = now(); return new; end $$;
create trigger touch before update on shop.orders for each row execute function shop.touch();
alter table shop.orders enable row level security;
create policy everybody on shop.orders using (true);
comment on table shop.orders is 'it''s "quoted" \ and ü';
insert into shop.customers (name, picture, tags, extra)
    select 'name ' || i || E'\t\\ü😀\n', decode(md5(i::text), 'hex'), array['a', null, '{"' || i], '{"k": [1, null]}'
    from generate_series(1, 2000) i;
insert into shop.orders (customer, amount) select i, i + 5 from generate_series(1, 2000) i;
insert into shop.parts select i, repeat('x', i % 97) from generate_series(1, 5000) i;
refresh materialized view shop.counted;
select lo_from_bytea(900001, decode(repeat('00ff10', 100000), 'hex'));
select lo_from_bytea(900002, '');
comment on large object 900001 is 'three hundred thousand bytes';
"""

CHECKSUMS = r"""
select 'customers', count(*), md5(string_agg(c::text, '|' order by id)) from shop.customers c;
select 'orders', count(*), md5(string_agg(o::text, '|' order by id)) from shop.orders o;
select 'parts', tableoid::regclass::text, count(*), md5(string_agg(t, '|' order by n)) from shop.parts group by 2 order by 2;
select 'objects', oid, md5(lo_get(oid)), obj_description(oid, 'pg_largeobject') from pg_largeobject_metadata order by 2;
select 'sequence', last_value from shop.orders_id_seq;
table shop.counted;
"""


@pytest.fixture(scope="module")
def databases(postgres):
    """`filled` has something of everything; `empty` is for what is restored."""
    with postgres.superuser(autocommit=True) as connection:
        for name in ("filled", "empty"):
            connection.execute(f"create database {name} owner app")
    succeed(postgres.direct(dbname="filled"), "psql", "-Xq", "--set=ON_ERROR_STOP=1", input=CONTENTS)
    yield
    with postgres.superuser(autocommit=True) as connection:
        for name in ("filled", "empty"):
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def emptied(postgres, databases):
    with postgres.superuser(autocommit=True) as connection:
        connection.execute("drop database empty with (force)")
        connection.execute("create database empty owner app")


@pytest.fixture(scope="module")
def other_gateway(tmp_path_factory, postgres, issuer, authority, databases):
    """A gateway with the two databases, and a role for each."""
    def entry(name):
        return {
            "hosts": [f"localhost:{postgres.port}"], "dbname": name, "tls": {"ca_file": authority.ca},
            "logins": {"app": {"password": {"file": "app.password"}}},
        }

    roles = {
        name: plain_role() | {"database": name, "shared_login": True} for name in ("filled", "empty")
    }
    process = Gateway(
        tmp_path_factory.mktemp("dump"), postgres, issuer, authority, roles=roles,
        databases={"filled": entry("filled"), "empty": entry("empty")},
    )
    yield process
    process.stop()


@pytest.fixture(params=LISTENERS)
def there(request, other_gateway):
    """Connection parameters for a database, through one listener."""

    def parameters(name):
        return getattr(other_gateway, request.param)(user=name, dbname=name)

    return parameters


def checksums(parameters):
    return succeed(parameters, "psql", "-XAtq", "--set=ON_ERROR_STOP=1", input=CHECKSUMS)


def plain_dump(parameters, *options):
    text = succeed(parameters, "pg_dump", "--format=plain", *options)
    # Newer minor releases put a random key around the script.
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.M)


def test_a_plain_dump_is_the_same_text(there, postgres, databases):
    direct = plain_dump(postgres.direct(dbname="filled"))
    assert "CREATE TABLE shop.customers" in direct and "lo_create('900001')" in direct
    assert plain_dump(there("filled")) == direct
    inserts = plain_dump(there("filled"), "--inserts", "--rows-per-insert=50", "--schema=shop")
    assert inserts == plain_dump(postgres.direct(dbname="filled"), "--inserts", "--rows-per-insert=50", "--schema=shop")


def test_a_custom_dump_piped_into_restore_brings_everything(there, postgres, emptied):
    code, archive, errors = run(there("filled"), "pg_dump", "--format=custom", "--blobs", input=b"")
    assert (code, errors) == (0, b"")
    code, _, errors = run(
        there("empty"), "pg_restore", "--dbname=empty", "--no-owner", "--exit-on-error", input=archive
    )
    assert (code, errors) == (0, b"")
    expected = checksums(postgres.direct(dbname="filled"))
    assert expected.count("objects|") == 2
    assert checksums(postgres.direct(dbname="empty")) == expected
    assert plain_dump(postgres.direct(dbname="empty")) == plain_dump(postgres.direct(dbname="filled"))


def test_a_parallel_directory_dump_and_restore_share_snapshots(there, postgres, emptied, tmp_path):
    folder = str(tmp_path / "dump")
    succeed(there("filled"), "pg_dump", "--format=directory", "--jobs=3", f"--file={folder}")
    succeed(there("empty"), "pg_restore", "--dbname=empty", "--jobs=3", "--no-owner", "--exit-on-error", folder)
    assert checksums(there("empty")) == checksums(postgres.direct(dbname="filled"))


def test_a_restore_over_what_is_there_has_the_same_errors(there, postgres, databases, tmp_path):
    archive = str(tmp_path / "archive")
    succeed(postgres.direct(dbname="filled"), "pg_dump", "--format=custom", f"--file={archive}")
    command = ("pg_restore", "--dbname=filled", "--single-transaction", archive)
    direct = run(postgres.direct(dbname="filled"), *command)
    assert direct[0] == 1 and 'schema "shop" already exists' in direct[2]
    assert run(there("filled"), *command) == direct


def test_the_dump_needs_no_more_than_the_token(there, postgres, databases):
    """The upstream's password is nowhere in what pg_dump was given or gave."""
    parameters = there("filled")
    assert PASSWORD not in repr(parameters)
    assert PASSWORD not in succeed(parameters, "pg_dump", "--verbose", "--schema-only")


def test_the_other_programs_run(same):  # noqa: F811
    """vacuumdb, reindexdb, clusterdb, createdb and dropdb are clients of their own."""

    def scenario(parameters):
        # vacuumdb takes tables by size; those of one size come in any order.
        return [
            [sorted(part.splitlines()) if isinstance(part, str) else part for part in run(parameters, *command)]
            for command in (
                ("vacuumdb", "--analyze", "--jobs=2", "--table=pg_temp.none", "app"),
                ("vacuumdb", "--analyze-only", "--echo", "app"),
                ("reindexdb", "--schema=public", "--echo", "app"),
                ("clusterdb", "--echo", "app"),
                ("createdb", "--maintenance-db=app", "never"),
                ("dropdb", "--maintenance-db=app", "app"),
            )
        ]

    results = same(scenario)
    assert "permission denied to create database" in results[4][2][0]
    assert "cannot drop the currently open database" in results[5][2][0]
