"""Journals of any size and content: the index changes nothing but the time, and nothing in a journal reaches a terminal."""

import csv
import glob
import io
import json
import os
import re
import shutil

from support.audit import audit, rows
from support.made_journal import Chain, make_large, session_id

A, B, C = session_id(1), session_id(2), session_id(3)


def spread(folder):
    """Sessions whose records lie in several files and chains."""
    chain = Chain(folder, "loop-0", "a" * 32)
    chain.start(A, role="migrator", repository="acme/orders", sha="b" * 40, run="77", subject="job:a")
    chain.decide(A, 1, "ALTER TABLE", "public.orders")
    chain.start(B, ref="refs/heads/try", run="78", subject="job:b")
    chain.rotate()
    chain.outcome(A, 1, "ok", "ALTER TABLE", 0)
    chain.transaction(A)
    chain.decide(B, 1, "DROP TABLE", "public.orders", "deny", reason="rule")
    chain.decide(B, 2, "SELECT", 'public."Or.ders"', transaction=2)
    chain.rotate()
    chain.outcome(B, 2)
    chain.transaction(B, 2, "rollback")
    chain.decide(A, 2, "SELECT", "public.orders", transaction=2)
    chain.outcome(A, 2)
    chain.transaction(A, 2)
    chain.end(A, 2)
    chain.flush()
    other = Chain(folder, "loop-1", "b" * 32)
    other.now = chain.now + 1000
    other.add("session.refused", session=C, stage="grant", reason="no entry matches", role="app", database="app",
              client={"address": "127.0.0.1:9"}, identity={"issuer": "ci", "subject": "job:c"}, claim="ref")  # fmt: skip
    other.add("session.cancel", session=B, source="127.0.0.1:1")
    other.flush()
    return chain


def found(folder, *arguments, **options):
    return [(row["session"], row.get("statement")) for row in rows(folder, *arguments, **options)]


def test_rows_are_found_over_files_and_chains_newest_first(tmp_path):
    spread(tmp_path)
    assert found(tmp_path) == [(C, None), (B, None), (A, None)]
    assert found(tmp_path, "--statements") == [(A, 2), (B, 2), (B, 1), (A, 1)]
    assert found(tmp_path, "--statements", "--limit", "2") == [(A, 2), (B, 2)]
    (altered,) = rows(tmp_path, "--tag", "alter table", "--object", "public.orders")
    assert (altered["session"], altered["role"], altered["repository"]) == (A, "migrator", "acme/orders")
    assert (altered["sha"], altered["run"], altered["result"]) == ("b" * 40, "77", "ok")
    assert (altered["transaction_result"], altered["rule"], altered["line"]) == ("commit", "r", 3)
    (denied,) = rows(tmp_path, "--decision", "deny")
    assert (denied["session"], denied["tag"], denied["subject"]) == (B, "DROP TABLE", "job:b")
    assert "result" not in denied and denied["forwarded"] is False
    first, second, third = rows(tmp_path)
    assert (first["event"], first["claim"], first["stage"]) == ("session.refused", "ref", "grant")
    assert (second["statements"], second["denied"], second.get("end")) == (2, 1, None)
    assert (third["statements"], third["denied"], third["end"]) == (2, 0, "the job closed the session")


def test_each_filter_asks_for_what_it_says(tmp_path):
    chain = spread(tmp_path)
    assert found(tmp_path, "--role", "migr*") == [(A, None)]
    assert found(tmp_path, "--repository", "acme/*", "--ref", "refs/heads/*") == [(B, None), (A, None)]
    assert found(tmp_path, "--run", "77", "--run", "79") == [(A, None)]
    assert found(tmp_path, "--subject", "job:c") == [(C, None)]
    assert found(tmp_path, "--session", B) == [(B, None)]
    assert found(tmp_path, "--database", "app", "--ref", "refs/heads/try") == [(B, None)]
    assert found(tmp_path, "--object", "orders", "--role", "migrator") == [(A, 2), (A, 1)]
    assert found(tmp_path, "--object", 'public."Or.ders"') == [(B, 2)]
    assert found(tmp_path, "--object", "public.*", "--tag", "DROP *") == [(B, 1)]
    assert found(tmp_path, "--statements", "--ref", "refs/heads/try") == [(B, 2), (B, 1)]
    middle = json.loads(open(f"{tmp_path}/loop-0-000002.jsonl").readline())["time"]
    assert found(tmp_path, "--statements", "--since", middle) == [(A, 2), (B, 2), (B, 1)]
    assert found(tmp_path, "--statements", "--until", middle) == [(A, 1)]
    assert chain.now and audit("list", "--role", "nobody", tmp_path).returncode == 1
    # Tags as rules have them, and no others.
    assert found(tmp_path, "--tag", "alter user") == [] and found(tmp_path, "--tag", "dr*") == [(B, 1)]
    misspelt = audit("list", "--tag", "DRP TABLE", tmp_path)
    assert misspelt.returncode == 2 and "did you mean `DROP TABLE`?" in misspelt.stderr
    for wrong in (["--since", "soon"], ["--object", "Orders"], ["--limit", "0"], ["--session", "x"], ["--decision", "no"]):
        assert audit("list", *wrong, tmp_path).returncode == 2, wrong
    assert audit("list", f"{tmp_path}/none").returncode == 2
    assert audit("list").returncode == 2


def test_an_answer_from_a_journal_that_cannot_all_be_read_is_called_incomplete(tmp_path):
    spread(tmp_path)
    shutil.copytree(tmp_path, tmp_path / "whole", ignore=shutil.ignore_patterns("whole", "index"))
    lost = tmp_path / "whole" / "loop-0-000001.jsonl"
    lost.unlink()
    lost.symlink_to(lost.name)
    for question in (
        ["list"], ["list", "--statements"], ["list", "--role", "nobody"], ["show", A], ["show", "0" * 16], ["export"],
        ["export", "--format", "csv", "--decision", "deny"],
    ):
        answer = audit(*question, tmp_path / "whole")
        assert answer.returncode == 2, (question, answer.stdout, answer.stderr)
        assert "the answer is not complete" in answer.stderr and str(lost) in answer.stderr
    assert rows(tmp_path) and len(audit("export", tmp_path / "whole").stdout) > 100
    # What retention removed is not missed.
    lost.unlink()
    assert audit("list", tmp_path / "whole").returncode == 0


def test_a_session_is_shown_whole(tmp_path):
    spread(tmp_path)
    shown = audit("show", B, tmp_path).stdout
    assert "#1 DROP TABLE public.orders: denied by r at policies/app.yaml:3" in re.sub(r"\s+", " ", shown)
    assert "transaction 2 rolled back" in shown and "a cancel request came from 127.0.0.1:1" in shown
    assert "2 statements, 1 denied" in shown
    whole = json.loads(audit("show", "--json", A, tmp_path).stdout)
    assert [list(step) for step in whole["steps"]] == [
        ["decision", "outcome"], ["transaction_end"], ["decision", "outcome"], ["transaction_end"]
    ]  # fmt: skip
    assert whole["end"]["statements"] == 2 and whole["start"]["role"] == "migrator"
    refused = audit("show", C, tmp_path).stdout
    assert "was refused" in refused and "no entry matches" in refused and "ref failed" in refused
    assert audit("show", "0" * 16, tmp_path).returncode == 1


def test_an_index_changes_nothing_but_the_time(tmp_path):
    make_large(tmp_path, 6 << 20, file_size=2 << 20)
    questions = [
        ["--tag", "ALTER TABLE"], ["--decision", "deny"], ["--run", "12"], ["--object", "public.table_7", "--limit", "50"],
        ["--repository", "acme/app-7", "--limit", "30"],
    ]  # fmt: skip
    plain = [audit("list", "--json", "--no-index", *question, tmp_path).stdout for question in questions]
    assert all(plain)
    assert not os.path.exists(f"{tmp_path}/index")
    for _ in range(2):
        assert [audit("list", "--json", *question, tmp_path).stdout for question in questions] == plain
    indexes = sorted(glob.glob(f"{tmp_path}/index/*"))
    assert [os.path.basename(path) for path in indexes][:2] == ["loop-0-000001.jsonl.index", "loop-0-000002.jsonl.index"]
    # An index that is damaged, cut or another file's is not believed.
    good = [open(path, "rb").read() for path in indexes]
    for bad in (good[0][:-1], good[0][:99] + b"\x07" + good[0][100:], good[1], b"", b"postern-index-3\n"):
        with open(indexes[0], "wb") as file:
            file.write(bad)
        assert [audit("list", "--json", *question, tmp_path).stdout for question in questions] == plain
    assert open(indexes[0], "rb").read() == good[0]
    # Of a file that is gone nothing is kept.
    os.rename(f"{tmp_path}/loop-0-000002.jsonl", f"{tmp_path}/elsewhere")
    os.unlink(indexes[0])
    audit("list", tmp_path)
    audit("list", "--tag", "LISTEN", tmp_path)
    assert os.path.exists(indexes[0]) and not os.path.exists(indexes[1])
    os.rename(f"{tmp_path}/elsewhere", f"{tmp_path}/loop-0-000002.jsonl")
    # A file that has changed has no index.
    path = f"{tmp_path}/loop-0-000001.jsonl"
    data = open(path, "rb").read()
    with open(path, "wb") as file:
        file.write(data.replace(b'"id":"12"', b'"id":"321"'))
    assert rows(tmp_path, "--run", "12") == []


def test_an_index_grows_with_its_file(tmp_path):
    chain = Chain(tmp_path)
    for number in range(3000):
        session = session_id(number)
        chain.start(session, run=str(number))
        chain.end(session, 0)
    chain.flush()
    assert found(tmp_path, "--run", "2999") == [(session_id(2999), None)]
    (index,) = glob.glob(f"{tmp_path}/index/*")
    before = os.stat(index).st_mtime_ns
    chain.start(A, run="new")
    chain.bytes(b'{"v":1,"chain":"torn')
    chain.flush()
    assert found(tmp_path, "--run", "new") == [(A, None)]
    assert os.stat(index).st_mtime_ns == before
    assert audit("list", "--run", "new", tmp_path).stderr == ""


def test_nothing_in_a_journal_reaches_a_terminal_as_more_than_text(tmp_path):
    evil = "\x1b]0;x\x07\x1b[2J\r\u202e\u0085=cmd\t,\"'\n"
    chain = Chain(tmp_path)
    chain.start(A, role=evil, repository=evil, ref=evil, sha=evil, run=evil, subject=evil, url=evil)
    chain.decide(A, 1, evil, evil, "deny", reason=evil, would=evil)
    chain.decide(A, 2, "SELECT", evil, transaction=evil)
    chain.add("statement.outcome", session=A, statement=2, result=evil, sqlstate=evil, rows=1)
    chain.add("transaction.end", session=A, transaction=evil, result=evil)
    chain.add("session.end", session=A, reason=evil)
    chain.add("session.refused", session=B, stage=evil, reason=evil, role=evil, claim=evil)
    chain.raw("statement.decision", f'"session":"{A}","statement":3,"accesses":' + "[" * 5000)
    chain.raw("statement.decision", f'"session":"{A}","statement":[[{{"x')
    chain.raw("session.start", '"session":"' + "é" * 8 + '"')
    chain.raw("session.start", f'"session":"{C}","session":"{A}"')
    chain.raw("statement.outcome", f'"session":"{C}","statement":99999999999999999999999999')
    chain.raw("session.end", '"session":17')
    chain.bytes(b"\x1b[31mno record\n\n{}\n" + b"x" * (3 << 20) + b"\n" + bytes(range(256)) + b"\n")
    chain.add("session.end", session=A, reason="the end")
    chain.flush()
    for arguments in (
        ["list"], ["list", "--statements"], ["list", "--json"], ["list", "--statements", "--json"], ["show", A], ["show", B],
        ["show", "--json", A], ["export", "--format", "csv"], ["export"], ["list", "--no-index", "--role", "*"],
    ):  # fmt: skip
        done = audit(*arguments, tmp_path)
        assert done.returncode in (0, 1), (arguments, done.stderr)
        text = done.stdout + done.stderr
        if arguments[-1] != "csv":
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), arguments
            if "--json" not in arguments and arguments[0] != "export":
                assert "\u202e" not in text and "\u0085" not in text, arguments
        assert "no record" in done.stderr, arguments


def test_a_cell_of_csv_is_one_cell_and_no_formula(tmp_path):
    chain = Chain(tmp_path)
    names = ["=cmd|' /C calc'!A0", '+1,"2"', "-3\r\n4", "@x", "\tt", 'plain "quoted"', "a,b"]
    for number, name in enumerate(names):
        chain.start(session_id(number), role=name)
    chain.flush()
    text = audit("export", "--format", "csv", tmp_path, binary=True).stdout.decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["role"] for row in table] == ["'" + name for name in names[:5]] + names[5:]
    assert [row["session"] for row in table] == [session_id(number) for number in range(len(names))]
    assert text.count("\r\n") == len(names) + 2
