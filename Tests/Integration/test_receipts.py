"""The receipt of a session and a job's notes, on sessions that began with `_pq_.postern=1`."""

import json
import os
import re
import resource
import shutil
import struct
import subprocess

import pytest
from cryptography.exceptions import InvalidSignature
from support import journal, receipts
from support.gateway import Gateway
from support.matrix import kinds, log_in, play
from support.policies import CLASSES, allow, deny, role
from support.waiting import until
from support.wire import (
    SYNC, TERMINATE, Closed, Wire, bind, close, describe, error_fields, execute, parse, query, startup,
)  # fmt: skip

RULES = [
    allow(CLASSES, "any", name="all"),
    deny("TRUNCATE TABLE", name="no-truncate", message="ask the owner of the table"),
]
ROLES = {
    "app": role(RULES),
    "few": role(RULES, limits={"rows_changed": 10}),
    "observer": role([allow("read", "public.goods")], mode="observe"),
}
OPTION = [("_pq_.postern", "1")]
RECEIPT = "SHOW postern.receipt"


@pytest.fixture(scope="module")
def process(tmp_path_factory, postgres, issuer, authority):
    made = Gateway(tmp_path_factory.mktemp("receipts"), postgres, issuer, authority, roles=ROLES)
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists goods; create table goods (id int); alter table goods owner to app")
    yield made
    made.stop()


def begin(process, user="app", parameters=OPTION):
    return log_in(process, user, parameters=parameters)


def ask(job, process):
    """The receipt, checked."""
    (text,) = job.ask(RECEIPT)
    return receipts.verify(text, process.journal_folder)


def row(body):
    (length,) = struct.unpack_from(">i", body, 2)
    return body[6 : 6 + length].decode()


def test_a_receipt_says_what_the_journal_says(process):
    with begin(process) as job:
        first = ask(job, process)
        assert first["session"] == job.session and first["rows"] == 0 and set(first["statements"].values()) == {0}
        play(job, [(query(text), "Z") for text in (
            "begin", "insert into goods values (1), (2)", "select * from goods", "create table later (id int)",
            "truncate goods", "rollback", "select 1 / 0", "insert into goods values (3); select 2; truncate goods",
            "drop table if exists later", "select json_array('x' returning text null on nothing)",
        )])  # fmt: skip
        play(job, [(parse("select $1::int") + bind([b"1"]) + execute() + SYNC, "Z")])
        found = ask(job, process)
        assert (found["role"], found["gateway"], found["denied"]) == ("app", "gw-test", 3)
        assert found["run"]["repository"] == "acme/app" and found["run"]["id"] == "4711"
        assert found["statements"]["write"] == 1 and found["outcomes"]["error"] == 1 and found["rows"] == 5
        assert [entry["rule"] for entry in found["denials"][:2]] == ["no-truncate", "no-truncate"]
        assert {"object": "public.goods", "classes": ["read", "write"]} in found["objects"]
        # Each is a record of its own, and none of the job's statements.
        again = ask(job, process)
        assert again["statements"] == found["statements"] and again["journal"]["seq"] > found["journal"]["seq"]
    end = until(lambda: ended(process, job), 10, "the session's end")
    assert end["denied"] == 3
    own = [record["event"] for record in journal.of_session(process.journal_folder, job.session)]
    assert own.count("session.receipt") == 3


def ended(process, job):
    found = journal.of_session(process.journal_folder, job.session)
    return found[-1] if found[-1]["event"] == "session.end" else None


def test_observe_counts_what_would_have_been_denied(process):
    with begin(process, "observer") as job:
        job.ask("select count(*) from goods")
        job.ask("select count(*) from pg_stat_activity")
        found = ask(job, process)
        assert (found["would_deny"], found["denied"], found["statements"]["read"]) == (1, 0, 2)


def test_a_changed_receipt_does_not_hold(process):
    with begin(process) as job:
        (text,) = job.ask(RECEIPT)
        with pytest.raises((InvalidSignature, AssertionError)):
            receipts.verify(text.replace('"rows":0', '"rows":1'), process.journal_folder)


# Where it stands among other statements, what is answered, and in which transaction status.
SHAPES = [
    ([query("  show  POSTERN.receipt ;")], "T D C ZI"),
    ([query("begin"), query(RECEIPT), query("commit")], "C ZT T D C ZT C ZI"),
    ([query("begin"), query("select 1 / 0"), query(RECEIPT), query("rollback")], "C ZT E ZE E ZE C ZI"),
    ([query(RECEIPT), query("select 1"), query(RECEIPT)], "T D C ZI T D C ZI T D C ZI"),
    ([parse(RECEIPT), bind(), describe("P"), execute(), SYNC], "1 2 T D C ZI"),
    ([parse(RECEIPT, "r"), describe("S", "r"), bind([], "p", "r"), execute("p"), bind([], "", "r"), execute(),
      close("S", "r"), SYNC], "1 t T 2 D C 2 D C 3 ZI"),
    ([parse(RECEIPT), bind([], "p"), execute("p", 1), execute("p", 1), SYNC], "1 2 D s C ZI"),
    ([parse("select 1"), bind(), execute(), parse(RECEIPT), bind(), execute(), parse("select 2"), bind(), execute(),
      SYNC], "1 2 D C 1 2 D C 1 2 D C ZI"),
    ([parse("select 1 / 0"), bind(), execute(), parse(RECEIPT), bind(), execute(), SYNC], "1 E ZI"),
    ([parse(RECEIPT), bind([b"x"]), execute(), SYNC], "1 E ZI"),
    ([query(f"{RECEIPT}; select 1")], "E ZI"),
    ([query("select 1"), SYNC], "T D C ZI ZI"),
]  # fmt: skip


@pytest.mark.parametrize("user", ["app", "few"])
def test_order_and_status_are_the_servers(process, user):
    for pieces, expected in SHAPES:
        with begin(process, user) as job:
            job.send(*pieces, TERMINATE)
            found = []
            try:
                while True:
                    found.append(job.receive())
            except Closed:
                pass
            assert kinds(found).replace(" N", "") == expected, pieces
            for (kind, body), (_, after) in zip(found, found[1:], strict=False):
                if kind == "D" and after == b"SHOW\0":
                    receipts.verify(row(body), process.journal_folder)
            errors = [error_fields(body)["C"] for kind, body in found if kind == "E"]
            assert set(errors) <= {"22012", "25P02", "42704", "42601", "08P01"}, errors
            assert b"postern_deny" not in b"".join(body for _, body in found)


def test_without_the_option_it_is_a_setting_that_nobody_knows(process):
    for parameters in ([], [("_pq_.other", "1")]):
        job = Wire.plain(process.plain_port)
        with job:
            job.send(startup(parameters, user="app"))
            if parameters:
                assert job.receive()[0] == "v"
            job.give_password(process.issuer.token())
            job.send(query(RECEIPT))
            (error,) = [error_fields(body) for kind, body in job.until_ready() if kind == "E"]
            assert error["C"] == "42704"
            job.send(query("select postern.record('{}')"))
            (error,) = [error_fields(body) for kind, body in job.until_ready() if kind == "E"]
            assert error["C"] in ("3F000", "42883", "42501"), error


@pytest.mark.parametrize("value", ["0", "2", "", "on"])
def test_another_version_of_the_option_is_refused(process, value):
    job = Wire.plain(process.plain_port)
    with job:
        job.send(startup([("_pq_.postern", value)], user="app"))
        error = job.fatal()
        assert error["C"] == "22023" and "`_pq_.postern` must be 1" in error["M"]


def test_notes_are_recorded_as_the_jobs_claims(process):
    with begin(process) as job:
        assert job.ask("select postern.record('{\"step\": \"it''s done\", \"n\": 1.50}')") == ["recorded"]
        note = "select postern.record($$[null]$$)"
        found = play(job, [(parse(note) + bind() + describe("P") + execute() + SYNC, "Z")])
        assert kinds(found) == "1 2 T D C ZI"
        play(job, [(query("begin"), "Z"), (query("select 1 / 0"), "Z")])
        job.send(query("select postern.record('1')"))
        (error,) = [error_fields(body) for kind, body in job.until_ready() if kind == "E"]
        assert error["C"] == "25P02"
        play(job, [(query("rollback"), "Z")])
        for text, state in (
            ("select postern.record('{')", "22P02"), ("select postern.record($1)", "22023"),
            (f"select postern.record('\"{'x' * 4096}\"')", "54000"),
        ):  # fmt: skip
            job.send(query(text))
            (error,) = [error_fields(body) for kind, body in job.until_ready() if kind == "E"]
            assert error["C"] == state and error["M"].endswith(f" (session {job.session})"), error
            assert {"P", "F", "L", "R"}.isdisjoint(error)
        for _ in range(94):
            job.ask("select postern.record('2')")
        job.send(query("select postern.record('2')") * 5)
        states = [error_fields(body)["C"] for _ in range(5) for kind, body in job.until_ready() if kind == "E"]
        # One more was asked for in the failed transaction.
        assert states == ["53400"] * 2
        assert ask(job, process)["notes"] == 2 + 94 + 3
    records = journal.of_session(process.journal_folder, job.session)
    notes = [record["claimed_by_job"] for record in records if record["event"] == "session.note"]
    assert notes[:3] == [{"step": "it's done", "n": 1.5}, [None], 2]
    assert not [record for record in records if "postern.record" in json.dumps(record)]


def test_receipts_hold_when_the_gateway_has_gone_on(make_gateway):
    process = make_gateway(roles=ROLES)
    with begin(process) as job:
        job.ask("select 1")
        (text,) = job.ask(RECEIPT)
    process.stop()
    process.start()
    with begin(process) as job:
        job.ask("select 1")
    process.stop()
    receipts.verify(text, process.journal_folder)
    journal.verify(process.journal_folder)


def test_a_receipt_that_cannot_be_recorded_is_not_given(make_gateway):
    process = make_gateway(roles=ROLES)
    for text in (RECEIPT, "select postern.record('1')"):
        with begin(process) as job:
            pid = process.process.pid
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
            try:
                job.send(query(text))
                error = job.fatal()
                assert error["C"] == "57P03", error
            finally:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
            until(lambda: process.ready()[0] == 200, 15, "the journal's return")


def test_what_the_manual_says_about_openssl(process, tmp_path):
    with begin(process) as job:
        (text,) = job.ask(RECEIPT)
    shutil.copy(f"{process.journal_folder}/checkpoint.pub", tmp_path)
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "receipts.md")) as file:
        (commands,) = re.findall(r"^```\n(digest=.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
    for written, code in ((text, 0), (text.replace('"rows":0', '"rows":1'), 1)):
        (tmp_path / "receipt.json").write_text(written)
        done = subprocess.run(["sh", "-c", commands], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
