"""`postern demo`: the whole story from one command, and nothing left behind."""

import glob
import os
import re
import signal
import subprocess
import tempfile
import time

import pytest
from support.gateway import executable
from support.waiting import is_listening, until

pytestmark = pytest.mark.timeout(90)


def demo_folders(temporary):
    return glob.glob(f"{temporary}/postern-demo-*")


def processes_in(folder):
    """Processes whose command line names the folder."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                if folder.encode() in file.read():
                    found.append(path)
        except OSError:
            continue
    return found


@pytest.fixture
def temporary():
    """A folder for temporary files that PostgreSQL's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="postern-test-") as folder:
        os.chmod(folder, 0o755)
        yield folder


def start(temporary, *arguments, out):
    with open(out, "w") as file:
        return subprocess.Popen(
            [executable(), "demo", *arguments], stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": temporary}, start_new_session=True,
        )


def read(path):
    with open(path) as file:
        return file.read()


def ports_of(text):
    return {int(port) for port in re.findall(r"(?:127\.0\.0\.1|localhost):(\d+)", text.partition("\n1. ")[0])}


def assert_nothing_is_left(text, temporary):
    folder = re.search(r"(/\S*/postern-demo-\w+)", text).group(1)
    assert not os.path.exists(folder)
    assert demo_folders(temporary) == []
    assert processes_in(folder) == []
    ports = ports_of(text)
    assert len(ports) == 4 and not any(map(is_listening, ports))


def test_the_demo_shows_its_jobs_and_an_auditor_and_leaves_nothing(temporary, tmp_path):
    out = tmp_path / "out"
    began = time.monotonic()
    process = start(temporary, out=out)
    assert process.wait(60) == 0, read(out)
    assert time.monotonic() - began < 60
    text = read(out)
    parts = re.split(r"^\d\. ", text.partition("That was all")[0], flags=re.M)
    assert len(parts) == 10
    assert_migration(parts[0], parts[1])
    assert_denial(text, parts[2])
    reasons = ["audience", "expired", "claim `ref` does not match", "signature"]
    for part, reason in zip(parts[3:7], reasons, strict=True):
        assert "FATAL: access refused (session" in " ".join(part.split()) and "rows)" not in part
        assert reason in part.partition("The journal knows:")[2]
    assert_drone(parts[7])
    assert_auditor(text, *parts[8:])
    assert "\x1b" not in text, "colours go to terminals only"
    assert_readme(text)
    too_long = [line for line in text.splitlines() if len(line) > 100]
    assert too_long == []
    assert_nothing_is_left(text, temporary)


def assert_migration(introduction, part):
    assert re.search(r"^ +16  +- \{id: no-drop, deny: \[DROP TABLE, TRUNCATE\]", introduction, re.M)
    for line in ("ALTER TABLE", "UPDATE 2", "COMMIT", "(3 rows)"):
        assert re.search(rf"^ +{re.escape(line)}$", part, re.M), line
    assert "ERROR" not in part and "FATAL" not in part


def assert_denial(text, part):
    """What the job reads, that nothing of its transaction stays, and what the policy says of it."""
    printed, _, explained = part.partition("`postern policy explain`")
    words = " ".join(printed.split())
    assert re.search(
        r"ERROR: 42501: permission denied by policy: DROP TABLE on public\.order_lines \(session [0-9a-z]{16}\)", words,
    )
    assert "DETAIL: role orders_migrator: rule no-drop at policies/orders.yaml:16 denies DROP TABLE" in words
    assert "HINT: a reviewer drops tables" in words
    assert re.search(r"commit; ROLLBACK select count\(\*\) .* -+ 5 \(1 row\)", words)
    words = " ".join(explained.split())
    assert "role orders_migrator: deny 42501 permission denied by policy: DROP TABLE on public.order_lines" in words
    assert "allow migrate policies/orders.yaml:15 matches deny no-drop policies/orders.yaml:16 matches" in words


def assert_drone(part):
    """The push runs its migration; the pull request is told by its own error what to do, and the journal has both."""
    push, _, pull = part.partition("The same pipeline for the pull request of a fork.")
    assert "export PGPASSWORD=\"${POSTERN_ID_TOKEN:?this build has no token:" in push
    assert re.search(r"^ +ALTER TABLE$", push, re.M) and "rror" not in push
    told, _, listed = pull.partition("$ postern audit list --tokens issuer/journal")
    assert "POSTERN_ID_TOKEN: this build has no token: migrate from a push or a tag" in " ".join(told.split())
    words = " ".join(listed.split())
    assert re.search(r"refused acme/orders refs/pull/3/head pull_request 8 a build of a fork drone/env", words), words
    assert re.search(r"[0-9a-f]{32} acme/orders refs/heads/main push 7 drone/env", words), words


def assert_readme(text):
    """What the README shows of the demo is what it prints; numbers, sessions and the breaks of long lines aside."""
    def words(text):
        text = re.sub(r"(?<=\(session )\w{16}|(?<=  )[0-9a-z]{16}(?= )", "SESSION", text)
        return re.sub(r"\d+", "0", " ".join(text.split()))

    page = read(os.path.join(os.path.dirname(__file__), "..", "..", "README.md"))
    shown = [block for block in re.findall(r"^```\n(.*?)^```$", page, re.M | re.S) if re.match(r"[178]\. ", block)]
    assert len(shown) == 3
    printed = words(text)
    pieces = [words(piece) for block in shown for piece in re.split(r"\n\n|^ +…\n", block, flags=re.M)]
    assert len(pieces) == 14 and [piece for piece in pieces if piece not in printed] == []


def assert_auditor(text, asks, doubts):
    """The commands' own answers, and one changed byte that is found where it was said to be."""
    denied, *refused = re.findall(r"\(session ([0-9a-z]{16})\)", text)
    assert len({denied, *refused}) == 5
    listed, shown, matched = re.split(r"^   \$ postern audit ", asks, flags=re.M)[1:]
    assert re.search(
        rf"^ +\S+Z  DROP TABLE  public\.order_lines  denied by no-drop  not forwarded\n"
        rf" +orders_migrator  acme/orders  refs/heads/main  4711  {denied} +3$", listed, re.M,
    )
    words = " ".join(shown.split())
    assert f"show {denied} journal" in words and "repository acme/orders ref refs/heads/main run 4711 …" in words
    assert "#3 DROP TABLE public.order_lines: denied by no-drop at policies/orders.yaml:16 drop table" in words
    assert "transaction 1 rolled back …" in words
    assert "yes: ship.sql, 5 statements, ran exactly so in 1 session" in matched and "4711" in matched
    whole, broken = re.split(r"^   \$ postern audit verify --public-key checkpoint.pub ", doubts, flags=re.M)[1:]
    assert re.search(r"^      ok: \d+ records in (\d+) chains, all of them whole$", whole, re.M) and "BROKEN" not in whole
    line, file, seq = re.search(r"line (\d+) of (\S+) is changed by one byte: record (\d+)", " ".join(whole.split())).groups()
    assert "names run 8, no longer 7" in " ".join(whole.split())
    assert f" {file}:{line}: record {seq} was changed: " in broken
    assert re.search(r"^      broken: 1 problem, \d+ of \d+ chains whole$", broken, re.M) and "exits with 1" in broken
    assert all(len(part.splitlines()) <= 32 for part in (asks, doubts)), "an act fits a screen"


def test_what_the_demo_prints_to_paste_works_as_printed(temporary, tmp_path):
    out = tmp_path / "out"
    process = start(temporary, "--keep", out=out)
    try:
        text = until(lambda: "journal are in" in read(out) and read(out), 60, "the lines to paste")
        lines = [line.strip() for line in text.partition("In another terminal:")[2].splitlines()]
        pasted = [line for line in lines if line.startswith(("export ", "psql "))]
        assert len(pasted) == 2
        script = "\n".join(pasted) + " -X -A -t -c 'select customer from orders order by id limit 1'\n"
        shell = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True, timeout=20, cwd="/")
        assert (shell.returncode, shell.stdout) == (0, "Ada\n"), shell.stderr
        audit_listed, audit_verified = (ask_as_printed(line) for line in lines if " audit " in line)
        assert "DROP TABLE" in audit_listed and "all of them whole" in audit_verified
        assert_readme_audits(text)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)
    assert_nothing_is_left(text, temporary)


def ask_as_printed(line, folder="/"):
    done = subprocess.run(["bash", "-e"], input=line, capture_output=True, text=True, timeout=20, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_readme_audits(text):
    """The auditors' commands of the README answer as it says, on the demo's journal."""
    folder = re.search(r"(/\S*/postern-demo-\w+)", text).group(1)
    session = re.search(r"\(session ([0-9a-z]{16})\)", text).group(1)
    page = read(os.path.join(os.path.dirname(__file__), "..", "..", "README.md"))
    answers = {}
    for line in re.findall(r"^postern audit .*$", page, re.M):
        line = line.replace("/var/lib/postern/journal", "journal").replace("migrations/0042.sql", "ship.sql")
        line = re.sub(r"^postern audit show \w+", f"postern audit show {session}", line)
        program = os.path.abspath(executable())
        answers[line.split()[2]] = ask_as_printed(program + line.removeprefix("postern"), folder)
    assert list(answers) == ["list", "show", "match", "verify"]
    assert "ALTER TABLE" in answers["list"] and f"session {session}" in answers["show"]
    assert answers["match"].startswith("yes: ") and "all of them whole" in answers["verify"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing(temporary, tmp_path, number):
    out = tmp_path / "out"
    process = start(temporary, out=out)
    try:
        (folder,) = until(lambda: demo_folders(temporary), 30, "the demo's folder")
        until(lambda: processes_in(folder), 30, "the first process of the demo")
        process.send_signal(number)
        process.wait(20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(20)
    assert process.returncode != 0
    assert demo_folders(temporary) == []
    assert processes_in(folder) == []
