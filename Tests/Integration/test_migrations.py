"""Real migration tools through `postern exec`, each with a role of the shipped policies, each with one step too far."""

import glob
import os
import re
import shutil
import sys

import pytest
from support import jobs, journal
from support.shipped import Shipped

HERE = os.path.dirname(os.path.abspath(__file__))
DENIED = "permission denied by policy: DROP TABLE on"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory, postgres, authority):
    made = Shipped(tmp_path_factory.mktemp("shipped"), postgres, authority)
    yield made
    made.stop()


@pytest.fixture
def folder(tmp_path, shipped):
    """The tools' projects, where tools may write beside them, and an empty database."""
    shipped.empty()
    shutil.copytree(f"{HERE}/support/migrations", tmp_path / "projects")
    return tmp_path / "projects"


def fetch(shipped, text):
    with shipped.sql() as connection:
        return connection.execute(text).fetchall()


def columns(shipped, table):
    return [name for (name,) in fetch(
        shipped, f"select column_name from information_schema.columns where table_name = '{table}' order by ordinal_position"
    )]  # fmt: skip


def succeed(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refuse(done, rule_file):
    """The tool shows Postern's error, with the rule and what to do, and fails."""
    words = re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert done.returncode != 0 and DENIED in words, words
    assert re.search(rf"no-drop at \S*{rule_file}:\d", words) and "by hand with a reviewer" in words, words
    assert "1 denied" in done.stderr and "denied: DROP TABLE on" in done.stderr, done.stderr
    return words


def test_psql_scripts(shipped, folder):
    def migrate(name):
        return jobs.run(
            shipped.job("orders_migrator"), "psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", f"{folder}/psql/{name}.sql",
            options=["--guard", "public.orders"],
        )

    succeed(migrate("0001"))
    done = migrate("0002")
    succeed(done)
    assert re.search(r"guard: public.orders +2 +2 +0  kept", done.stderr)
    refuse(migrate("0003"), "orders.yaml")
    assert columns(shipped, "orders") == ["id", "customer", "note"] and columns(shipped, "order_lines")


def test_alembic(shipped, folder):
    url = "SQLALCHEMY_URL=postgresql+psycopg://{user}:{password}@127.0.0.1:{port}/{database}"

    def upgrade(revision):
        command = [sys.executable, "-m", "alembic", "-c", f"{folder}/alembic/alembic.ini", "upgrade", revision]
        return jobs.run(shipped.job("orders_migrator"), *command, options=["--env", url])

    succeed(upgrade("0001"))
    succeed(upgrade("0002"))
    assert fetch(shipped, "select version_num from alembic_version") == [("0002",)]
    assert fetch(shipped, "select customer, note from orders order by id") == [("ada", "first"), ("grace", None)]
    assert "sqlalchemy.exc.ProgrammingError" in refuse(upgrade("head"), "orders.yaml")
    assert fetch(shipped, "select version_num from alembic_version") == [("0002",)]
    assert columns(shipped, "orders") == ["id", "customer", "placed", "note"] and columns(shipped, "order_lines")


def test_django(shipped, folder):
    def manage(*arguments):
        job = shipped.job("orders_django", token=shipped.token(repository_id="123460"))
        return jobs.run(job, sys.executable, f"{folder}/django/manage.py", *arguments)

    assert "Applying shop.0002_note... OK" in succeed(manage("migrate", "shop", "0002"))
    succeed(manage("migrate", "auth"))
    assert fetch(shipped, "select customer, note from shop_order") == [("ada", "first")]
    assert "[ ] 0003_drop" in succeed(manage("showmigrations", "shop"))
    assert "django.db.utils.ProgrammingError" in refuse(manage("migrate"), "django.yaml")
    assert "unwanted" not in columns(shipped, "shop_order") and columns(shipped, "shop_orderline")
    assert fetch(shipped, "select name from django_migrations where app = 'shop' order by id") == [
        ("0001_initial",), ("0002_note",),
    ]


def make_registry(shipped):
    (script,) = glob.glob("/usr/share/perl5/App/Sqitch/Engine/pg.sql")
    with shipped.sql() as connection:
        with open(script) as file:
            text = file.read().replace(':"registry"', "sqitch").replace(":tableopts", "")
        connection.execute(re.sub(r"--.*", "", text))
        connection.execute("insert into sqitch.releases (version, installer_name, installer_email) values (1.1, 'Ada', 'a@b')")
        connection.execute("grant usage on schema sqitch to orders_sqitch")
        connection.execute("grant select, insert, update, delete on all tables in schema sqitch to orders_sqitch")


def test_sqitch(shipped, folder):
    def sqitch(*arguments):
        job = shipped.job(
            "orders_sqitch", token=shipped.token(repository_id="123461"), HOME=str(folder),
            SQITCH_FULLNAME="Ada", SQITCH_EMAIL="ada@example.com",
        )
        return jobs.run(job, "sqitch", *arguments, "db:pg:", cwd=f"{folder}/sqitch")

    # Without its registry sqitch runs a DO block, which no rule lets through: an administrator makes it once.
    done = sqitch("deploy")
    assert done.returncode != 0 and "permission denied by policy: DO" in done.stderr, done.stderr
    make_registry(shipped)
    succeed(sqitch("deploy", "--verify", "--to", "@v1"))
    assert fetch(shipped, "select change from sqitch.changes order by committed_at") == [("orders",), ("lines",)]
    assert "Undeployed change:" in re.sub(r"\s+", " ", sqitch("status").stdout).replace("changes", "change")
    refuse(sqitch("deploy", "--verify"), "sqitch.yaml")
    assert fetch(shipped, "select change from sqitch.changes order by committed_at") == [("orders",), ("lines",)]
    assert columns(shipped, "orders") == ["id", "customer"] and columns(shipped, "order_lines")


def test_pg_dump_and_pg_restore(shipped, folder):
    archive = f"{folder}/archive"
    for name in ("0001", "0002"):
        succeed(jobs.run(shipped.job("orders_migrator"), "psql", "-Xqf", f"{folder}/psql/{name}.sql"))
    dump = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-subscriptions", f"--file={archive}"]
    # The timetable's job dumps, and people start the restore.
    backup = shipped.job("orders_backup", token=shipped.token(repository_id="123462", event_name="schedule"))
    succeed(jobs.run(backup, *dump))
    hand = {"repository_id": "123462", "event_name": "workflow_dispatch"}
    before = fetch(shipped, "select * from orders order by id")
    restore = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "-dorders"]

    def put_back(*options):
        return jobs.run(shipped.job("orders_restore", token=shipped.token(**hand)), *restore, *options, archive)

    shipped.empty()
    succeed(put_back())
    assert fetch(shipped, "select * from orders order by id") == before
    # A restore that begins by dropping what is there is denied, and leaves all of it.
    done = put_back("--clean")
    assert done.returncode != 0 and DENIED in done.stderr and "no-drop at" in done.stderr, done.stderr
    assert fetch(shipped, "select * from orders order by id") == before
    with shipped.sql() as connection:
        connection.execute("set role orders_restore; insert into orders (customer) values ('next')")
        assert connection.execute("select max(id) from orders").fetchone() == (3,)


def test_the_journal_knows_each_tool_and_nothing_was_unparsed(shipped):
    decisions = journal.records(shipped.gateway.journal_folder, "statement.decision")
    sessions = journal.records(shipped.gateway.journal_folder, "session.start")
    assert {record["role"] for record in sessions} >= {"orders_migrator", "orders_django", "orders_sqitch", "orders_restore"}
    assert all("tag" in record for record in decisions)
    assert journal.records(shipped.gateway.journal_folder, "guard.result")
