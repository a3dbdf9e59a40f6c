"""psycopg2 sees the same through the gateway as without it."""

import collections
import hashlib
import io
import select
import time

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import pytest
from support.clients import diagnostics, same  # noqa: F401
from support.waiting import until


def wait(connection, seconds=20):
    """Drives an asynchronous connection until it has nothing left to do."""
    end = time.monotonic() + seconds
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        sets = ([connection], []) if state == psycopg2.extensions.POLL_READ else ([], [connection])
        ready = select.select(*sets, [], max(0, end - time.monotonic()))
        assert any(ready), "the server said nothing in time"


def failure(execute, *arguments):
    """What the server says when `execute` fails: the exception's class, its text and all its fields."""
    with pytest.raises(psycopg2.Error) as caught:
        execute(*arguments)
    return type(caught.value).__name__, str(caught.value), diagnostics(caught.value)


@pytest.fixture
def connect():
    """Connects, and closes what was connected: psycopg2's own `with` ends the transaction only."""
    made = []

    def make(parameters, **options):
        made.append(psycopg2.connect(**parameters, **options))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


@pytest.mark.parametrize("size", [0, 1, 8192, 5_000_000])
def test_a_large_object_is_written_sought_read_and_truncated(same, connect, size):  # noqa: F811
    content = bytes(range(256)) * (size // 256) + bytes(range(size % 256))

    def scenario(parameters):
        connection = connect(parameters)
        made = connection.lobject(0, "wb")
        written = [made.write(content[start : start + 700_000]) for start in range(0, size, 700_000)]
        made.close()
        opened = connection.lobject(made.oid, "rwb")
        whole = hashlib.sha256(opened.read()).hexdigest()
        places = [opened.seek(0, 2), opened.seek(size // 2), opened.tell()]
        opened.write(b"middle")
        opened.seek(-6, 1)
        middle = opened.read(6)
        opened.truncate(3)
        opened.seek(0)
        rest = opened.read()
        # Beyond 2 GiB only the 64-bit functions reach; the object stays sparse.
        far = opened.seek(3 * 2**30)
        opened.write(b"far")
        end = opened.tell()
        opened.unlink()
        gone = failure(connection.lobject, 1, "rb")
        connection.rollback()
        return sum(written), whole, places, middle, len(rest), far, end, gone

    total, whole, places, middle, rest, far, end, gone = same(scenario)
    assert (total, whole) == (size, hashlib.sha256(content).hexdigest())
    assert (places, middle, rest) == ([size, size // 2, size // 2], b"middle", 3)
    assert (far, end) == (3 * 2**30, 3 * 2**30 + 3)
    assert "large object 1 does not exist" in gone[1]


def test_a_failed_function_call_fails_the_transaction_and_no_more(same, connect):  # noqa: F811
    def scenario(parameters):
        connection = connect(parameters)
        cursor = connection.cursor()
        cursor.execute("savepoint s")
        missing = failure(connection.lobject, 1, "rb")
        failed = failure(cursor.execute, "select 1")
        cursor.execute("rollback to s")
        made = connection.lobject(0, "w")
        made.write("text ü")
        read = connection.lobject(made.oid, "r").read()
        connection.rollback()
        cursor.execute("select 'alive'")
        return missing, failed, read, cursor.fetchone()

    missing, failed, read, alive = same(scenario)
    assert failed[2]["sqlstate"] == "25P02"
    assert (read, alive) == ("text ü", ("alive",))


def test_large_objects_are_imported_and_exported(same, connect, tmp_path):  # noqa: F811
    source = tmp_path / "source"
    source.write_bytes(bytes(range(255, -1, -1)) * 5000)

    def scenario(parameters):
        connection = connect(parameters)
        connection.lobject(0, "n", 0, str(source)).export(str(tmp_path / "copy"))
        connection.rollback()
        return (tmp_path / "copy").read_bytes() == source.read_bytes()

    assert same(scenario) is True


def test_an_asynchronous_connection_logs_in_runs_and_hears(same):  # noqa: F811
    def scenario(parameters):
        connection = psycopg2.connect(**parameters, async_=True)
        try:
            wait(connection)
            cursor = connection.cursor()
            results = []
            for query in ("select 1", "listen psycopg2_news", "select repeat('x', 3000000)", "select 1 / 0", "select 2"):
                cursor.execute(query)
                try:
                    wait(connection)
                    results.append(cursor.fetchall() if cursor.description else cursor.statusmessage)
                except psycopg2.Error as error:
                    results.append((diagnostics(error), str(error)))
            cursor.execute("select pg_backend_pid()")
            wait(connection)
            # The gateway names the session by a process id of its own; notifications carry the server's.
            (pid,) = cursor.fetchone()
            cursor.execute("select pg_notify('psycopg2_news', n::text) from generate_series(1, 300) n")
            wait(connection)
            until(lambda: connection.poll() == psycopg2.extensions.POLL_OK and len(connection.notifies) == 300, 10)
            heard = [(n.channel, n.payload, n.pid == pid) for n in connection.notifies]
            return results, heard
        finally:
            connection.close()

    results, heard = same(scenario)
    assert results[2] == [("x" * 3_000_000,)]
    assert results[3][0]["sqlstate"] == "22012"
    assert heard == [("psycopg2_news", str(n), True) for n in range(1, 301)]


def test_an_asynchronous_statement_can_be_cancelled(same, postgres):  # noqa: F811
    def scenario(parameters):
        connection = psycopg2.connect(**parameters, async_=True)
        try:
            wait(connection)
            cursor = connection.cursor()
            cursor.execute("select pg_sleep(30)")
            with postgres.superuser(autocommit=True) as watcher:
                asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and usename = 'app'"
                until(lambda: watcher.execute(asleep).fetchone()[0], 10, "the sleep")
            connection.cancel()
            error = failure(wait, connection)
            cursor.execute("select 'alive'")
            wait(connection)
            return error, cursor.fetchone()
        finally:
            connection.close()

    error, alive = same(scenario)
    assert (error[2]["sqlstate"], alive) == ("57014", ("alive",))


def test_copy_expert_goes_both_ways(same, connect):  # noqa: F811
    text = "".join(f'{n},"line {n} ""ü😀"""\n' for n in range(100_000))

    def scenario(parameters):
        cursor = connect(parameters).cursor()
        cursor.execute("create temporary table c (n int primary key, t text)")
        cursor.copy_expert("copy c from stdin with (format csv)", io.StringIO(text))
        rows, out = cursor.rowcount, io.StringIO()
        cursor.copy_expert("copy (select * from c order by n) to stdout with (format csv, force_quote (t))", out)
        again = failure(cursor.copy_expert, "copy c from stdin with (format csv)", io.StringIO(text))
        return rows, hashlib.sha256(out.getvalue().encode()).hexdigest(), again

    rows, digest, again = same(scenario)
    assert (rows, digest) == (100_000, hashlib.sha256(text.encode()).hexdigest())
    assert again[2]["context"] == "COPY c, line 1"


def test_notices_and_notifications_come_in_order(same, connect):  # noqa: F811
    def scenario(parameters):
        connection = connect(parameters)
        connection.autocommit = True
        # By default the driver keeps the last fifty.
        connection.notices = collections.deque()
        cursor = connection.cursor()
        cursor.execute("listen a; listen b")
        cursor.execute("do $$ begin for i in 1..3000 loop raise warning 'w %', i using hint = 'h'; end loop; end $$")
        cursor.execute("select pg_notify('a', '1'); select pg_notify('b', '2'); notify a, '3'")
        connection.poll()
        return list(connection.notices), [(n.channel, n.payload) for n in connection.notifies]

    notices, heard = same(scenario)
    assert notices == [f"WARNING:  w {n}\nHINT:  h\n" for n in range(1, 3001)]
    assert heard == [("a", "1"), ("b", "2"), ("a", "3")]


def test_cursors_values_and_two_phase_commit(same, connect):  # noqa: F811
    def scenario(parameters):
        connection = connect(parameters)
        with connection.cursor("portions") as named:
            named.itersize = 33
            named.execute("select n, md5(n::text) from generate_series(1, 500) n")
            rows = list(named)
        cursor = connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
        cursor.execute("create temporary table v (a int, b text, c bytea)")
        psycopg2.extras.execute_values(
            cursor, "insert into v values %s", [(n, "x" * n, bytes([n % 256]) * n) for n in range(400)]
        )
        cursor.execute("select count(*), sum(length(b)) as b, sum(length(c)) as c from v")
        sums = dict(cursor.fetchone())
        connection.rollback()
        connection.tpc_begin(connection.xid(7, "psycopg2", "branch"))
        connection.cursor().execute("select 1")
        connection.tpc_prepare()
        connection.tpc_rollback()
        return rows, sums, [str(xid) for xid in connection.tpc_recover()]

    rows, sums, left = same(scenario)
    assert len(rows) == 500 and sums == {"count": 400, "b": 79800, "c": 79800} and left == []
