"""deploy/systemd: the units are sound, as closed as they say, and leave the gateway what it needs."""

import os
import re
import signal
import subprocess

import psycopg
import pytest
from support.deployment import DEPLOY, run
from support.gateway import Gateway, executable
from support.issuer import TokenIssuer
from support.policy_verbs import ROOT
from support.waiting import until

UNITS = ["postern.service", "postern-issuer.service"]


@pytest.fixture(scope="module", autouse=True)
def systemd():
    subprocess.run([f"{ROOT}/.ci/install", "systemd", "strace"], check=True, timeout=600)


def text(unit):
    with open(f"{DEPLOY}/systemd/{unit}") as file:
        return file.read()


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit(tmp_path, unit):
    # Of a machine where Postern is installed.
    (tmp_path / unit).write_text(text(unit).replace("/usr/bin/postern", executable()))
    done = run("systemd-analyze", "verify", "--man=no", f"{tmp_path}/{unit}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_the_score_is_the_one_that_the_unit_states(unit):
    stated = re.search(r"`systemd-analyze security` rates it (\d\.\d)", text(unit)).group(1)
    done = run(
        "systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={int(float(stated) * 10)}",
        f"{DEPLOY}/systemd/{unit}",
    )
    assert done.returncode == 0, done.stdout
    assert f"Overall exposure level for {unit}: {stated} " in done.stdout
    with open(f"{ROOT}/docs/deploy.md") as file:
        assert f"| `{unit}` | {stated} |" in file.read()


@pytest.mark.parametrize("unit", UNITS)
def test_a_mistake_in_the_configuration_is_not_tried_again(tmp_path, unit):
    # The status counts for the main process alone: what runs before it would be started again and again.
    assert "ExecStartPre" not in text(unit)
    words = re.search(r"^ExecStart=/usr/bin/postern (.*)$", text(unit), re.M).group(1).split()
    (tmp_path / "bad.yaml").write_text("nothing: known\n")
    words = [f"{tmp_path}/bad.yaml" if word.endswith(".yaml") else word for word in words]
    code = re.search(r"^RestartPreventExitStatus=(\d+)$", text(unit), re.M).group(1)
    assert run(executable(), *words).returncode == int(code)


def filtered(name):
    """The system calls of a set, sets in it included."""
    calls = set()
    for word in run("systemd-analyze", "syscall-filter", name).stdout.split("\n")[1:]:
        word = word.strip()
        if word.startswith("@"):
            calls |= filtered(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


class Trace:
    """A program that runs Postern and writes its system calls down."""

    def __init__(self, folder):
        self.file = folder / "trace"
        self.program = folder / "postern"
        self.program.write_text(f"#!/bin/sh\nexec strace -f -qq -o {self.file} {executable()} \"$@\"\n")
        self.program.chmod(0o755)

    def signal(self, process, *numbers):
        for child in run("pgrep", "-P", str(process.pid)).stdout.split():
            for number in numbers:
                os.kill(int(child), number)

    def used(self):
        return set(re.findall(r"^\d+ +(\w+)\(", self.file.read_text(), re.M))


def test_the_gateway_makes_no_system_call_that_the_unit_takes_away(tmp_path, postgres, issuer, authority):
    trace = Trace(tmp_path)
    gateway = Gateway(tmp_path / "gateway", postgres, issuer, authority, binary=str(trace.program))
    try:
        with psycopg.connect(**gateway.tls()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        gateway.admin("/metrics")
        trace.signal(gateway.process, signal.SIGHUP)
    finally:
        trace.signal(gateway.process, signal.SIGTERM, signal.SIGTERM)
        gateway.process.wait(20)
    used = trace.used()
    assert {"epoll_pwait", "epoll_wait"} & used and "accept4" in used
    assert used - allowed(text("postern.service")) == set()


def test_the_issuer_makes_no_system_call_that_its_unit_takes_away(tmp_path, authority):
    trace = Trace(tmp_path)
    issuer = TokenIssuer(tmp_path / "issuer", authority)
    issuer.binary = str(trace.program)
    issuer.start()
    try:
        assert issuer.drone()[0] == 200
        trace.signal(issuer.process, signal.SIGHUP)
        until(lambda: "reloaded" in issuer.log_text(), what="the reload")
        assert issuer.drone()[0] == 200
    finally:
        trace.signal(issuer.process, signal.SIGTERM)
        issuer.process.wait(20)
    used = trace.used()
    # What a token costs: a connection, and a journal that waits for the disk.
    assert {"fsync", "fdatasync"} & used and {"accept", "accept4"} & used
    assert used - allowed(text("postern-issuer.service")) == set()


def allowed(unit):
    """The system calls that a unit leaves, line by line as systemd takes them."""
    calls = filtered("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*(filtered(w) if w.startswith("@") else {w} for w in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls
