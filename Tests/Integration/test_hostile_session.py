"""A database server that breaks off or breaks the protocol in the middle of a session."""

import struct

import pytest
from support import fake_postgres as fake
from support import outcomes, wire
from support.hostile import (  # noqa: F401
    SECRET_WORDS, counts, enter, hostile, lets_in, second_server, server,
)
from support.waiting import until

LOST = "the connection to the database was lost"


def after_query(*data, stays=True):
    """A login, and these bytes as the answer to the first message."""

    def behave(peer):
        peer.trust()
        peer.receive()
        peer.send(*data)
        if stays:
            peer.rest()

    return behave


def ask(hostile, server, behaviour):
    server.behaviour = behaviour
    job = enter(hostile, "trusting")
    job.send(wire.query("select 1"))
    return job


def ended(hostile, server, job, state="08006"):
    """The session ends by the gateway's word; the journal has both of its records."""
    with job:
        fields = job.fatal()
    session = outcomes.session_of(fields)
    assert fields["C"] == state, fields
    assert SECRET_WORDS not in str(fields) and "secret_login" not in str(fields)
    records = outcomes.records_of(hostile, session, "session.end")
    events = [record["event"] for record in records if record["event"].startswith("session.")]
    assert events == ["session.start", "session.end"]
    lets_in(hostile, server)
    return fields, records[-1]


def end_reason(hostile, server):
    """How the journal says that the newest session ended."""
    return outcomes.records_of(hostile, server.sessions[-1], "session.end")[-1]["reason"]


# What is broken

BROKEN = {
    "length 0": b"T\0\0\0\0",
    "length 3": b"C\0\0\0\3",
    "2 GiB": b"D\x80\0\0\0",
    "4 GiB": b"T\xff\xff\xff\xff",
    "1 GiB": b"d" + struct.pack(">I", 0x40000000),
    "an empty tag": wire.message("C"),
    "ReadyForQuery of 4": b"Z\0\0\0\4",
    "ReadyForQuery of 6": b"Z\0\0\0\6II",
    "an unknown status": fake.ready(b"?"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_answer_that_breaks_the_protocol_ends_the_session(hostile, server, what):
    fields, record = ended(hostile, server, ask(hostile, server, after_query(BROKEN[what])))
    assert fields["M"].startswith(f"{LOST} (")
    assert record["reason"].startswith("upstream protocol violation")


def test_what_came_before_the_break_is_delivered(hostile, server):
    with ask(hostile, server, after_query(fake.rows("first"), b"T\0\0\0\0")) as job:
        assert wire.first_columns(job.until_ready()) == ["first"]
        assert job.fatal()["C"] == "08006"


@pytest.mark.parametrize("data", [b"", fake.rows("x")[:40], b"T", b"T\0\0"], ids=["nothing", "rows", "byte", "header"])
def test_a_server_that_closes_without_a_word_is_reported(hostile, server, data):
    _, record = ended(hostile, server, ask(hostile, server, after_query(data, stays=False)))
    assert record["reason"] == "upstream lost"


def test_a_server_that_closes_while_the_session_is_idle_is_reported(hostile, server):
    server.behaviour = lambda peer: peer.trust()
    _, record = ended(hostile, server, enter(hostile, "trusting"))
    assert record["reason"] == "upstream lost"


def test_no_error_is_put_into_the_middle_of_a_row(hostile, server):
    """The job would read it as the row's contents: here the end of the connection says it all."""
    half = fake.row("x" * 100_000)[:50_000]
    with ask(hostile, server, after_query(half, stays=False)) as job:
        assert job.rest() == half
    assert end_reason(hostile, server) == "upstream lost"
    lets_in(hostile, server)


def test_a_servers_fatal_error_is_the_last_word(hostile, server):
    goodbye = fake.failure("terminating connection", "57P01")
    with ask(hostile, server, after_query(goodbye, stays=False)) as job:
        assert job.rest() == goodbye
    assert end_reason(hostile, server) == "server error 57P01"
    lets_in(hostile, server)


# What must not change


@pytest.mark.parametrize("value", ["LATIN1", "SQL_ASCII", "", "utf8", "UTF8X"])
@pytest.mark.parametrize("behind", [False, True])
def test_another_client_encoding_ends_the_session(hostile, server, value, behind):
    answer = fake.rows("1")
    change = fake.parameter("client_encoding", value)
    data = [answer[:-6], change, answer[-6:]] if behind else [change, answer]
    fields, record = ended(hostile, server, ask(hostile, server, after_query(*data)), "42501")
    assert "client_encoding" in fields["M"]
    assert record["reason"] == "setting client_encoding changed"
    # Where the statement is still under way the server is told to leave it.
    until(lambda: len(server.cancels) == 1, what="a cancel request")


def test_another_client_encoding_right_behind_the_login_ends_the_session(hostile, server):
    def behave(peer):
        peer.startup()
        peer.send(
            fake.authentication(0), fake.parameter("client_encoding", "UTF8"), fake.key(), fake.ready(),
            fake.parameter("client_encoding", "LATIN1"), fake.ready(),
        )
        peer.rest()

    server.behaviour = behave
    ended(hostile, server, enter(hostile, "trusting"), "42501")


def test_the_same_client_encoding_again_passes(hostile, server):
    answer = fake.parameter("client_encoding", "UTF8") + fake.rows("1")
    with ask(hostile, server, after_query(answer)) as job:
        assert job.exactly(len(answer)) == answer


# What is only strange, and passes

STRANGE = {
    "an unknown message": wire.message("~", b"what is this"),
    "an unknown message without a body": wire.message("\xff"),
    "an unknown message of 1 MB": wire.message("q", b"x" * 1_000_000),
    "an error without SQLSTATE": wire.message("E", b"SERROR\0Mno state\0\0"),
    "an error without fields": wire.message("E", b"\0"),
    "an error without anything": wire.message("E"),
    "an error without an end": wire.message("E", b"VFATAL"),
    "an error of 200 kB": wire.message("E", b"SERROR\0M" + b"x" * 200_000 + b"\0\0"),
    "an unknown parameter": fake.parameter("extension.parameter", "x" * 5000),
    "a parameter without its value": wire.message("S", b"client_encodin\0"),
    "a parameter without an end": wire.message("S", b"client_encoding"),
    "a parameter that is empty": wire.message("S"),
    "a tag without text": wire.message("C", b"\0"),
    "a tag with a huge number": wire.message("C", b"SELECT 99999999999999999999999999\0"),
    "a tag that is all number": wire.message("C", b"12345\0"),
    "another ReadyForQuery": fake.ready(),
    "a notification": wire.message("A", struct.pack(">I", 1) + b"channel\0payload\0"),
    "a second login": fake.authentication(0),
    "a password request": fake.authentication(3),
    "a cancel key": fake.key(),
    "negotiation": wire.message("v", struct.pack(">II", 0x00030000, 0)),
    "a row of NULs": fake.row(b"\0" * 300_000),
}


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("size", [None, 1])
def test_strange_messages_pass_byte_for_byte(hostile, server, what, size):
    data = STRANGE[what] + fake.rows("after") + fake.failure("still here", "22000", "ERROR") + fake.ready(b"E")

    def behave(peer):
        peer.trust()
        peer.receive()
        # The head, where the decisions fall, comes byte by byte, the rest in one piece.
        if size:
            peer.send_bytewise(data[:60])
        peer.send(data[60:] if size else data)
        peer.serve()

    with ask(hostile, server, behave) as job:
        assert job.exactly(len(data)) == data
        assert job.ask("select 1") == ["1"]
    lets_in(hostile, server)


@pytest.mark.parametrize(
    "behind",
    [
        wire.message("N", b"SNOTICE\0VNOTICE\0C00000\0Mlate\0\0"),
        fake.parameter("application_name", "x") + wire.message("N", b"SNOTICE\0Mhalf")[:9],
        wire.message("~", b"unknown"),
        b"N",
        b"N\0\0",
    ],
    ids=["notice", "parameter and half a notice", "unknown", "byte", "header"],
)
def test_what_comes_right_behind_the_login_is_delivered_intact(hostile, server, behind):
    whole = wire.message("N", b"SNOTICE\0Mhalf\0\0")
    rest = {1: whole[1:], 3: whole[3:]}.get(len(behind), whole[9:] if behind.endswith(b"SNOT") else b"")

    def behave(peer):
        peer.startup()
        peer.send(
            fake.authentication(0), *(fake.parameter(*pair) for pair in fake.PARAMETERS.items()), fake.key(),
            fake.ready(), behind,
        )
        peer.receive()
        peer.send(rest, fake.rows("1"))
        peer.rest()

    server.behaviour = behave
    with enter(hostile, "trusting") as job:
        job.send(wire.query("select 1"))
        expected = behind + rest + fake.rows("1")
        assert job.exactly(len(expected)) == expected


def test_a_job_that_leaves_ends_a_server_that_never_answers(hostile, server):
    left = []

    def behave(peer):
        peer.trust()
        peer.receive()
        left.append(peer.rest())

    job = ask(hostile, server, behave)
    job.send(wire.TERMINATE)
    job.close()
    until(lambda: left, 10, "the end of the upstream connection")
    assert end_reason(hostile, server) in ("terminated", "connection lost")
    lets_in(hostile, server)


def test_the_journal_of_all_this_verifies(hostile):
    assert sum(outcomes.journal.verify(hostile.journal_folder).values()) > 3
