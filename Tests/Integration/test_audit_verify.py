"""Tampered journals: `postern audit verify` and deploy/verify_journal.py find the same, in the same place."""

import json
import os
import re
import shutil
import subprocess

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support import journal
from support.gateway import executable
from support.journal_writer import Journal, public_pem


def audit(*arguments):
    return subprocess.run([executable(), "audit", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def first_places(folder, *options):
    """What Postern says: exit code, the first problem's place and the unsigned records of each chain."""
    result = audit("verify", "--json", *options, folder)
    assert result.returncode in (0, 1), result.stderr
    report = json.loads(result.stdout)
    (found,) = report["journals"]
    assert report["ok"] == (result.returncode == 0)

    def place(problem):
        return problem["file"] + (f":{problem['line']}" if problem["line"] else "")

    own = [place(problem) for problem in found["problems"]] + ["--expect"] * len(report["absent"])
    chains = {
        chain["name"]: (place(chain["problems"][0]) if chain["problems"] else None, chain["records"], chain["uncovered"])
        for chain in found["chains"]}
    return result.returncode, chains, own[:1]


def independent_places(folder, capsys, *options):
    """What the independent verifier says, in the same form."""
    code = journal.independent.main([*map(str, options), str(folder)])
    capsys.readouterr()
    keys = [value for name, value in zip(options, options[1:]) if name == "--public-key"]
    records = [value.split(":") for name, value in zip(options, options[1:]) if name == "--expect"]
    expected = [(chain.encode(), int(seq), digest.encode()) for chain, seq, digest in records]
    chains, own = journal.independent.verify(str(folder), keys, expected)
    present = {chain.id for chain in chains.values()}
    own += [("--expect", "") for record in expected if record[0] not in present]
    return code, {
        name: (chain.problems[0][0] if chain.problems else None, chain.records, chain.uncovered)
        for name, chain in chains.items()}, [place for place, _ in own][:1]


class Tampered:
    """A copy of a journal of three chains, to be damaged.

    `gateway` is closed; `loop-0` is closed, has three files and is named by the others' checkpoints; `loop-1` is open,
    and its last three records are covered by no checkpoint and known to nobody.
    """

    def __init__(self, folder, original):
        self.original, self.folder = original, folder
        shutil.copytree(original.folder, folder, dirs_exist_ok=True)
        self.options = []

    def path(self, name):
        return f"{self.folder}/{name}"

    def lines(self, name):
        with open(self.path(name), "rb") as file:
            return file.read().splitlines(keepends=True)

    def write(self, name, lines):
        with open(self.path(name), "wb") as file:
            file.writelines(lines)

    def edit(self, name, change):
        lines = self.lines(name)
        change(lines)
        self.write(name, lines)

    def expect(self, head):
        self.options += ["--expect", head]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    made = Journal(tmp_path_factory.mktemp("original"))
    gateway, first, second = made.chain("gateway"), made.chain("loop-0"), made.chain("loop-1")
    for number in range(3):
        first.sessions(3)
        first.checkpoint()
        if number < 2:
            first.rotate()
    second.sessions(2)
    second.checkpoint(first)
    made.signed = second.head
    second.rotate()
    second.sessions(3)
    made.end = second.head
    gateway.add("gateway.start", gateway="gw-test")
    gateway.checkpoint(first)
    gateway.close()
    first.close()
    second.leave_open()
    made.chains = {chain.name: chain for chain in (gateway, first, second)}
    with open(f"{made.folder}/../kept.pub", "wb") as file:
        file.write(public_pem(made.key))
    made.kept = f"{made.folder}/../kept.pub"
    return made


# What is done to the journal, and where that is found in the first place: by chain, and in no chain.

def nothing(copy):
    pass


def change_a_byte(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.__setitem__(1, lines[1].replace(b"session.start", b"session.stare")))


def rewritten(line):
    """The record with another session, and the hash that it has then."""
    body = re.sub(rb'"session":".{16}', b'"session":"aaaaaaaaaaaaaaaa', line)[:-76]
    return body + b',"hash":"' + journal.independent.sha256(body) + b'"}\n'


def change_and_hash_anew(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.__setitem__(1, rewritten(lines[1])))


def remove_a_record(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.pop(1))


def remove_the_first_record(copy):
    copy.edit("loop-0-000001.jsonl", lambda lines: lines.pop(0))


def insert_a_record(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.insert(2, copy.lines("loop-0-000001.jsonl")[1]))


def insert_another_chains_record(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.insert(2, copy.lines("gateway-000001.jsonl")[1]))


def insert_garbage(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.insert(2, b"{}\n"))


def swap_records(copy):
    def change(lines):
        lines[1], lines[2] = lines[2], lines[1]
    copy.edit("loop-0-000002.jsonl", change)


def swap_files(copy):
    second, third = copy.lines("loop-0-000002.jsonl"), copy.lines("loop-0-000003.jsonl")
    copy.write("loop-0-000002.jsonl", third)
    copy.write("loop-0-000003.jsonl", second)


def truncate_a_record(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.__setitem__(3, lines[3][:100]))


def truncate_a_file(copy):
    copy.edit("loop-0-000002.jsonl", lambda lines: lines.pop())


def remove_a_file(copy):
    os.unlink(copy.path("loop-0-000002.jsonl"))


def remove_the_first_file(copy):
    os.unlink(copy.path("loop-0-000001.jsonl"))


def remove_the_last_file(copy):
    os.unlink(copy.path("loop-0-000003.jsonl"))


def replace_a_file(copy):
    copy.write("loop-0-000002.jsonl", copy.lines("gateway-000001.jsonl"))


def link_a_file(copy):
    os.rename(copy.path("loop-0-000002.jsonl"), copy.path("elsewhere"))
    os.symlink("elsewhere", copy.path("loop-0-000002.jsonl"))


def remove_a_chain(copy):
    for number in (1, 2, 3):
        os.unlink(copy.path(f"loop-0-00000{number}.jsonl"))
    os.unlink(copy.path("loop-0.state"))


def copy_a_chain(copy):
    for number in (1, 2, 3):
        copy.write(f"loop-2-00000{number}.jsonl", copy.lines(f"loop-0-00000{number}.jsonl"))
    copy.write("loop-2.state", copy.lines("loop-0.state"))


def cut_a_closed_end(copy):
    copy.edit("gateway-000001.jsonl", lambda lines: lines.pop())


def cut_an_open_end(copy):
    copy.edit("loop-1-000002.jsonl", lambda lines: lines.pop())


def cut_an_expected_end(copy):
    copy.expect(copy.original.end)
    cut_an_open_end(copy)


def rewrite_an_open_end(copy):
    copy.expect(copy.original.end)
    copy.edit("loop-1-000002.jsonl", lambda lines: lines.__setitem__(-1, rewritten(lines[-1])))


def expect_what_is_there(copy):
    for chain in copy.original.chains.values():
        copy.expect(chain.head)
    copy.expect(copy.original.signed)


def expect_another_chain(copy):
    copy.expect(f"{'0' * 32}:4:{'a' * 64}")


def tear_the_end(copy):
    copy.edit("loop-1-000002.jsonl", lambda lines: lines.append(b'{"v":1,"chain":"01'))


def tear_a_closed_end(copy):
    copy.edit("gateway-000001.jsonl", lambda lines: lines.append(b'{"v":1,"chain":"01'))


def remove_a_state(copy):
    os.unlink(copy.path("gateway.state"))


def forge_a_state(copy):
    with open(copy.path("gateway.state"), "r+") as file:
        text = file.read().replace("closed 2", "closed 1")
        file.seek(0)
        file.write(text)


def take_another_chains_state(copy):
    copy.write("gateway.state", copy.lines("loop-0.state"))


def open_a_closed_state(copy):
    copy.write("gateway.state", [b"postern-state-v1\n", copy.original.chains["gateway"].id.encode(), b"\nopen\n",
                                 copy.lines("gateway.state")[3]])


def forge_a_checkpoint(copy):
    copy.original.chains["loop-1"].elsewhere(copy).checkpoint(key=Ed25519PrivateKey.generate(), named=copy.original.key)


def sign_with_another_key(copy):
    copy.original.chains["loop-1"].elsewhere(copy).checkpoint(key=Ed25519PrivateKey.generate())


def replace_the_key(copy):
    with open(copy.path("checkpoint.pub"), "wb") as file:
        file.write(public_pem(Ed25519PrivateKey.generate()))


WHOLE = {}
CASES = [
    (nothing, WHOLE, None), (expect_what_is_there, WHOLE, None), (tear_the_end, WHOLE, None),
    (cut_an_open_end, WHOLE, None),
    (change_a_byte, {"loop-0": "loop-0-000002.jsonl:2"}, None),
    (change_and_hash_anew, {"loop-0": "loop-0-000002.jsonl:3"}, None),
    (remove_a_record, {"loop-0": "loop-0-000002.jsonl:2"}, None),
    (remove_the_first_record, {"loop-0": "loop-0-000001.jsonl:1"}, None),
    (insert_a_record, {"loop-0": "loop-0-000002.jsonl:3"}, None),
    (insert_another_chains_record, {"loop-0": "loop-0-000002.jsonl:3"}, None),
    (insert_garbage, {"loop-0": "loop-0-000002.jsonl:3"}, None),
    (swap_records, {"loop-0": "loop-0-000002.jsonl:2"}, None),
    (swap_files, {"loop-0": "loop-0-000002.jsonl:1"}, None),
    (truncate_a_record, {"loop-0": "loop-0-000002.jsonl:4"}, None),
    (truncate_a_file, {"loop-0": "loop-0-000003.jsonl:1"}, None),
    (remove_a_file, {"loop-0": "loop-0-000003.jsonl:1"}, None),
    (remove_the_first_file, {"loop-0": "loop-0-000002.jsonl:1"}, None),
    (remove_the_last_file, {"loop-0": "loop-0-000002.jsonl:4"}, None),
    (replace_a_file, {"loop-0": "loop-0-000002.jsonl:1"}, None),
    (link_a_file, {"loop-0": "loop-0-000002.jsonl"}, None),
    (remove_a_chain, WHOLE, "gateway-000001.jsonl:3"),
    (copy_a_chain, {"loop-2": "loop-2.state"}, None),
    (cut_a_closed_end, {"gateway": "gateway-000001.jsonl:2"}, None),
    (tear_a_closed_end, {"gateway": "gateway-000001.jsonl:4"}, None),
    (cut_an_expected_end, {"loop-1": "loop-1-000002.jsonl:2"}, None),
    (rewrite_an_open_end, {"loop-1": "loop-1-000002.jsonl:3"}, None),
    (expect_another_chain, WHOLE, "--expect"),
    (remove_a_state, {"gateway": "gateway.state"}, None),
    (forge_a_state, {"gateway": "gateway.state"}, None),
    (open_a_closed_state, {"gateway": "gateway.state"}, None),
    (take_another_chains_state, {"gateway": "gateway.state"}, None),
    (forge_a_checkpoint, {"loop-1": "loop-1-000002.jsonl:4"}, None),
    (sign_with_another_key, {"loop-1": "loop-1-000002.jsonl:4"}, None),
    (replace_the_key, {
        "gateway": "gateway-000001.jsonl:1", "loop-0": "loop-0-000001.jsonl:1", "loop-1": "loop-1-000001.jsonl:1"}, None),
]


@pytest.mark.parametrize("tamper, broken, elsewhere", CASES, ids=[case[0].__name__ for case in CASES])
def test_a_tampered_journal_is_found_by_both_verifiers(tmp_path, capsys, original, tamper, broken, elsewhere):
    copy = Tampered(tmp_path / "journal", original)
    tamper(copy)
    code, chains, own = first_places(copy.folder, *copy.options)
    assert {name: place for name, (place, _, _) in chains.items() if place} == broken
    assert own == ([elsewhere] if elsewhere else [])
    assert code == (1 if broken or elsewhere else 0)
    assert independent_places(copy.folder, capsys, *copy.options) == (code, chains, own)


def test_a_journal_that_was_replaced_with_its_key_is_found_with_the_key_that_was_kept(tmp_path, capsys, original):
    forged = Journal(tmp_path / "journal")
    for name in original.chains:
        chain = forged.chain(name)
        chain.checkpoint()
        chain.close()
    # It agrees with itself: that is all that its own key can say.
    assert first_places(forged.folder)[0] == 0
    for options in (["--public-key", original.kept], ["--expect", original.end]):
        verdict = first_places(forged.folder, *options)
        assert verdict[0] == 1
        assert independent_places(forged.folder, capsys, *options) == verdict


def test_the_report_is_for_people(tmp_path, original):
    copy = Tampered(tmp_path / "journal", original)
    whole = audit("verify", copy.folder)
    assert (whole.returncode, whole.stderr) == (0, "")
    lines = whole.stdout.splitlines()
    assert lines[0] == str(copy.folder)
    assert lines[1] == "  gateway  whole   3 records in 1 file, closed"
    assert lines[2] == "  loop-0   whole   13 records in 3 files, closed"
    assert lines[3] == "  loop-1   whole   7 records in 2 files, open, the last 3 covered by no checkpoint yet"
    assert lines[4].startswith("self-attested: ")
    assert lines[5] == "ok: 23 records in 3 chains, all of them whole"
    attested = audit("verify", "--public-key", original.kept, copy.folder)
    assert attested.returncode == 0 and "self-attested" not in attested.stdout
    change_a_byte(copy)
    broken = audit("verify", copy.folder)
    assert broken.returncode == 1
    assert ("    loop-0-000002.jsonl:2: record 6 was changed: its bytes do not have the hash that it states"
            in broken.stdout.splitlines())
    assert broken.stdout.splitlines()[-1] == "broken: 1 problem, 2 of 3 chains whole"


def test_names_on_the_disk_do_not_move_the_terminal(tmp_path, capsys, original):
    copy = Tampered(tmp_path / "journal", original)
    copy.write("loop\x1b[2J-000001.jsonl", copy.lines("loop-0-000001.jsonl"))
    result = audit("verify", copy.folder)
    assert result.returncode == 1 and "\\u{1B}[2J.state: " in result.stdout
    assert journal.independent.main([str(copy.folder)]) == 1
    assert "\x1b" not in result.stdout + capsys.readouterr().out


def test_heads_are_what_expect_takes(tmp_path, original):
    copy = Tampered(tmp_path / "journal", original)
    result = audit("head", "--public-key", original.kept, copy.folder)
    heads = result.stdout.splitlines()
    chains = original.chains
    assert heads == [chains["gateway"].head, chains["loop-0"].head, original.signed]
    assert result.returncode == 0
    options = [word for head in heads for word in ("--expect", head)]
    assert audit("verify", *options, copy.folder).returncode == 0
    named = json.loads(audit("head", "--json", copy.folder).stdout)["heads"]
    assert [(head["name"], head["expect"]) for head in named] == list(zip(sorted(chains), heads))
    # The checkpoint goes with the open end: nobody but the heads knows of it.
    os.unlink(copy.path("loop-1-000002.jsonl"))
    copy.edit("loop-1-000001.jsonl", lambda lines: lines.pop())
    assert audit("verify", copy.folder).returncode == 0
    assert audit("verify", *options, copy.folder).returncode == 1
    change_a_byte(copy)
    broken = audit("head", copy.folder)
    assert broken.returncode == 1 and "broken" in broken.stderr
    assert chains["loop-0"].id not in broken.stdout and chains["gateway"].id in broken.stdout


def test_both_verifiers_accept_what_a_gateway_leaves_after_a_crash(make_gateway, capsys):
    gateway = make_gateway()
    folder = gateway.journal_folder

    def verdict():
        found = first_places(folder)
        assert independent_places(folder, capsys) == found
        return found

    psycopg.connect(**gateway.plain()).close()
    assert first_places(folder)[0] == 0, "while the gateway is at work"
    gateway.kill()
    code, chains, _ = verdict()
    assert code == 0 and chains["gateway"][2] > 0
    with open(journal.chains(folder)["loop-0"][-1], "ab") as file:
        file.write(b'{"v":1,"chain":"0123')
    assert verdict()[0] == 0
    assert "20 bytes of half a record at the end" in audit("verify", folder).stdout
    heads = audit("head", folder).stdout.split()
    gateway.start()
    gateway.stop()
    assert verdict()[0] == 0
    assert len(journal.records(folder, "journal.recovered")) == len(chains)
    options = [word for head in heads for word in ("--expect", head)]
    assert first_places(folder, *options)[0] == 0


def test_several_journals_are_checked_at_once(tmp_path, original):
    other = Journal(tmp_path / "other")
    chain = other.chain("gateway")
    chain.checkpoint()
    chain.close()
    both = audit("verify", "--json", "--expect", original.end, "--expect", chain.head, original.folder, other.folder)
    assert both.returncode == 0
    assert [len(found["chains"]) for found in json.loads(both.stdout)["journals"]] == [3, 1]
    keys = ["--public-key", original.kept, "--public-key", f"{other.folder}/checkpoint.pub"]
    assert audit("verify", *keys, original.folder, other.folder).returncode == 0


@pytest.mark.parametrize("arguments, words", [
    (["/nonexistent"], "no such file or directory"), (["{empty}"], "holds no journal"), ([], "missing"),
    (["--public-key", "/nonexistent", "{journal}"], "is not there"),
    (["--public-key", "{journal}/signing.key", "{journal}"], "is not an Ed25519 public key"),
    (["--expect", "x", "{journal}"], "x"),
])
def test_what_cannot_be_read_is_no_verdict(tmp_path, original, arguments, words):
    places = {"journal": original.folder, "empty": tmp_path}
    result = audit("verify", *[argument.format(**places) for argument in arguments])
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("postern: error: ") and words in result.stderr
