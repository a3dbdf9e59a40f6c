"""`postern check --connect`: what it finds out about issuers and servers before a gateway serves."""

import base64
import contextlib
import json
import socket
import ssl
import subprocess
import threading

import pytest
from support.certificates import Authority
from support.gateway import executable
from support.postgres import PASSWORD, SUPERUSER_PASSWORD
from support.waiting import free_port, until


def check(gateway, *options):
    return subprocess.run(
        [executable(), "check", "--config", f"{gateway.folder}/postern.yaml", "--connect", *options],
        capture_output=True, text=True, timeout=60,
    )


def report(gateway):
    """The exit code, and the members of the JSON object."""
    result = check(gateway, "--json")
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


def only_login(gateway):
    code, found = report(gateway)
    (login,) = found["connect"]["logins"]
    assert (code, found["ok"]) == ((0, True) if login["ok"] else (1, False))
    return login


@pytest.fixture
def configured(make_gateway, postgres, authority):
    """A gateway's configuration; keyword arguments replace members of the database `app`. Nothing is started."""

    def make(**changes):
        database = {
            "hosts": [f"localhost:{postgres.port}"],
            "tls": {"ca_file": authority.ca},
            "logins": {"app": {"password": {"file": "app.password"}}},
        }
        return make_gateway(start=False, databases={"app": database | changes})

    return make


@pytest.fixture
def silent_server():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def backends(postgres):
    with postgres.superuser() as connection:
        query = "select count(*) from pg_stat_activity where application_name = 'postern/check'"
        return connection.execute(query).fetchone()[0]


def test_a_good_configuration_is_tried_and_told_in_a_line_each(configured, postgres):
    result = check(configured())
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "ok: gateway gw-test"
    assert lines[-2] == "issuer ci: 1 key (k1 RSA RS256)"
    start = "database app login app: PostgreSQL 15."
    end = f" at localhost:{postgres.port} over TLSv1.3 (scram-sha-256-plus)"
    assert lines[-1].startswith(start) and lines[-1].endswith(end)


def test_a_good_configuration_as_json(configured, postgres):
    code, found = report(configured())
    assert (code, found["ok"]) == (0, True)
    key = {"key_id": "k1", "type": "RSA", "algorithm": "RS256"}
    entry = {"issuer": "ci", "ok": True, "keys": [key], "skipped": [], "fresh_for_seconds": None}
    assert found["connect"]["issuers"] == [entry]
    (login,) = found["connect"]["logins"]
    assert login.pop("server_version").startswith("15.")
    assert login == {
        "database": "app", "login": "app", "ok": True, "host": f"localhost:{postgres.port}", "tls": "TLSv1.3",
        "method": "scram-sha-256-plus", "superuser": False, "passed_over": [],
    }


def test_no_session_is_left_behind(configured, postgres):
    assert only_login(configured())["ok"]
    until(lambda: backends(postgres) == 0, 10, "the end of the session")


def test_without_connect_nothing_is_tried(configured):
    gateway = configured(hosts=[f"localhost:{free_port()}"])
    command = [executable(), "check", "--config", f"{gateway.folder}/postern.yaml", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0
    assert "connect" not in json.loads(result.stdout)


def test_a_configuration_with_mistakes_is_not_tried(configured):
    gateway = configured(hosts=[])
    code, found = report(gateway)
    assert (code, found["ok"], "connect" in found) == (1, False, False)


def test_a_wrong_password_is_told_without_showing_it(configured):
    gateway = configured()
    with open(f"{gateway.folder}/app.password", "w") as file:
        file.write("another-password")
    result = check(gateway)
    assert result.returncode == 1
    assert "database app login app: error: localhost:" in result.stdout
    assert "28P01" in result.stdout
    assert result.stderr == "postern: error: 1 login failed\n"
    assert "another-password" not in result.stdout


def test_a_missing_secret_is_told(configured):
    login = only_login(configured(logins={"app": {"password": {"env": "POSTERN_NO_SUCH_VARIABLE"}}}))
    assert "`POSTERN_NO_SUCH_VARIABLE` is not set" in login["error"]


def test_a_server_that_is_down_is_told(configured):
    port = free_port()
    login = only_login(configured(hosts=[f"127.0.0.1:{port}"]))
    assert f"127.0.0.1:{port}" in login["error"] and "refused" in login["error"]


def test_a_host_that_nobody_knows_is_told(configured):
    assert "cannot resolve `nowhere.invalid`" in only_login(configured(hosts=["nowhere.invalid:5432"]))["error"]


def test_a_silent_server_costs_the_connect_timeout(configured, silent_server):
    login = only_login(configured(hosts=[f"127.0.0.1:{silent_server}"], connect_timeout="300ms"))
    assert "timed out while waiting for the answer to the SSL request" in login["error"]


def test_the_next_host_is_tried_and_the_first_one_named(configured, postgres):
    down = free_port()
    login = only_login(configured(hosts=[f"127.0.0.1:{down}", f"localhost:{postgres.port}"]))
    assert login["ok"] and login["host"] == f"localhost:{postgres.port}"
    (passed_over,) = login["passed_over"]
    assert passed_over.startswith(f"127.0.0.1:{down}: ")


def test_another_authority_s_certificate_is_refused(configured, tmp_path):
    stranger = Authority(tmp_path / "stranger", "A stranger")
    login = only_login(configured(tls={"ca_file": stranger.ca}))
    assert "TLS handshake" in login["error"] and "certificate" in login["error"]


@pytest.fixture
def misnamed_server(authority):
    """Does TLS with a good certificate for another host's name, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("misnamed", "elsewhere", hosts=("elsewhere",), addresses=()))

    def serve(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.recv(8)
                connection.sendall(b"S")
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1024)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_certificate_for_another_name_is_refused_unless_the_chain_is_enough(
    configured, misnamed_server, authority
):
    hosts = [f"localhost:{misnamed_server}"]
    assert "hostname mismatch" in only_login(configured(hosts=hosts))["error"]
    lenient = configured(hosts=hosts, tls={"mode": "verify-ca", "ca_file": authority.ca})
    assert "closed the connection while waiting for the authentication request" in only_login(lenient)["error"]


def test_a_ca_file_that_is_no_certificate_is_told(configured, tmp_path):
    broken = tmp_path / "broken.crt"
    broken.write_text("not a certificate")
    assert f"`{broken}`" in only_login(configured(tls={"ca_file": str(broken)}))["error"]


def test_without_tls_it_says_so(configured, postgres):
    gateway = configured(hosts=[f"127.0.0.1:{postgres.port}"], tls={"mode": "disable"})
    result = check(gateway)
    assert result.returncode == 0
    assert result.stdout.endswith(f" at 127.0.0.1:{postgres.port} without TLS (scram-sha-256)\n")


def test_over_a_unix_socket(configured, postgres):
    path = f"unix:{postgres.folder}/.s.PGSQL.{postgres.port}"
    login = only_login(configured(hosts=[path], tls={"mode": "disable"}))
    assert (login["ok"], login["host"], login["tls"]) == (True, path, None)


def superuser_login(gateway):
    with open(f"{gateway.folder}/super.password", "w") as file:
        file.write(SUPERUSER_PASSWORD)
    return gateway


def test_a_superuser_login_is_refused_unless_allowed(configured):
    logins = {"app": {"password": {"file": "app.password"}}, "postgres": {"password": {"file": "super.password"}}}
    code, found = report(superuser_login(configured(logins=logins)))
    app, postgres = found["connect"]["logins"]
    assert (code, app["ok"], postgres["ok"]) == (1, True, False)
    assert "superuser: true" in postgres["error"]

    result = check(superuser_login(configured(logins=logins, superuser=True)))
    assert result.returncode == 0
    assert result.stdout.rstrip().endswith("(scram-sha-256-plus), a superuser")


def test_a_primary_is_no_standby(configured):
    assert only_login(configured(target_session_attrs="read-write"))["ok"]
    assert "session is not standby" in only_login(configured(target_session_attrs="standby"))["error"]
    (passed_over,) = only_login(configured(target_session_attrs="prefer-standby"))["passed_over"]
    assert "session is not standby" in passed_over


def test_a_method_that_is_not_allowed_is_told(configured):
    assert "server asks for SCRAM, which is not among the methods" in only_login(configured(auth_methods=["md5"]))["error"]


def issuers(**changes):
    entry = {
        "profile": "generic", "issuer": "https://ci.postern.test", "audience": "postern.test", "trust": "all",
    }
    return {"ci": entry | changes}


def test_a_missing_key_set_is_a_mistake_of_the_configuration(make_gateway, tmp_path):
    path = str(tmp_path / "missing.json")
    result = check(make_gateway(start=False, issuers=issuers(jwks_file=path)))
    assert (result.returncode, result.stdout) == (1, "")
    assert path in result.stderr


@pytest.fixture
def no_key_set(tmp_path):
    path = tmp_path / "empty.json"
    path.write_text('{"keys": []}')
    return str(path)


def test_a_key_set_without_keys_is_told(make_gateway, no_key_set):
    result = check(make_gateway(start=False, issuers=issuers(jwks_file=no_key_set)))
    assert result.returncode == 1
    assert "issuer ci: error: the key set has no usable key\n" in result.stdout
    assert result.stderr == "postern: error: 1 issuer failed\n"


def test_an_issuer_that_does_not_answer_is_told(make_gateway):
    url = f"https://127.0.0.1:{free_port()}/jwks"
    code, found = report(make_gateway(start=False, issuers=issuers(jwks_uri=url, allow_private=True)))
    (entry,) = found["connect"]["issuers"]
    assert (code, entry["ok"]) == (1, False)
    assert url in entry["error"]


def test_keys_that_cannot_be_used_are_named(make_gateway, issuer, tmp_path):
    with open(issuer.jwks) as file:
        keys = json.load(file)["keys"]
    secret = base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps({"keys": [{"kty": "oct", "k": secret, "kid": "shared"}, *keys]}))
    entry = {
        "profile": "generic", "issuer": issuer.issuer, "audience": issuer.audience, "trust": "all",
        "jwks_file": str(path),
    }
    gateway = make_gateway(start=False, issuers={"ci": entry})
    assert "issuer ci: 1 key (k1 RSA RS256); key 0 (shared) skipped: a symmetric key\n" in check(gateway).stdout
    code, found = report(gateway)
    assert code == 0
    assert found["connect"]["issuers"][0]["skipped"] == [
        {"index": 0, "key_id": "shared", "reason": "a symmetric key"}
    ]


def test_everything_that_fails_is_told_at_once(make_gateway, no_key_set):
    database = {
        "hosts": [f"127.0.0.1:{free_port()}"],
        "logins": {name: {"password": {"file": "app.password"}} for name in ("app", "reports")},
    }
    result = check(make_gateway(start=False, databases={"app": database}, issuers=issuers(jwks_file=no_key_set)))
    assert result.returncode == 1
    assert result.stdout.count(": error: ") == 3
    assert result.stderr.endswith("postern: error: 1 issuer and 2 logins failed\n")
    assert PASSWORD not in result.stdout + result.stderr
