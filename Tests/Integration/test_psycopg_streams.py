"""psycopg 3's streams through the gateway: COPY in bulk, notifications, notices, cancels, asyncio."""

import asyncio
import hashlib
import threading

import psycopg
import pytest
from support.clients import diagnostics, same  # noqa: F401
from support.waiting import until

BULK = 50 * 1024 * 1024
LINE = b"%d\t" + b"payload \xc3\xbc " * 12 + b"\n"


def bulk():
    """Pieces of more than 50 MB of COPY text, that end anywhere in a line."""
    sent, number = 0, 0
    while sent < BULK:
        piece = b"".join(LINE % n for n in range(number, number + 4000))
        number += 4000
        sent += len(piece)
        for start in range(0, len(piece), 99_991):
            yield piece[start : start + 99_991]


def test_fifty_megabytes_go_in_and_come_out_by_copy(same):  # noqa: F811
    def scenario(parameters):
        with psycopg.connect(**parameters) as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table bulk (id int, t text)")
            written, read, size = hashlib.sha256(), hashlib.sha256(), 0
            with cursor.copy("copy bulk from stdin") as copy:
                for piece in bulk():
                    written.update(piece)
                    copy.write(piece)
            rows = cursor.rowcount
            with cursor.copy("copy (select * from bulk order by id) to stdout") as copy:
                for piece in copy:
                    read.update(piece)
                    size += len(piece)
            counted = cursor.execute("select count(*), count(distinct id), sum(length(t)) from bulk").fetchone()
            return written.hexdigest(), read.hexdigest(), size, rows, cursor.rowcount, counted

    written, read, size, rows, _, counted = same(scenario)
    assert written == read
    assert size >= BULK
    assert counted[:2] == (rows, rows)


@pytest.mark.parametrize("size", [1, 7, 8191, 65_536, 3_000_000])
def test_copy_rows_of_every_size_are_whole(same, size):  # noqa: F811
    def scenario(parameters):
        with psycopg.connect(**parameters) as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table c (n int, b bytea)")
            with cursor.copy("copy c from stdin (format binary)") as copy:
                copy.set_types(["int4", "bytea"])
                for n in range(3):
                    copy.write_row((n, bytes([n]) * size))
            with cursor.copy("copy c to stdout (format binary)") as copy:
                copy.set_types(["int4", "bytea"])
                return [(n, hashlib.sha256(data).hexdigest()) for n, data in copy.rows()]

    assert same(scenario) == [(n, hashlib.sha256(bytes([n]) * size).hexdigest()) for n in range(3)]


def test_copies_that_fail_leave_a_session_that_works(same):  # noqa: F811
    class Mine(Exception):
        pass

    def copy_in(cursor, statement, *pieces, error=None):
        with pytest.raises((psycopg.Error, Mine)) as caught:
            with cursor.copy(statement) as copy:
                for piece in pieces:
                    copy.write(piece)
                if statement.endswith("to stdout"):
                    list(copy)
                if error:
                    raise error
        fields = diagnostics(caught.value) if isinstance(caught.value, psycopg.Error) else None
        return type(caught.value).__name__, fields

    def scenario(parameters):
        with psycopg.connect(**parameters, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("create temporary table c (n int primary key)")
            seen = [
                copy_in(cursor, "copy c from stdin", b"1\n2\nx\n"),
                copy_in(cursor, "copy c from stdin", b"1\n1\n"),
                copy_in(cursor, "copy c from stdin", b"x\n", *[b"9\n" * 100_000] * 20),
                copy_in(cursor, "copy c from stdin", b"5\n", error=Mine()),
                copy_in(cursor, "copy nothing from stdin"),
                copy_in(cursor, "copy (select 1 / (3 - n) from generate_series(1, 9) n) to stdout"),
            ]
            # Left after the first row: the driver cancels, and what was on its way is thrown away.
            with pytest.raises(Mine):
                with cursor.copy("copy (select generate_series(1, 1000000)) to stdout") as copy:
                    first = bytes(copy.read())
                    raise Mine
            return seen, first, cursor.execute("select count(*) from c").fetchone()

    seen, first, count = same(scenario)
    assert [name for name, _ in seen[:4]] == [
        "InvalidTextRepresentation", "UniqueViolation", "InvalidTextRepresentation", "Mine",
    ]
    assert seen[0][1]["context"].startswith("COPY c, line 3")
    assert (first, count) == (b"1\n", (0,))


def test_notices_keep_all_their_fields_and_their_order(same):  # noqa: F811
    def scenario(parameters):
        heard = []
        with psycopg.connect(**parameters) as connection:
            connection.add_notice_handler(
                lambda diagnostic: heard.append((diagnostic.severity, diagnostic.sqlstate,
                                                 diagnostic.message_primary, diagnostic.message_detail))
            )
            connection.execute("do $$ begin for i in 1..20000 loop raise notice 'n %', i using detail = i * 2; "
                               "end loop; end $$")
            return heard

    heard = same(scenario)
    assert heard == [("NOTICE", "00000", f"n {i}", str(i * 2)) for i in range(1, 20001)]


def test_notifications_reach_an_idle_session(same, postgres):  # noqa: F811
    """The listener sends nothing while thousands of notifications arrive."""

    def scenario(parameters):
        with psycopg.connect(**parameters, autocommit=True) as listener:
            listener.execute("listen psycopg_news")
            assert listener.execute("select 1").fetchone() == (1,)
            with psycopg.connect(**postgres.direct(), autocommit=True) as speaker:
                speaker.execute("select pg_notify('psycopg_news', n || repeat(' ü', 100)) "
                                "from generate_series(1, 5000) n")
                pid = speaker.info.backend_pid
            heard = [(n.channel, n.payload, n.pid == pid) for n in listener.notifies(timeout=20, stop_after=5000)]
            listener.execute("notify psycopg_news, 'own'")
            own = [(n.payload, n.pid) for n in listener.notifies(timeout=10, stop_after=1)]
            server_pid = listener.execute("select pg_backend_pid()").fetchone()[0]
            return heard, own[0][0], own[0][1] == server_pid

    heard, own, own_pid = same(scenario)
    assert heard == [("psycopg_news", f"{n}{' ü' * 100}", True) for n in range(1, 5001)]
    assert (own, own_pid) == ("own", True)


def test_notices_reach_an_idle_session_that_the_server_ends(same, postgres):  # noqa: F811
    """An administrator's termination arrives with its own words, though nothing was asked."""

    def scenario(parameters):
        with psycopg.connect(**parameters, autocommit=True) as connection:
            pid = connection.execute("select pg_backend_pid()").fetchone()[0]
            with postgres.superuser(autocommit=True) as administrator:
                administrator.execute("select pg_terminate_backend(%s)", (pid,))
                until(lambda: not administrator.execute(
                    "select count(*) from pg_stat_activity where pid = %s", (pid,)).fetchone()[0], 10, "the end")
            with pytest.raises(psycopg.OperationalError) as caught:
                connection.execute("select 1")
            return type(caught.value).__name__, diagnostics(caught.value)

    name, fields = same(scenario)
    assert (name, fields["sqlstate"]) == ("AdminShutdown", "57P01")


@pytest.mark.parametrize("safe", [True, False], ids=["cancel_safe", "cancel"])
def test_a_cancel_stops_the_statement_and_not_the_session(same, postgres, safe):  # noqa: F811
    def scenario(parameters):
        with psycopg.connect(**parameters, autocommit=True) as connection:
            pid = connection.execute("select pg_backend_pid()").fetchone()[0]

            def cancel():
                with postgres.superuser(autocommit=True) as watcher:
                    until(lambda: watcher.execute(
                        "select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", (pid,)
                    ).fetchone()[0], 10, "the sleep")
                connection.cancel_safe(timeout=10) if safe else connection.cancel()

            thread = threading.Thread(target=cancel)
            thread.start()
            try:
                with pytest.raises(psycopg.errors.QueryCanceled) as caught:
                    connection.execute("select pg_sleep(30)")
            finally:
                thread.join(20)
            return diagnostics(caught.value), connection.execute("select 'alive'").fetchone()

    fields, alive = same(scenario)
    assert fields["sqlstate"] == "57014"
    assert alive == ("alive",)


def test_a_cancel_that_was_answered_never_strikes_a_later_statement(same):  # noqa: F811
    """A server signals before it closes the cancel's connection, and drivers (pgjdbc, libpq) build on it."""

    def scenario(parameters):
        with psycopg.connect(**parameters, autocommit=True) as connection:
            struck = 0
            for attempt in range(60):
                connection.pgconn.send_query(b"select pg_sleep(%f)" % (attempt % 12 / 4000))
                connection.cancel_safe(timeout=10)
                while connection.pgconn.get_result() is not None:
                    pass
                try:
                    connection.execute("select count(*) from generate_series(1, 50000)")
                    connection.execute("select pg_sleep(0.02)")
                except psycopg.errors.QueryCanceled:
                    struck += 1
            return struck

    assert same(scenario) == 0


def test_many_asyncio_connections_pipeline_listen_and_copy_at_once(same):  # noqa: F811
    async def one(parameters, number):
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
            channel = f"async_{number}"
            await connection.execute(f"listen {channel}")
            async with connection.pipeline():
                cursors = [await connection.execute("select %s::int * 2", (n,)) for n in range(50)]
                doubled = [(await cursor.fetchone())[0] for cursor in cursors]
            await connection.execute(f"create temporary table c_{number} (n int)")
            async with connection.cursor() as cursor:
                async with cursor.copy(f"copy c_{number} from stdin") as copy:
                    for n in range(2000):
                        await copy.write_row((n + number,))
                async with cursor.copy(f"copy c_{number} to stdout") as copy:
                    total = sum([int(row[0]) async for row in copy.rows()])
            await connection.execute("select pg_notify(%s, %s)", (channel, f"to {number}"))
            heard = [n.payload async for n in connection.notifies(timeout=10, stop_after=1)]
            return doubled, total, heard

    async def all_of(parameters):
        return await asyncio.wait_for(asyncio.gather(*(one(parameters, n) for n in range(20))), 60)

    results = same(lambda parameters: asyncio.run(all_of(parameters)))
    assert results == [([n * 2 for n in range(50)], 1999000 + 2000 * k, [f"to {k}"]) for k in range(20)]


def test_what_the_connection_says_of_itself_is_the_same(same):  # noqa: F811
    def scenario(parameters):
        with psycopg.connect(**parameters) as connection:
            names = ("server_version", "server_encoding", "client_encoding", "DateStyle", "IntervalStyle", "TimeZone",
                     "integer_datetimes", "standard_conforming_strings", "is_superuser", "session_authorization",
                     "in_hot_standby", "default_transaction_read_only")
            known = {name: connection.info.parameter_status(name) for name in names}
            connection.execute("set timezone = 'Asia/Tokyo'")
            return known, connection.info.parameter_status("TimeZone"), connection.info.transaction_status.name

    known, changed, _ = same(scenario)
    assert known["server_version"].startswith("15.") and known["session_authorization"] == "app"
    assert changed == "Asia/Tokyo"
