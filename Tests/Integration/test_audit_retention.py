"""Old journal files are removed, and the chains that begin later are still ones that can be verified."""

import glob
import os
import shutil

import psycopg
from support import journal
from support.journal_writer import Journal
from support.waiting import until
from test_audit_verify import audit, first_places, independent_places

OLD, NEW = "2024-01-01T00:00:00", "2026-01-01T00:00:00"


def old_journal(folder):
    """Three chains whose first files are old: two that a gateway of one loop takes up, and one that nobody does."""
    made = Journal(folder, start=OLD)
    for name in ("gateway", "loop-0", "loop-7"):
        chain = made.chain(name)
        for _ in range(3):
            chain.sessions(3)
            chain.checkpoint()
            chain.rotate()
        chain.sessions(1)
        chain.checkpoint()
        chain.close()
        made.last = chain.head
    return made


def files(folder, name):
    return [os.path.basename(path) for path in sorted(glob.glob(f"{folder}/{name}-0*.jsonl"))]


def gateway_that_retains(make_gateway):
    gateway = make_gateway(start=False)
    made = old_journal(gateway.journal_folder)
    gateway.configuration["gateway"]["loops"] = 1
    gateway.configuration["audit"]["retain"] = "400d"
    gateway.write()
    return gateway, made


def test_old_files_are_removed_and_only_they_may_be_missing(make_gateway, tmp_path, capsys):
    gateway, made = gateway_that_retains(make_gateway)
    folder = gateway.journal_folder
    shutil.copytree(folder, tmp_path / "before")
    gateway.start()
    for name in ("gateway", "loop-0", "loop-7"):
        until(lambda: files(folder, name) == [f"{name}-000004.jsonl"], 20, f"removal of files of {name}")
    psycopg.connect(**gateway.plain()).close()
    assert audit("verify", folder).returncode == 0, "while the gateway is at work"
    gateway.stop()
    removed = {record["last_file"]: record for record in journal.records(folder, "retention.removed")}
    assert sorted(removed) == [f"{name}-000003.jsonl" for name in ("gateway", "loop-0", "loop-7")]
    record = removed["loop-0-000003.jsonl"]
    assert (record["files"], record["first_file"], record["retain"]) == (3, "loop-0-000001.jsonl", "400d")
    assert record["through"]["seq"] == 12

    def verdict(case, *options):
        found = first_places(case, *options)
        assert independent_places(case, capsys, *options) == found
        return found[0], {name: place for name, (place, _, _) in found[1].items() if place}

    assert verdict(folder, "--expect", made.last) == (0, {})
    assert "those up to 12 removed by retention" in audit("verify", folder).stdout

    def case(number):
        path = tmp_path / f"case-{number}"
        shutil.copytree(folder, path)
        return path

    # A crash in the middle of the removal leaves some of the files, or all.
    for number in (3, 2, 1):
        partial = case(f"partial-{number}")
        for kept in range(number, 4):
            shutil.copy(tmp_path / "before" / f"loop-0-{kept:06}.jsonl", partial)
        assert verdict(partial) == (0, {})
        os.unlink(partial / f"loop-0-{number:06}.jsonl")
        if number < 3:
            assert verdict(partial)[0] == 0, "the beginning may be missing"
    gap = case("gap")
    for kept in (1, 3):
        shutil.copy(tmp_path / "before" / f"loop-0-{kept:06}.jsonl", gap)
    assert verdict(gap) == (1, {"loop-0": "loop-0-000003.jsonl:1"})

    # Nothing else may be missing, and nobody else may say so.
    missing = case("missing")
    os.unlink(missing / "loop-0.retained")
    assert verdict(missing) == (1, {"loop-0": "loop-0-000004.jsonl:1"})
    forged = case("forged")
    with open(forged / "loop-0.retained", "r+") as file:
        text = file.read().replace("removed 12", "removed 11")
        file.seek(0)
        file.write(text)
    assert verdict(forged) == (1, {"loop-0": "loop-0-000004.jsonl:1"})
    further = case("further")
    with open(further / "loop-0-000004.jsonl", "rb") as file:
        rest = file.read().splitlines(keepends=True)[1:]
    with open(further / "loop-0-000004.jsonl", "wb") as file:
        file.writelines(rest)
    assert verdict(further) == (1, {"loop-0": "loop-0-000004.jsonl:1"})
    other = case("other")
    shutil.copy(other / "gateway.retained", other / "loop-0.retained")
    assert verdict(other)[0] == 1
    replaced = case("replaced")
    shutil.copy(tmp_path / "before" / "loop-7-000003.jsonl", replaced / "loop-0-000003.jsonl")
    assert verdict(replaced)[0] == 1


def test_a_removal_that_was_killed_is_finished_by_the_next_start(make_gateway, tmp_path):
    gateway, _ = gateway_that_retains(make_gateway)
    folder = gateway.journal_folder
    shutil.copytree(folder, tmp_path / "before")
    gateway.start()
    until(lambda: all(len(files(folder, name)) == 1 for name in ("gateway", "loop-0", "loop-7")), 20, "the removal")
    gateway.kill()
    for name in ("loop-0", "gateway"):
        shutil.copy(tmp_path / "before" / f"{name}-000003.jsonl", folder)
    journal.verify(folder)
    gateway.start()
    until(lambda: all(len(files(folder, name)) == 1 for name in ("gateway", "loop-0")), 20, "the rest of the removal")
    gateway.stop()
    journal.verify(folder)
    assert len(journal.records(folder, "retention.removed")) == 3, "the same removal is not recorded again"


def test_files_that_do_not_belong_together_are_not_removed(make_gateway):
    gateway, _ = gateway_that_retains(make_gateway)
    folder = gateway.journal_folder
    # Evidence: the old file's last record was changed.
    with open(f"{folder}/loop-0-000002.jsonl", "r+b") as file:
        file.seek(-200, os.SEEK_END)
        byte = file.read(1)
        file.seek(-200, os.SEEK_END)
        file.write(b"x" if byte != b"x" else b"y")
    gateway.start()
    until(lambda: "old journal files are not removed" in gateway.log_text(), 20, "the complaint")
    gateway.stop()
    assert len(files(folder, "loop-0")) == 4
    assert first_places(folder)[1]["loop-0"][0] == "loop-0-000002.jsonl:4"
