"""The same messages around the gateway and through it: a denied statement must come to what a syntax error comes to."""

import os
import re
import socket

import psycopg

from . import wire
from .wire import Wire, error_fields

# What stands direct where the gateway gets the denied statement.
NATIVE = "postern_native_syntax_error"
NATIVE_CALL = f"{NATIVE}_for_a_call"


class Denied:
    """What the gateway is to deny."""

    @staticmethod
    def text(sql):
        return sql

    @staticmethod
    def call(oid, *arguments):
        return wire.function_call(oid, *arguments)


class Native:
    """A syntax error in its place."""

    @staticmethod
    def text(sql):
        return NATIVE

    @staticmethod
    def call(oid, *arguments):
        return wire.query(NATIVE_CALL)


class DirectWire(Wire):
    """A connection that libpq has opened; both hold its socket."""

    owner = None

    def close(self):
        super().close()
        self.owner.finish()


def log_in_direct(server, **options):
    """libpq logs in; its socket is then a connection like any other."""
    parameters = server.direct() | {"sslmode": "disable"} | options
    owner = psycopg.pq.PGconn.connect(psycopg.conninfo.make_conninfo(**parameters).encode())
    if owner.status != psycopg.pq.ConnStatus.OK:
        raise AssertionError(owner.error_message)
    job = DirectWire(socket.socket(fileno=os.dup(owner.socket)))
    job.owner = owner
    return job


def log_in(gateway, role="app", token=None, parameters=(), database="app"):
    job = Wire.plain(gateway.plain_port)
    job.log_in(token or gateway.issuer.token(), parameters, user=role, database=database)
    job.session = job.parameters["application_name"][-16:]
    return job


def play(job, steps):
    """Sends each step and reads up to the message types that it is to bring; returns all messages."""
    found = []
    for data, awaited in steps:
        job.send(data)
        for kind in awaited:
            while True:
                found.append(job.receive())
                if found[-1][0] == kind:
                    break
    return found


def kinds(messages):
    """The types of messages; ReadyForQuery with its transaction status."""
    return " ".join(kind + body.decode() if kind == "Z" else kind for kind, body in messages)


def assert_same(direct, through, denials, unknown=()):
    """Equal but for denials in place of syntax errors.

    `unknown`: states of a server's error about a name that it does not know. There the gateway may say so itself, or
    deny; in a failed transaction as well.
    """
    assert kinds(through) == kinds(direct), _errors(through)
    for number, ((kind, there), (_, here)) in enumerate(zip(direct, through, strict=True)):
        assert b"postern_deny" not in here
        if kind == "E":
            native, fields = error_fields(there), error_fields(here)
            if NATIVE_CALL in native["M"]:
                # A function's number has no rule, and in a failed transaction the server is quicker.
                assert fields["C"] in ("42501", "25P02"), fields
            elif NATIVE in native["M"]:
                denials.assert_denial(fields)
            elif native["C"] in unknown and fields["C"] == "42501":
                denials.assert_refusal(fields)
            elif native["C"] in unknown and fields["C"] in unknown:
                assert fields["M"].partition(" (session ")[0] == native["M"] or native["C"] == "25P02", (fields, native)
            else:
                assert fields == native, number
        else:
            assert here == there, f"message {number}, {kind}"


def _errors(messages):
    return [error_fields(body) for kind, body in messages if kind == "E"]


class Denials:
    """What each denial of a session must say."""

    def __init__(self, role, session, rule=None, file="app.yaml"):
        self.role, self.session, self.rule, self.file = role, session, rule, file

    def assert_refusal(self, fields):
        assert (fields["S"], fields["V"], fields["C"]) == ("ERROR", "ERROR", "42501"), fields
        # No position, no context, none of the parser's own file and line.
        assert set(fields) <= set("SVCMDH"), fields
        assert fields["M"].endswith(f" (session {self.session})"), fields

    def assert_denial(self, fields):
        """By a rule, or because there is none."""
        self.assert_refusal(fields)
        assert self.role in fields["D"], fields
        assert (self.rule or "no rule allows") in fields["D"], fields
        assert re.search(rf"{re.escape(self.file)}:\d+", fields["D"]), fields
        assert NATIVE not in str(fields) and "postern_deny" not in str(fields), fields
