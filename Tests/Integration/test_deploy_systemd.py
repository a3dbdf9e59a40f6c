"""deploy/systemd: the units are sound, as closed as they say, and leave the gateway what it needs."""

import os
import re
import subprocess

import psycopg
import pytest
from support.deployment import DEPLOY, run
from support.gateway import Gateway, executable
from support.policy_verbs import ROOT

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


def test_the_gateway_makes_no_system_call_that_the_unit_takes_away(tmp_path, postgres, issuer, authority):
    trace = tmp_path / "trace"
    wrapper = tmp_path / "postern"
    wrapper.write_text(f"#!/bin/sh\nexec strace -f -qq -o {trace} {executable()} \"$@\"\n")
    wrapper.chmod(0o755)
    gateway = Gateway(tmp_path / "gateway", postgres, issuer, authority, binary=str(wrapper))
    try:
        with psycopg.connect(**gateway.tls()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        gateway.admin("/metrics")
        pid = int(run("pgrep", "-P", str(gateway.process.pid)).stdout.split()[0])
        os.kill(pid, 1)
    finally:
        for child in run("pgrep", "-P", str(gateway.process.pid)).stdout.split():
            os.kill(int(child), 15)
            os.kill(int(child), 15)
        gateway.process.wait(20)
    used = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.M))
    assert {"epoll_pwait", "epoll_wait"} & used and "accept4" in used
    assert used - allowed(text("postern.service")) == set()


def allowed(unit):
    """The system calls that a unit leaves, line by line as systemd takes them."""
    calls = filtered("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*(filtered(w) if w.startswith("@") else {w} for w in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls
