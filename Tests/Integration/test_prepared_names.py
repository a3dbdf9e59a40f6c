"""Names of statements, portals and cursors: one map for SQL and protocol, changed as the server answers."""

import psycopg
import pytest
from support.gateway import Gateway
from support.matrix import Denials, assert_same, log_in, log_in_direct, play
from support.policies import CLASSES, allow, role
from support.wire import COPY_DONE, FLUSH, SYNC, bind, close, copy_data, describe, error_fields, execute, parse, query

ROLES = {"app": role([allow(CLASSES, "public.*", name="all")]), "free": role("unrestricted")}


def use(name="", portal=""):
    """Bind, Describe, Execute."""
    return bind([], portal, name) + describe("P", portal) + execute(portal)


def batch(*messages):
    return b"".join(messages) + SYNC, "Z"


def sql(text):
    return query(text), "Z"


ONE, TWO = "select 1 as one", "select 2 as two"
SEQUENCES = {
    "a name many times": [batch(parse(ONE, "s")), batch(use("s"), use("s"), use("s", "p")), batch(use("s"))],
    "a name that is used before its answer": [batch(parse(ONE, "s"), use("s"), close("S", "s"), use("s"))],
    "a name that changes its text": [
        batch(parse(ONE, "s"), use("s"), close("S", "s"), parse(TWO, "s"), use("s")),
        batch(use("s")),
    ],
    "a name that is taken": [batch(parse(ONE, "s")), batch(parse(TWO, "s")), batch(use("s"))],
    "the unnamed statement": [batch(parse(ONE)), batch(use()), batch(parse(TWO)), batch(use())],
    "the unnamed statement after a Query": [batch(parse(ONE)), sql("select 3"), batch(use())],
    "the unnamed statement after a failed Parse": [batch(parse(ONE)), batch(parse("select nothing")), batch(use())],
    "the unnamed statement after an empty one": [batch(parse("")), batch(use())],
    "a failed Parse takes no name": [
        batch(parse("select nothing", "s")), batch(use("s")), batch(parse(ONE, "s"), use("s")),
    ],
    "a skipped Parse takes no name": [
        batch(parse("select 1 / 0"), use(), parse(ONE, "s")),
        batch(use("s")),
        batch(parse(TWO, "s"), use("s")),
    ],
    "a skipped Close forgets no name": [
        batch(parse(ONE, "s")),
        batch(parse("select 1 / 0"), use(), close("S", "s")),
        batch(use("s")),
    ],
    "a Parse of a rolled back transaction stays": [
        sql("begin"), batch(parse(ONE, "s")), sql("select 1 / 0"), sql("rollback"), batch(use("s")),
    ],
    "a Parse of a rolled back pipeline stays": [batch(parse(ONE, "s"), parse("select 1 / 0"), use()), batch(use("s"))],
    "Close of nothing": [batch(close("S", "nobody"), close("P", "nobody"))],
    "Describe": [batch(parse("select $1::int as x", "s"), describe("S", "s")), batch(describe("S", "s"))],
    "PREPARE, then Bind": [sql(f"prepare s as {ONE}"), batch(use("s")), batch(describe("S", "s"))],
    "PREPARE, then Bind, in one pipeline": [
        batch(parse(f"prepare s as {ONE}"), use(), use("s"), parse("execute s"), use()),
    ],
    "Parse, then EXECUTE": [batch(parse(ONE, "s")), sql("execute s"), sql("select 1; execute s")],
    "PREPARE, then PREPARE": [sql(f"prepare s as {ONE}"), sql(f"prepare s as {TWO}"), sql("execute s")],
    "PREPARE and EXECUTE in one Query": [sql(f"prepare s as {ONE}; execute s; deallocate s"), sql("execute s")],
    "PREPARE with parameters": [sql("prepare s (int) as select $1 + 1"), sql("execute s (2)"), sql("execute s ('x')")],
    "PREPARE that fails": [sql("prepare s as select nothing"), sql("execute s"), sql(f"prepare s as {ONE}; execute s")],
    "PREPARE behind an error": [sql(f"select 1 / 0; prepare s as {ONE}"), sql("execute s")],
    "PREPARE before an error": [sql(f"prepare s as {ONE}; select 1 / 0"), sql("execute s")],
    "PREPARE in a rolled back transaction": [
        sql("begin"), sql(f"prepare s as {ONE}"), sql("rollback"), sql("execute s"),
    ],
    "DEALLOCATE": [batch(parse(ONE, "s")), sql("deallocate s"), batch(use("s")), batch(parse(TWO, "s"), use("s"))],
    "DEALLOCATE, quoted": [batch(parse(ONE, "S")), sql("deallocate s"), sql('deallocate "S"'), batch(use("S"))],
    "DEALLOCATE that is rolled back": [
        batch(parse(ONE, "s")), sql("begin"), sql("deallocate prepare s"), sql("rollback"), batch(use("s")),
    ],
    "DEALLOCATE in a failed transaction": [
        batch(parse(ONE, "s")), sql("begin"), sql("select 1 / 0"), sql("deallocate s"), sql("rollback"),
        batch(use("s")),
    ],
    "DEALLOCATE behind an error": [batch(parse(ONE, "s")), sql("select 1 / 0; deallocate s"), batch(use("s"))],
    "DEALLOCATE before an error": [batch(parse(ONE, "s")), sql("deallocate s; select 1 / 0"), batch(use("s"))],
    "DEALLOCATE ALL": [
        batch(parse(ONE, "s"), parse(TWO, "t")), sql("deallocate all"), batch(use("s")), batch(use("t")),
    ],
    "DISCARD ALL": [batch(parse(ONE, "s")), sql("discard all"), batch(use("s")), batch(parse(TWO, "s"), use("s"))],
    "DISCARD PLANS": [batch(parse(ONE, "s")), sql("discard plans"), batch(use("s"))],
    "DISCARD TEMP": [batch(parse(ONE, "s")), sql("discard temp"), batch(use("s"))],
    "a portal by portions": [
        sql("begin"),
        batch(parse("select generate_series(1, 5)"), bind([], "p"), execute("p", 2)),
        batch(execute("p", 2)), batch(execute("p", 2)), batch(execute("p")), sql("commit"), batch(execute("p")),
    ],
    "a portal ends with its transaction": [batch(parse(ONE), bind([], "p")), batch(execute("p"))],
    "a portal ends with ROLLBACK TO": [
        sql("begin"), sql("savepoint a"), batch(parse(ONE), bind([], "p")), sql("rollback to a"), batch(execute("p")),
        sql("rollback"),
    ],
    "a portal by FETCH": [
        sql("begin"), batch(parse(ONE), bind([], "p")), sql("fetch p"), sql("close p"), sql("commit"),
    ],
    "a cursor by Execute": [sql("begin"), sql(f"declare c cursor for {ONE}"), batch(execute("c")), sql("commit")],
    "a cursor by Describe and Close": [
        sql("begin"), sql(f"declare c cursor for {ONE}"), batch(describe("P", "c"), close("P", "c")), sql("fetch c"),
        sql("rollback"),
    ],
    "a cursor WITH HOLD": [
        sql("begin"), sql(f"declare c cursor with hold for {ONE}"), sql("commit"), sql("fetch c"), batch(execute("c")),
        sql("close all"), sql("fetch c"),
    ],
    "a cursor WITH HOLD that is rolled back": [
        sql("begin"), sql(f"declare c cursor with hold for {ONE}"), sql("rollback"), sql("fetch c"),
    ],
    "a cursor after ROLLBACK TO": [
        sql("begin"), sql("savepoint a"), sql(f"declare c cursor for {ONE}"), sql("rollback to a"), sql("fetch c"),
        sql("rollback"),
    ],
    "MOVE": [sql("begin"), sql(f"declare c cursor for {ONE}"), sql("move c"), sql("fetch prior from c"), sql("commit")],
    "CLOSE ALL": [sql("begin"), sql(f"declare c cursor for {ONE}"), sql("close all"), sql("fetch c"), sql("rollback")],
    "WHERE CURRENT OF": [
        sql("begin"), sql("declare c cursor for select id from ledger for update"), sql("fetch c"),
        sql("update ledger set id = id where current of c"), sql("rollback"),
    ],
    "COPY by a name": [
        batch(parse("copy ledger from stdin", "s")),
        batch(bind([], "", "s"), execute(), copy_data(b"5\n"), COPY_DONE),
        batch(bind([], "", "s"), execute(), copy_data(b"6\n"), COPY_DONE, parse(ONE), use()),
    ],
    "EXPLAIN EXECUTE": [sql(f"prepare s as {ONE}"), sql("explain execute s")],
    "CREATE TABLE AS EXECUTE": [sql(f"prepare s as {ONE}"), sql("create table made as execute s"),
                                sql("select max(one) from made"),
                                sql("drop table made")],
    "Flush between": [
        (parse(ONE, "s") + FLUSH, "1"), (use("s") + FLUSH, "C"), (close("S", "s") + FLUSH, "3"), batch(use("s")),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory, postgres, issuer, authority):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists ledger, made; create table ledger (id int)")
        behind.execute("alter table ledger owner to app")
        folder = tmp_path_factory.mktemp("names")
        process = Gateway(folder, postgres, issuer, authority, roles=ROLES, limits={"prepared": 20})
        yield process, behind
        process.stop()


@pytest.mark.parametrize("user", ROLES)
@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_is_the_servers_own(place, name, user):
    gateway, behind = place
    found = {}
    for through in (False, True):
        behind.execute("truncate ledger; insert into ledger values (1)")
        with log_in(gateway, user) if through else log_in_direct(gateway.postgres) as job:
            found[through] = play(job, SEQUENCES[name] + [sql("select count(*) from ledger"), sql("select 'end'")])
            session = getattr(job, "session", None)
    # Names that nobody has: a role with rules may hear either word.
    unknown = {"26000", "34000"} if user == "app" else set()
    assert_same(found[False], found[True], Denials(user, session), unknown)


def errors_of(messages):
    return [error_fields(body)["C"] for kind, body in messages if kind == "E"]


def prepared(way, number):
    by_sql = way == "PREPARE" or way == "both" and number % 2
    return query(f"prepare s{number} as select 1") if by_sql else parse("select 1", f"s{number}") + SYNC


@pytest.mark.parametrize("way", ["Parse", "PREPARE", "both"])
def test_what_is_closed_makes_room_for_more_names(place, way):
    gateway, _ = place
    with log_in(gateway) as job:
        for number in range(100):
            job.send(prepared(way, number))
            assert errors_of(job.until_ready()) == []
            # The unnamed statement takes no room.
            assert errors_of(play(job, [batch(parse(ONE), use())])) == []
            if number % 10 == 9:
                play(job, [sql("deallocate all")])
            elif number % 10 > 4:
                play(job, [batch(close("S", f"s{number}"))])


@pytest.mark.parametrize("way", ["Parse", "PREPARE", "both"])
def test_a_session_with_too_many_names_ends(place, way):
    gateway, _ = place
    with log_in(gateway) as job:
        for number in range(20):
            job.send(prepared(way, number))
            assert errors_of(job.until_ready()) == []
        job.send(prepared(way, 20))
        fields = job.fatal()
    assert fields["C"] == "53400" and "20 prepared statements" in fields["M"]
    assert fields["M"].endswith(f" (session {job.session})")


def test_a_denied_statement_of_a_pipeline_keeps_the_names_in_order(place, make_gateway):
    """The poison's error and the answers before it say which names are there."""
    gateway = make_gateway(roles={"app": role([allow("read", "public.ledger", name="read")])})
    with log_in(gateway) as job:
        play(job, [batch(parse(ONE, "a"), parse("delete from ledger", "b"), parse(TWO, "c"))])
        assert errors_of(play(job, [batch(use("a"))])) == []
        for name in "bc":
            assert errors_of(play(job, [batch(use(name))]))[0] in ("26000", "42501")
        play(job, [batch(close("S", "a"), parse("delete from ledger", "a"))])
        assert errors_of(play(job, [batch(use("a"))]))[0] in ("26000", "42501")
        assert errors_of(play(job, [batch(parse(TWO, "a"), use("a"))])) == []


def test_psycopg_prepares_and_discards_thousands_of_statements(place):
    gateway, _ = place
    with psycopg.connect(**gateway.plain(), autocommit=True, prepare_threshold=0) as connection:
        connection.prepared_max = 10
        for number in range(500):
            assert connection.execute(f"select %s::int + {number}", (1,)).fetchone() == (number + 1,)
