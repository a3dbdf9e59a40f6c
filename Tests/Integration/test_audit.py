"""The auditor's questions, asked of a gateway's own journal while it writes."""

import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess

import psycopg
import pytest
from support import journal
from support.audit import audit, rows
from support.gateway import Gateway, executable
from support.policies import allow, deny, role
from support.waiting import until

SHA = "5e1f" * 10
ROLES = {
    "migrator": role([
        allow("read", "public.*", name="read"), allow("write", "public.*", name="write"),
        allow("ddl", "public.*", name="migrate"), deny("DROP TABLE", name="no-drop", message="ask for a review"),
    ]),
}  # fmt: skip
SCRIPT = """-- 0042: the column is not used any more
ALTER TABLE audited
    DROP COLUMN note;  -- for good

/* and a row */ insert into audited values (42);
update audited set id = 43 where id = 42
"""
STATEMENTS = [
    "ALTER TABLE audited\n    DROP COLUMN note", "insert into audited values (42)", "update audited set id = 43 where id = 42"
]


class Site:
    """A gateway, and the ids of the sessions that it had."""

    def __init__(self, gateway):
        self.gateway, self.folder = gateway, gateway.journal_folder

    def run(self, *texts, **claims):
        """A job that runs these texts, errors or not; its session's id when its end is recorded."""
        token = self.gateway.issuer.token(**claims)
        with psycopg.connect(**self.gateway.plain(token, user="migrator"), autocommit=True) as connection:
            session = connection.execute("show application_name").fetchone()[0].split("/")[2]
            for text in texts:
                try:
                    connection.execute(text)
                except psycopg.Error:
                    pass
        until(lambda: journal.of_session(self.folder, session)[-1]["event"] == "session.end", 10, "the session's end")
        return session

    def refused(self, **claims):
        with pytest.raises(psycopg.OperationalError) as error:
            psycopg.connect(**self.gateway.plain(self.gateway.issuer.token(**claims), user="migrator"))
        return re.search(r"session (\w{16})", str(error.value)).group(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory, postgres, issuer, authority):
    process = Gateway(tmp_path_factory.mktemp("audited"), postgres, issuer, authority, roles=ROLES)
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists audited; create table audited (id int, note text, secret text)")
        behind.execute("alter table audited owner to app")
    site = Site(process)
    site.migration = site.run(SCRIPT, "drop table audited", sha=SHA, run_id="9001", run_url="https://ci.test/9001")
    site.pieces = site.run("begin", *STATEMENTS[1:2], "select 1", STATEMENTS[2], "commit", run_id="9002")
    site.undone = site.run("begin", *STATEMENTS[1:], "rollback", run_id="9003")
    site.stranger = site.refused(ref="refs/heads/try", sub="repo:acme/app:ref:refs/heads/try")
    until(lambda: rows(site.folder, "--session", site.stranger), 10, "the refusal")
    yield site
    process.stop()


def flat(text):
    return re.sub(r"\s+", " ", text)


def test_which_commit_dropped_this_column_and_as_whom(site):
    question = ["--tag", "ALTER TABLE", "--object", "public.audited"]
    (row,) = rows(site.folder, *question)
    assert (row["repository"], row["sha"], row["run"], row["run_url"]) == (
        "acme/app", SHA, "9001", "https://ci.test/9001"
    )  # fmt: skip
    assert (row["role"], row["session"], row["decision"], row["rule"]) == ("migrator", site.migration, "allow", "migrate")
    assert (row["result"], row["transaction_result"], row["subject"]) == ("ok", "commit", "repo:acme/app:ref:refs/heads/main")
    piped = audit("list", *question, site.folder).stdout
    assert len(piped.splitlines()) == 2
    for word in ("ALTER TABLE", "public.audited", "allowed by migrate", "ok, 0 rows, committed", "acme/app", SHA[:12], "9001", "migrator"):
        assert word in piped, word
    narrow = audit("list", *question, site.folder, COLUMNS="80").stdout
    assert max(len(line) for line in narrow.splitlines()) <= 80
    for word in ("ALTER TABLE", "public.audited", "allowed by migrate", "acme/app", SHA[:12], "9001", site.migration):
        assert word in narrow, word


def test_sessions_are_listed_with_their_runs_newest_first(site):
    listed = [row["session"] for row in rows(site.folder)]
    assert listed == [site.stranger, site.undone, site.pieces, site.migration]
    text = audit("list", site.folder).stdout
    assert "refused at grant" in text and "9003" in text
    limited = audit("list", "--limit", "2", site.folder)
    assert limited.stdout.count("\n") == 3 and "more than 2 rows" in limited.stderr
    assert [row["session"] for row in rows(site.folder, "--run", "9002")] == [site.pieces]
    assert [row["tag"] for row in rows(site.folder, "--decision", "deny")] == ["DROP TABLE"]
    assert rows(site.folder, "--since", "1h") and not rows(site.folder, "--until", "1h")


def test_a_session_is_shown_with_what_ran_and_what_was_denied(site):
    shown = audit("show", site.migration, site.folder).stdout
    for fact in (
        "issuer ci", "repo:acme/app:ref:refs/heads/main", "repository acme/app", f"commit {SHA}", "run 9001",
        "run url https://ci.test/9001", "role migrator on app", "policy ", "upstream app at localhost:",
    ):  # fmt: skip
        assert fact in flat(shown), fact
    assert re.search(r"#2 ALTER TABLE public\.audited: allowed by migrate at \S*app\.yaml:\d+; ok", flat(shown)), shown
    assert re.search(r"#3 INSERT public\.audited: allowed by write at \S+; ok, 1 row", flat(shown))
    assert re.search(r"denied #5 DROP TABLE public\.audited: denied by no-drop at \S*app\.yaml:\d+ totals 5 statements, 1 denied",
                     flat(shown)), shown  # fmt: skip
    assert "committed" in shown
    whole = json.loads(audit("show", "--json", site.migration, site.folder).stdout)
    denied = [step["decision"] for step in whole["steps"] if step.get("decision", {}).get("decision") == "deny"]
    assert [(one["tag"], one["rule"]) for one in denied] == [("DROP TABLE", "no-drop")]


def test_a_refusal_is_shown_with_the_claim_that_failed(site):
    shown = flat(audit("show", site.stranger, site.folder).stdout)
    assert "was refused" in shown and "stage grant" in shown and "claim ref failed" in shown
    assert "repo:acme/app:ref:refs/heads/try" in shown and "asked for migrator on app" in shown


def on_a_terminal(*arguments, **variables):
    """What a terminal of 70 columns gets."""
    main, side = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | variables
    subprocess.run(["stty", "cols", "70"], stdin=side, check=True)
    process = subprocess.Popen([executable(), "audit", *arguments], stdin=side, stdout=side, stderr=side, env=environment)
    os.close(side)
    data = b""
    while select.select([main], [], [], 10)[0]:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    os.close(main)
    assert process.wait(10) == 0
    return data.decode()


def test_a_terminal_gets_a_pager_and_its_own_width(site):
    paged = on_a_terminal("show", site.migration, site.folder, PAGER="tr a-z A-Z")
    assert "MIGRATOR" in paged and "migrator" not in paged
    direct = on_a_terminal("show", "--no-pager", site.migration, site.folder, PAGER="tr a-z A-Z")
    assert "role        migrator" in direct
    assert max(len(line) for line in direct.splitlines()) <= 70
    assert max(len(line) for line in on_a_terminal("list", site.folder).splitlines()) <= 70


def test_export_gives_every_record_as_it_is(site):
    exported = audit("export", site.folder).stdout.splitlines()
    times = [json.loads(line)["time"] for line in exported]
    assert times == sorted(times)
    kept = {line.decode() for name in journal.chains(site.folder) for _, line in journal.lines(site.folder, name)}
    assert set(exported) <= kept and len(exported) > 20
    mine = [json.loads(line) for line in audit("export", "--run", "9001", site.folder).stdout.splitlines()]
    assert {record["session"] for record in mine} == {site.migration}
    assert len(mine) == len(journal.of_session(site.folder, site.migration))
    text = audit("export", "--format", "csv", "--run", "9001", site.folder).stdout
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == len(mine) and {row["sha"] for row in table} == {SHA}
    (denied,) = [row for row in table if row["decision"] == "deny"]
    assert (denied["tag"], denied["objects"], denied["rule"], denied["role"]) == (
        "DROP TABLE", "public.audited", "no-drop", "migrator"
    )  # fmt: skip


class Follower:
    """`export --follow` in the background."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([executable(), "audit", "export", "--follow", *arguments], stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.data = b""

    def has(self, text):
        try:
            self.data += self.process.stdout.read() or b""
        except BlockingIOError:
            pass
        return text.encode() in self.data


def test_export_follows_what_is_written_over_rotations(make_gateway):
    gateway = make_gateway(roles=ROLES, audit={"directory": "journal", "min_free": "1MiB", "rotate_size": "1MiB"})
    site = Site(gateway)
    follower = Follower(gateway.journal_folder)
    leaver = Follower(gateway.journal_folder)
    sleeper = Follower(gateway.journal_folder)
    try:
        first = site.run("select 1")
        until(lambda: follower.has(first), 10, "the first session")
        blob = "select " + ", ".join(f"a{number}" for number in range(4000)) + " from audited"
        site.run(*[blob.replace("a0", f"b{number}") for number in range(40)])
        last = site.run("select 2")
        until(lambda: follower.has(last), 10, "the last session")
        assert any(len(files) > 1 for files in journal.chains(gateway.journal_folder).values())
        for path in [files[0] for files in journal.chains(gateway.journal_folder).values() if len(files) > 1]:
            os.unlink(path)
        again = site.run("select 3")
        until(lambda: follower.has(again), 10, "what came after a file was removed")
        sequence = [json.loads(line) for line in follower.data.splitlines() if b'"loop-0"' not in line]
        by_chain = {}
        for record in sequence:
            assert record["seq"] == by_chain.get(record["chain"], -1) + 1
            by_chain[record["chain"]] = record["seq"]
        # A reader that does not read keeps nobody from ending.
        for one, number in ((follower, signal.SIGTERM), (sleeper, signal.SIGINT)):
            one.process.send_signal(number)
            assert one.process.wait(5) == 0
        leaver.process.stdout.close()
        assert leaver.process.wait(5) == 0
    finally:
        for one in (follower, leaver, sleeper):
            one.process.kill()
            one.process.wait(5)


def match(site, tmp_path, text, *arguments):
    path = tmp_path / "script.sql"
    path.write_text(text)
    done = audit("match", *arguments, path, site.folder)
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def test_exactly_this_script_ran(site, tmp_path):
    code, text = match(site, tmp_path, SCRIPT)
    assert code == 0 and text.startswith("yes: "), text
    assert site.migration in text and SHA in text and "9001" in flat(text) and "acme/app" in flat(text)
    assert match(site, tmp_path, "\n\n" + ";\n".join(STATEMENTS) + " ; -- end")[0] == 0
    whole = json.loads(match(site, tmp_path, SCRIPT, "--json")[1])
    assert whole["proven"] and [part["tag"] for part in whole["sessions"][0]["parts"]] == ["ALTER TABLE", "INSERT", "UPDATE"]


def test_another_script_did_not_run(site, tmp_path):
    code, text = match(site, tmp_path, SCRIPT.replace("43", "44"))
    assert code == 1 and "statement 3, UPDATE in line 6: missing" in text and site.migration in text, text
    code, text = match(site, tmp_path, ";".join([STATEMENTS[0], STATEMENTS[2], STATEMENTS[1]]))
    assert code == 1 and "missing" in text
    code, text = match(site, tmp_path, STATEMENTS[0].replace("    ", " "))
    assert code == 1 and "no session ran any" in text
    code, text = match(site, tmp_path, SCRIPT + ";drop table audited")
    assert code == 1 and "denied by no-drop" in text, text


def test_a_script_with_others_between_or_undone_is_not_proven(site, tmp_path):
    own = f"{STATEMENTS[1]};{STATEMENTS[2]}"
    code, text = match(site, tmp_path, f"begin;{own};commit")
    assert code == 1 and "SELECT" in text and site.pieces in text, text
    assert match(site, tmp_path, f"begin;{own};commit", "--allow-others")[0] == 0
    code, text = match(site, tmp_path, f"begin;{own};rollback")
    assert code == 1 and "rolled back" in text and site.undone in text, text


def test_a_script_needs_the_key_of_the_journal(site, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for files in journal.chains(site.folder).values():
        for path in files:
            (copy / os.path.basename(path)).write_bytes(open(path, "rb").read())
    (tmp_path / "script.sql").write_text(SCRIPT)
    done = audit("match", tmp_path / "script.sql", copy)
    assert done.returncode == 2 and "text.key" in done.stderr
    assert audit("match", "--text-key", f"{site.folder}/text.key", tmp_path / "script.sql", copy).returncode == 0
    assert audit("match", "-", site.folder, stdin=SCRIPT).returncode == 0
    done = audit("match", "-", site.folder, stdin="\\set x 1\nselect 1")
    assert done.returncode == 2 and "not understood" in done.stderr
    assert [row["journal"] for row in rows(site.folder, "--run", "9001")] == [site.folder]
    both = audit("list", "--run", "9001", site.folder, copy).stdout
    assert "JOURNAL" in both and str(copy) in both
    one, two = (json.loads(audit("show", "--json", site.migration, *folders).stdout)["steps"]
                for folders in ([site.folder], [site.folder, copy]))  # fmt: skip
    assert one == two


def test_the_commands_of_the_manual_run_as_written(site, tmp_path):
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "audit.md")) as file:
        text = file.read()
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    verbs = [line.split()[2] for line in lines]
    assert verbs == ["list", "list", "list", "show", "list", "match", "export", "export"]
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0042.sql").write_text(SCRIPT)
    folder = tmp_path / "bin"
    folder.mkdir()
    os.symlink(os.path.abspath(executable()), folder / "postern")
    for line in lines:
        line = line.replace("public.orders", "public.audited").replace("4711", "9001")
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={"PATH": f"{folder}:/usr/bin:/bin", "JOURNAL": site.folder, "SESSION": site.migration},
        )  # fmt: skip
        if "--guard" in line:
            # No job of this journal had a guard: test_guard has one that is found.
            assert (done.returncode, done.stderr) == (1, "postern: note: nothing was found\n"), line
            continue
        assert (done.returncode, done.stderr) == (0, ""), line + done.stdout + done.stderr
        assert done.stdout, line
    help_text = audit("list", "--help").stdout
    options = set(re.findall(r"`(--[a-z]+)", text[text.index("## Filters") : text.index("## The index")]))
    assert options <= set(re.findall(r"--[a-z-]+", help_text)), options
