"""A denied statement leaves exactly what a syntax error in its place leaves, message by message, on every server."""

import struct

import pytest
from support.gateway import Gateway
from support.matrix import Denials, Denied, Native, assert_same, log_in, log_in_direct, play
from support.policies import allow, role
from support.servers import VERSIONS, databases
from support.wire import COPY_DONE, FLUSH, SYNC, bind, close, copy_data, describe, execute, parse, query

ROLES = {
    "app": role([
        allow("read", "public.ledger", name="read-ledger"),
        allow(["INSERT", "COPY FROM"], "public.ledger", name="add"),
    ])
}  # fmt: skip
DELETE = "delete from ledger"
LO_CREAT = (957, struct.pack(">i", -1))


def run(text, statement="", portal=""):
    """Parse, Bind, Execute."""
    return parse(text, statement) + bind([], portal, statement) + execute(portal)


def insert(number):
    return f"insert into ledger values ({number})"


STATES = {
    "idle": [],
    "transaction": ["begin", insert(1)],
    "failed": ["begin", insert(1), "select 1 / 0"],
    "savepoint": ["begin", insert(1), "savepoint a", insert(2)],
    "rolled back to": ["begin", insert(1), "savepoint a", insert(2), "select 1 / 0", "rollback to a"],
}
# The last one is for cells that leave a message unread: the others then answer one step late.
AFTERMATH = [
    "select 1", "rollback to a", insert(90), "commit", insert(91), "select array_agg(id order by id) from ledger",
    "select 'end'",
]  # fmt: skip

# Name: the messages, each step with what it brings; `d` makes the denied part.
PATTERNS = {
    "Query": lambda d: [(query(d.text(DELETE)), "Z")],
    "Query, EXPLAIN": lambda d: [(query(d.text(f"explain {DELETE}")), "Z")],
    "Query, EXPLAIN ANALYZE": lambda d: [(query(d.text(f"explain analyze {DELETE}")), "Z")],
    "Query, CTE": lambda d: [(query(d.text(f"with x as ({DELETE} returning *) select * from x")), "Z")],
    "Query, DECLARE": lambda d: [(query(d.text("declare c cursor for select * from hidden")), "Z")],
    "Query, COPY TO": lambda d: [(query(d.text("copy hidden to stdout")), "Z")],
    "Query, DO": lambda d: [(query(d.text(f"do $$ begin {DELETE}; end $$")), "Z")],
    "Query, TRUNCATE": lambda d: [(query(d.text("truncate ledger")), "Z")],
    "Query, several": lambda d: [(query(f"{insert(10)}; {d.text(DELETE)}; {insert(11)}"), "Z")],
    "Query, denied first": lambda d: [(query(f"{d.text(DELETE)}; {insert(10)}"), "Z")],
    "Query, denied last": lambda d: [(query(f"{insert(10)}; {d.text(DELETE)}"), "Z")],
    "Query, own transaction": lambda d: [(query(f"begin; {insert(10)}; {d.text(DELETE)}; commit"), "Z")],
    "Query, Query, Query": lambda d: [(query(insert(10)) + query(d.text(DELETE)) + query(insert(11)), "ZZZ")],
    "two Queries": lambda d: [(query(d.text(DELETE)) * 2, "ZZ")],
    "Parse": lambda d: [(parse(d.text(DELETE)) + SYNC, "Z")],
    "Parse, Bind, Execute": lambda d: [(run(d.text(DELETE)) + SYNC, "Z")],
    "Parse with a name": lambda d: [(run(d.text(DELETE), "s", "p") + SYNC, "Z")],
    "Bind on a denied name": lambda d: [
        (parse(d.text(DELETE), "s") + SYNC, "Z"),
        (bind([], "", "s") + execute() + SYNC, "Z"),
    ],
    "Describe of a denied name": lambda d: [
        (parse(d.text(DELETE), "s") + describe("S", "s") + SYNC, "Z"),
        (describe("S", "s") + SYNC, "Z"),
    ],
    "Execute of a denied portal": lambda d: [
        (run(d.text(DELETE), "s", "p") + SYNC, "Z"),
        (execute("p") + SYNC, "Z"),
    ],
    "Execute of an unknown portal": lambda d: [(run(insert(10)) + execute("nobody") + SYNC, "Z")],
    "FunctionCall": lambda d: [(d.call(*LO_CREAT), "Z")],
    "FunctionCall before Sync": lambda d: [(run(insert(10)) + d.call(*LO_CREAT) + SYNC, "E")],
    "FunctionCall among Queries": lambda d: [(query(insert(10)) + d.call(*LO_CREAT) + query(insert(11)), "ZZZ")],
    "pipeline": lambda d: [(run(insert(10)) + run(d.text(DELETE)) + run("select 7") + SYNC, "Z")],
    "pipeline, named": lambda d: [
        (run(insert(10), "i") + parse(d.text(DELETE), "s") + run("select 7", "q") + SYNC, "Z"),
        (bind([], "", "i") + execute() + SYNC, "Z"),
        (bind([], "", "q") + execute() + SYNC, "Z"),
    ],
    "two in a pipeline": lambda d: [
        (run(insert(10)) + run(d.text(DELETE)) + run(d.text("truncate ledger")) + SYNC, "Z"),
    ],
    "two pipelines at once": lambda d: [
        (run(insert(10)) + run(d.text(DELETE)) + SYNC + run(insert(11)) + run(d.text(DELETE)) + SYNC, "ZZ"),
    ],
    "pipelines, one good": lambda d: [
        (run(d.text(DELETE)) + SYNC + run(insert(11)) + SYNC + run(d.text(DELETE)) + SYNC, "ZZZ"),
    ],
    "after an error in the pipeline": lambda d: [
        (run(insert(10)) + run("select 1 / 0") + run(d.text(DELETE)) + run(d.text(DELETE)) + SYNC, "Z"),
    ],
    "before an error in the pipeline": lambda d: [(run(d.text(DELETE)) + run("select 1 / 0") + SYNC, "Z")],
    "everything before Sync": lambda d: [
        (
            run(d.text(DELETE)) + describe("P") + close("S", "s") + FLUSH + query(insert(10)) + query(d.text(DELETE))
            + d.call(*LO_CREAT) + run(insert(11)) + FLUSH + SYNC,
            "Z",
        ),
    ],
    "Flush": lambda d: [(parse(d.text(DELETE)) + FLUSH, "E"), (SYNC, "Z")],
    "Flush, then more": lambda d: [
        (run(insert(10)) + parse(d.text(DELETE)) + FLUSH, "E"),
        (run(insert(11)) + FLUSH + SYNC, "Z"),
    ],
    "neither Flush nor Sync": lambda d: [(run(insert(10)) + parse(d.text(DELETE)), "E"), (SYNC, "Z")],
    "Sync alone after it": lambda d: [(parse(d.text(DELETE)) + SYNC + SYNC + SYNC, "ZZZ")],
    "a name that is taken": lambda d: [
        (parse("select 5", "s") + SYNC, "Z"),
        (parse(d.text(DELETE), "s") + SYNC, "Z"),
        (bind([], "", "s") + execute() + SYNC, "Z"),
    ],
    "a name that was closed": lambda d: [
        (parse("select 5", "s") + SYNC, "Z"),
        (close("S", "s") + parse(d.text(DELETE), "s") + SYNC, "Z"),
        (bind([], "", "s") + execute() + SYNC, "Z"),
    ],
    "the unnamed statement, by Query": lambda d: [
        (parse("select 5") + SYNC, "Z"),
        (query(d.text(DELETE)), "Z"),
        (bind() + execute() + SYNC, "Z"),
    ],
    "the unnamed statement, by Parse": lambda d: [
        (parse("select 5") + SYNC, "Z"),
        (parse(d.text(DELETE)) + SYNC, "Z"),
        (bind() + execute() + SYNC, "Z"),
    ],
    "an open portal": lambda d: [
        (parse("select id from ledger", "s") + bind([], "p", "s") + execute("p", 1) + run(d.text(DELETE)) + SYNC, "Z"),
        (execute("p", 1) + SYNC, "Z"),
    ],
    "PREPARE and EXECUTE": lambda d: [
        (query(d.text(f"prepare x as {DELETE}")), "Z"),
        (query("execute x"), "Z"),
        (bind([], "", "x") + execute() + SYNC, "Z"),
    ],
    "COPY, then denied": lambda d: [
        (query("copy ledger from stdin") + copy_data(b"20\n") + COPY_DONE + query(d.text(DELETE)), "ZZ"),
    ],
    "COPY, then denied before Sync": lambda d: [
        (run("copy ledger from stdin") + copy_data(b"20\n") + COPY_DONE + run(d.text(DELETE)) + SYNC, "Z"),
    ],
    "denied before COPY": lambda d: [
        (run(d.text(DELETE)) + run("copy ledger from stdin") + copy_data(b"20\n") + COPY_DONE + SYNC, "Z"),
    ],
    "denied COPY with its data": lambda d: [
        (query(d.text("copy hidden from stdin")) + copy_data(b"20\n") * 2 + COPY_DONE, "Z"),
    ],
    "denied COPY with its data before Sync": lambda d: [
        (run(d.text("copy hidden from stdin")) + copy_data(b"20\n") + COPY_DONE + SYNC, "Z"),
    ],
    "COPY TO, then denied": lambda d: [(run("copy ledger to stdout") + run(d.text(DELETE)) + SYNC, "Z")],
}  # fmt: skip
# Names that no server has, because their Parse was denied: the server's word and a denial are both right.
UNKNOWN_NAMES = {"26000", "34000", "25P02"}


@pytest.fixture(scope="module", params=VERSIONS)
def place(request, servers, tmp_path_factory, issuer, authority):
    """A server with the tables of these tests, a gateway in front of it, and a connection that looks behind both."""
    server = servers[request.param]
    folder = tmp_path_factory.mktemp("matrix")
    with server.superuser("app", autocommit=True) as behind:
        behind.execute(
            "drop table if exists ledger, hidden; create table ledger (id int); create table hidden (id int);"
            "alter table ledger owner to app; alter table hidden owner to app"
        )
        process = Gateway(folder, server, issuer, authority, roles=ROLES, databases=databases(server))
        try:
            yield process, server, behind
        finally:
            process.stop()


def scenario(state, pattern, denied):
    steps = [(query(text), "Z") for text in STATES[state]]
    return steps + PATTERNS[pattern](denied) + [(query(text), "Z") for text in AFTERMATH]


def start_anew(behind):
    behind.execute("delete from ledger; delete from hidden")
    behind.execute("insert into ledger values (0); insert into hidden values (0)")


def contents(behind):
    return behind.execute(
        "select (select array_agg(id order by id) from ledger), (select array_agg(id) from hidden),"
        " (select count(*) from pg_largeobject_metadata)"
    ).fetchone()


def direct(server, behind, state, pattern):
    start_anew(behind)
    with log_in_direct(server) as job:
        messages = play(job, scenario(state, pattern, Native))
    return messages, contents(behind)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("state", STATES)
def test_a_denial_is_a_syntax_error_in_all_but_its_words(place, state, pattern):
    gateway, server, behind = place
    expected, kept = direct(server, behind, state, pattern)
    start_anew(behind)
    with log_in(gateway) as job:
        found = play(job, scenario(state, pattern, Denied))
        assert_same(expected, found, Denials("app", job.session), UNKNOWN_NAMES)
    assert contents(behind) == kept
    assert 0 in kept[0] and kept[1] == [0]
