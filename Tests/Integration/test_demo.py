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
    assert len(ports) == 3 and not any(map(is_listening, ports))


def test_the_demo_shows_the_five_jobs_and_the_journal_and_leaves_nothing(temporary, tmp_path):
    out = tmp_path / "out"
    began = time.monotonic()
    process = start(temporary, out=out)
    assert process.wait(60) == 0, read(out)
    assert time.monotonic() - began < 60
    text = read(out)
    parts = re.split(r"^\d\. ", text, flags=re.M)
    assert len(parts) == 6
    assert "(3 rows)" in parts[1] and "FATAL" not in parts[1]
    reasons = ["audience", "expired", "claim `ref` does not match", "signature"]
    for part, reason in zip(parts[2:], reasons, strict=True):
        story = part.partition("The journal of just that")[0]
        assert "access refused" in story and "rows)" not in story
        assert reason in story.partition("The journal knows:")[2]
    listed = text.partition("The journal of just that")[2]
    events = re.findall(r"^ *\d\d:\d\d:\d\d\.\d+  (\S+)", listed, re.M)
    assert events[0] == "gateway.start"
    assert sorted(events[1:]) == ["session.end", "session.refused", "session.refused", "session.refused",
                                  "session.refused", "session.start"]
    shown = {session for session in re.findall(r"\(session ([0-9a-z]{16})\)", text)}
    assert len(shown) == 4 and all(session in listed for session in shown)
    assert "\x1b" not in text, "colours go to terminals only"
    assert_nothing_is_left(text, temporary)


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
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)
    assert_nothing_is_left(text, temporary)


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
