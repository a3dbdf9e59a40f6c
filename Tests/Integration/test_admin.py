"""The admin address, and where credentials come from."""

import copy
import json
import re
import signal
import urllib.error
import urllib.request

import psycopg
import pytest
from support import journal
from support.waiting import free_port, until


def total(gateway, name, *labels):
    """The sum of a metric's samples that have these labels."""
    return sum(value for sample, value in gateway.metrics().items()
               if sample.partition("{")[0] == name and all(label in sample for label in labels))


def refusal(parameters):
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**parameters, connect_timeout=20)
    return str(caught.value)


def test_healthy_and_ready(gateway):
    assert gateway.admin("/healthz") == (200, "ok\n")
    until(lambda: gateway.ready() == (200, "ready\n"), 5, "ready without a warning")
    assert gateway.admin("/elsewhere")[0] == 404


def test_readiness_for_programs(gateway):
    request = urllib.request.Request(
        f"http://127.0.0.1:{gateway.admin_port}/readyz", headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        assert json.load(reply) == {
            "ready": True, "issuers_without_keys": [], "failing_issuers": [], "unreachable_databases": [],
            "unreadable_catalogs": [],
        }


def test_only_reading_is_served(gateway):
    request = urllib.request.Request(f"http://127.0.0.1:{gateway.admin_port}/metrics", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == 405


def test_an_issuer_without_keys_is_named_and_the_gateway_stays_ready(make_gateway):
    gateway = make_gateway(start=False)
    gateway.configuration["issuers"]["lost"] = {
        "profile": "generic", "issuer": f"https://127.0.0.1:{free_port()}", "audience": "lost.test",
        "allow_private": True, "trust": "all",
    }
    gateway.write()
    gateway.start()
    until(lambda: "issuer lost: no keys" in gateway.ready()[1], what="the issuer's name")
    assert gateway.ready()[0] == 200
    assert total(gateway, "postern_issuer_keys", 'issuer="lost"') == 0
    until(lambda: total(gateway, "postern_issuer_keys", 'issuer="ci"') == 1, 5, "the other issuer's keys")
    until(lambda: total(gateway, "postern_issuer_failures_total", 'issuer="lost"') >= 1, what="the failure's count")
    psycopg.connect(**gateway.plain()).close()


def test_an_unreachable_database_is_named_and_the_gateway_stays_ready(make_gateway):
    gateway = make_gateway(start=False)
    good = gateway.configuration["databases"]["app"]["hosts"]
    nobody = f"localhost:{free_port()}"
    gateway.configuration["databases"]["app"]["hosts"] = [nobody]
    gateway.write()
    gateway.start()
    text = refusal(gateway.plain())
    assert "localhost" not in text.partition("FATAL:")[2]
    until(lambda: "database app: unreachable" in gateway.ready()[1], what="the database's name")
    assert gateway.ready()[0] == 200
    assert total(gateway, "postern_upstream_up", f'host="{nobody}"') == 0
    (record,) = journal.records(gateway.journal_folder, "session.refused")
    assert record["stage"] == "upstream"
    gateway.configuration["databases"]["app"]["hosts"] = good
    gateway.write()
    gateway.signal(signal.SIGHUP)
    until(lambda: _enters(gateway), 10, "the return of the database")
    until(lambda: "unreachable" not in gateway.ready()[1], what="the end of the warning")


def _enters(gateway):
    try:
        psycopg.connect(**gateway.plain(), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


FAMILIES = {
    "postern_sessions": "gauge", "postern_sessions_total": "counter", "postern_statements_total": "counter",
    "postern_bytes_total": "counter", "postern_refusals_total": "counter", "postern_connections": "gauge",
    "postern_connections_total": "counter", "postern_client_handshake_seconds": "histogram",
    "postern_token_check_seconds": "histogram", "postern_upstream_connect_seconds": "histogram",
    "postern_upstream_login_seconds": "histogram", "postern_statement_seconds": "histogram",
    "postern_gateway_seconds": "histogram", "postern_journal_writable": "gauge",
    "postern_config_last_reload_successful": "gauge", "postern_build_info": "gauge",
    "process_start_time_seconds": "gauge", "process_cpu_seconds_total": "counter",
    "process_resident_memory_bytes": "gauge", "process_open_fds": "gauge",
}


def test_metrics_keep_prometheus_conventions(gateway):
    psycopg.connect(**gateway.tls()).close()
    text = gateway.admin("/metrics")[1]
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert FAMILIES.items() <= types.items()
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.M))
    assert set(helps) == set(types)
    samples = re.findall(r"^([a-z_]+)(\{[^}]*\})? (\S+)$", text, re.M)
    assert len(samples) == len([line for line in text.splitlines() if not line.startswith("#")])
    assert len({(name, labels) for name, labels, _ in samples}) == len(samples), "a sample stands twice"
    for name, _, value in samples:
        family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in types else name
        assert family in types and float(value) >= 0
        if types[family] == "counter":
            assert name.endswith("_total")


def test_metrics_tell_what_happened(make_gateway, issuer):
    gateway = make_gateway()
    token = issuer.token()
    for _ in range(3):
        with psycopg.connect(**gateway.tls(token), autocommit=True) as connection:
            for _ in range(4):
                connection.execute("select repeat('x', 1000)")
    for bad in (issuer.forged(), issuer.token(aud="elsewhere")):
        refusal(gateway.plain(bad))
    refusal(gateway.plain(issuer.token(ref="refs/heads/other")))
    refusal(gateway.tls(sslmode="disable"))
    until(lambda: total(gateway, "postern_connections") == 0, what="the end of all connections")
    mine = ('role="app"', 'database="app"')
    assert total(gateway, "postern_sessions_total", *mine) == 3
    assert total(gateway, "postern_sessions", *mine) == 0
    assert 12 <= total(gateway, "postern_statements_total", *mine) <= 18
    assert total(gateway, "postern_bytes_total", 'direction="to_job"', *mine) > 12_000
    assert 100 < total(gateway, "postern_bytes_total", 'direction="from_job"', *mine) < 12_000
    assert total(gateway, "postern_refusals_total", 'stage="token"') == 2
    assert total(gateway, "postern_refusals_total", 'stage="grant"') == 1
    assert total(gateway, "postern_connections_total") == 7
    assert total(gateway, "postern_token_cache_hits_total") == 2
    assert total(gateway, "postern_client_handshake_seconds_count") == 3
    assert total(gateway, "postern_upstream_login_seconds_count", *mine) == 3
    assert total(gateway, "postern_token_check_seconds_count") == 6
    statements = total(gateway, "postern_statement_seconds_count", *mine)
    assert statements == total(gateway, "postern_statements_total", *mine)
    assert total(gateway, "postern_statement_seconds_bucket", 'le="+Inf"', *mine) == statements
    assert total(gateway, "postern_upstream_up") == 1
    assert total(gateway, "postern_journal_writable") == 1
    assert total(gateway, "postern_journal_records_total") >= 6 + 4


def test_what_jobs_say_does_not_become_a_label(make_gateway):
    gateway = make_gateway()
    before = len(gateway.metrics())
    for number in range(30):
        refusal(gateway.plain(user=f"made_up_{number}", dbname=f"made_up_{number}"))
    assert len(gateway.metrics()) < before + 10
    assert "made_up" not in gateway.admin("/metrics")[1]


# Credentials


@pytest.fixture
def rotating(postgres):
    """A PostgreSQL role whose password changes; calling it sets one."""
    with postgres.superuser(autocommit=True) as connection:
        connection.execute("drop role if exists rotating")
        connection.execute("create role rotating login")

        def change(password):
            connection.execute(f"alter role rotating password '{password}'")
        yield change
        connection.execute("drop role rotating")


def gateway_with_secret(make_gateway, reference, environment=None):
    gateway = make_gateway(start=False, environment=environment)
    databases = copy.deepcopy(gateway.configuration["databases"])
    databases["app"]["logins"] = {"rotating": {"password": reference}}
    gateway.configuration["databases"] = databases
    gateway.roles["app"]["login"] = "rotating"
    return gateway


def save(gateway, text):
    with open(f"{gateway.folder}/rotating.password", "w") as file:
        file.write(text)


def start(gateway):
    gateway.write()
    gateway.start()


def user(gateway):
    with psycopg.connect(**gateway.plain()) as connection:
        return connection.execute("select session_user").fetchone()[0]


def test_a_credential_from_the_environment(make_gateway, rotating):
    rotating("from the environment")
    gateway = gateway_with_secret(
        make_gateway, {"env": "DATABASE_SECRET"}, environment={"DATABASE_SECRET": "from the environment"})
    start(gateway)
    assert user(gateway) == "rotating"


def test_a_credential_from_a_command_that_sees_no_other_secrets(make_gateway, rotating):
    rotating("from a command")
    gateway = gateway_with_secret(make_gateway, None, environment={"OTHER_SECRET": "must not be seen"})
    command = ["/bin/sh", "-c", f"/usr/bin/env > '{gateway.folder}/environment'; echo 'from a command'"]
    gateway.configuration["databases"]["app"]["logins"]["rotating"]["password"] = {"command": command}
    start(gateway)
    assert user(gateway) == "rotating"
    with open(f"{gateway.folder}/environment") as file:
        names = {line.partition("=")[0] for line in file}
    assert "PATH" in names and names <= {"PATH", "HOME", "PWD", "SHLVL", "_", "OLDPWD"}


def test_a_command_that_fails_is_not_shown_to_the_job(make_gateway, rotating):
    rotating("unknown")
    gateway = gateway_with_secret(make_gateway, {"command": ["/bin/sh", "-c", "echo s3cret-in-stderr >&2; exit 3"]})
    start(gateway)
    text = refusal(gateway.plain())
    assert "s3cret" not in text + gateway.log_text() and "/bin/sh" not in text
    (record,) = journal.records(gateway.journal_folder, "session.refused")
    assert record["stage"] == "upstream" and "s3cret" not in record["reason"]


def test_a_changed_password_file_is_read_at_the_next_login(make_gateway, rotating):
    gateway = gateway_with_secret(make_gateway, {"file": "rotating.password"})
    for password in ("first", "second", "third with spaces \\ ' \""):
        save(gateway, password)
        rotating(password.replace("'", "''"))
        if gateway.process is None:
            start(gateway)
        assert user(gateway) == "rotating"
    assert total(gateway, "postern_config_reloads_total") <= 1


def test_a_cached_credential_is_read_once_more_when_the_server_refuses_it(make_gateway, rotating):
    gateway = gateway_with_secret(make_gateway, {"command": ["/bin/cat", "rotating.password"], "ttl": "5m"})
    secret = f"{gateway.folder}/rotating.password"
    gateway.configuration["databases"]["app"]["logins"]["rotating"]["password"]["command"] = ["/bin/cat", secret]
    save(gateway, "old")
    rotating("old")
    start(gateway)
    assert user(gateway) == "rotating"
    save(gateway, "new")
    rotating("new")
    assert user(gateway) == "rotating"


def test_a_wrong_credential_is_no_word_to_the_job(make_gateway, rotating):
    rotating("right")
    gateway = gateway_with_secret(make_gateway, {"file": "rotating.password"})
    save(gateway, "wrong")
    start(gateway)
    text = refusal(gateway.plain()).partition("FATAL:")[2]
    assert text and "password" not in text and "rotating" not in text
