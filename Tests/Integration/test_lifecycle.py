"""How a gateway ends, what keeps it from starting, and what it survives."""

import os
import re
import resource
import signal
import subprocess
import time

import psycopg
import pytest
from support import journal
from support.gateway import executable
from support.rawclient import RawClient, query, startup
from support.waiting import is_listening, until


def log_in(gateway):
    return RawClient(gateway.plain_port, timeout=30).log_in(gateway.issuer.token())


def terminate_at_once(gateway):
    """Two signals: the second skips the wait for load balancers."""
    gateway.signal(signal.SIGTERM)
    until(lambda: gateway.ready()[0] != 200, what="the drain")
    gateway.signal(signal.SIGTERM)


def start_and_fail(gateway, *arguments):
    """Runs a gateway that must not start; what it says."""
    result = subprocess.run(
        [executable(), "serve", "--config", f"{gateway.folder}/postern.yaml", *arguments],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 2, result.stderr
    assert "postern: error: " in result.stderr
    return result.stderr


def ends(gateway):
    return [record["reason"] for record in journal.records(gateway.journal_folder, "session.end")]


def test_a_drain_tells_load_balancers_first_then_idle_sessions_and_lets_busy_ones_finish(make_gateway):
    gateway = make_gateway()
    idle, busy = log_in(gateway), log_in(gateway)
    busy.send(query("select pg_sleep(6.5), 7"))
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    until(lambda: gateway.ready()[0] == 503, 1, "not ready")
    assert "draining" in gateway.ready()[1]
    # For load balancers that have not looked yet.
    psycopg.connect(**gateway.plain()).close()
    idle.send(query("select 1")).until(b"Z")
    words = idle.last_words()
    assert (words["S"], words["C"]) == ("FATAL", "57P01")
    assert 4 < time.monotonic() - began < 6.4
    until(lambda: not is_listening(gateway.plain_port), 5, "the end of accepting")
    assert busy.until(b"D").endswith(b"7")
    assert busy.last_words()["C"] == "57P01"
    gateway.process.wait(5)
    assert gateway.process.returncode == 0
    assert time.monotonic() - began < 12
    assert ends(gateway).count("drain") == 2
    assert journal.verify(gateway.journal_folder)


def test_the_drain_timeout_ends_what_is_still_busy(make_gateway, postgres):
    gateway = make_gateway(start=False)
    gateway.start("--drain-timeout", "1s")
    busy = log_in(gateway)
    busy.send(query("select pg_sleep(30)"))
    began = time.monotonic()
    terminate_at_once(gateway)
    assert busy.last_words()["C"] == "57P01"
    assert 0.8 < time.monotonic() - began < 5
    gateway.process.wait(5)
    assert gateway.process.returncode == 0
    assert ends(gateway) == ["drain"]


def test_a_session_in_a_transaction_hears_of_the_drain(make_gateway):
    gateway = make_gateway(start=False)
    gateway.start("--drain-timeout", "2s")
    client = log_in(gateway)
    client.send(query("begin")).until(b"Z")
    terminate_at_once(gateway)
    assert client.last_words()["C"] == "57P01"
    gateway.process.wait(5)


def test_sigint_ends_the_gateway_too(make_gateway):
    gateway = make_gateway()
    gateway.signal(signal.SIGINT)
    until(lambda: gateway.ready()[0] == 503, 2, "not ready")
    gateway.signal(signal.SIGINT)
    gateway.process.wait(5)
    assert gateway.process.returncode == 0


def test_a_login_that_is_half_way_when_the_drain_begins_is_told(make_gateway):
    gateway = make_gateway()
    client = RawClient(gateway.plain_port)
    client.send(startup()).until(b"R")
    terminate_at_once(gateway)
    assert client.last_words()["C"] == "57P01"
    gateway.process.wait(5)


def test_the_unix_sockets_file_goes_with_the_gateway(make_gateway):
    gateway = make_gateway()
    path = f"{gateway.socket_folder}/.s.PGSQL.{gateway.plain_port}"
    assert os.path.exists(path)
    gateway.stop()
    assert not os.path.exists(path)


def test_a_unix_sockets_file_of_a_dead_gateway_is_replaced(make_gateway):
    gateway = make_gateway()
    gateway.kill()
    gateway.start()
    psycopg.connect(**gateway.unix()).close()


def test_a_second_gateway_on_the_same_journal_is_refused(make_gateway):
    first = make_gateway()
    second = make_gateway(start=False)
    second.configuration["audit"]["directory"] = first.journal_folder
    second.write()
    text = start_and_fail(second)
    assert first.journal_folder in text and "another process" in text
    psycopg.connect(**first.plain()).close()


@pytest.mark.parametrize("which", ["plain", "unix", "admin"])
def test_an_address_that_somebody_has_is_named(make_gateway, which):
    first = make_gateway()
    second = make_gateway(start=False)
    taken = {"plain": f"127.0.0.1:{first.plain_port}", "admin": f"127.0.0.1:{first.admin_port}",
             "unix": f"unix:{first.socket_folder}/.s.PGSQL.{first.plain_port}"}[which]
    if which == "admin":
        second.configuration["admin"] = {"address": taken}
    else:
        second.configuration["listeners"] = [{"address": taken}]
    second.write()
    assert taken.removeprefix("unix:") in start_and_fail(second)
    psycopg.connect(**first.unix()).close()


def test_usage_errors_exit_with_2(make_gateway):
    for arguments in (["serve"], ["serve", "--config", "/nonexistent.yaml"], ["serve", "--drain-timeout", "soon"]):
        result = subprocess.run([executable(), *arguments], capture_output=True, text=True, timeout=10)
        assert result.returncode == 2, (arguments, result.stderr)
        assert result.stderr


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_running_out_of_descriptors_is_survived(make_gateway):
    gateway = make_gateway(start=False)
    gateway.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        held = [RawClient(gateway.plain_port) for _ in range(150)]
        until(lambda: "out of file descriptors" in gateway.log_text(), what="the log")
        before, began = cpu_seconds(gateway.process), time.monotonic()
        while time.monotonic() < began + 1:
            assert connection.execute("select 1").fetchone() == (1,)
            time.sleep(0.05)
        assert cpu_seconds(gateway.process) - before < 0.7, "a loop spins"
        for client in held:
            client.close()
        assert len(re.findall("out of file descriptors", gateway.log_text())) < 50, "strangers fill the log"

        def enters():
            try:
                psycopg.connect(**gateway.plain(), connect_timeout=5).close()
            except psycopg.OperationalError:
                return False
            return True
        until(enters, 10, "the return of service")
        assert connection.execute("select 1").fetchone() == (1,)
    assert gateway.is_alive()


def test_the_journal_says_what_the_gateway_was(make_gateway):
    gateway = make_gateway()
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    events = [record["event"] for record in journal.records(gateway.journal_folder)]
    assert events.count("gateway.start") == events.count("gateway.stop") == 1
    (start,) = journal.records(gateway.journal_folder, "gateway.start")
    assert {"version", "config_hash", "policy_hash", "files"} <= set(start)
    for name in journal.chains(gateway.journal_folder):
        with open(f"{gateway.journal_folder}/{name}.state") as file:
            assert "\nclosed " in file.read()
    journal.verify(gateway.journal_folder)
