"""`postern exec` in the environment of each CI system: how it gets its token, and what it says when there is none."""

import json
import os
import socket
import subprocess

import pytest
from support import jobs
from support.gateway import executable
from support.resolver import moved_resolver
from support.token_service import ConnectProxy, TokenService
from support.waiting import free_port, until

PSQL = ["psql", "-XAtc", "select 'connected as ' || current_user"]
TWICE = ["sh", "-c", "env; psql -XAtc 'select 1' && psql -XAtc 'select 2'"]


@pytest.fixture
def service(authority, issuer):
    made = TokenService(authority, issuer)
    yield made
    made.stop()


@pytest.fixture
def github(gateway, service):
    """A job of GitHub Actions with `id-token: write`."""
    return jobs.environment(
        gateway, GITHUB_ACTIONS="true", GITHUB_REPOSITORY="acme/app", GITHUB_REF="refs/heads/main",
        GITHUB_EVENT_NAME="push", ACTIONS_ID_TOKEN_REQUEST_URL=service.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN="runner-secret",
        POSTERN_AUDIENCE=jobs.AUDIENCE,
    )


def program(folder, name, text):
    """A program of this name, first in PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def is_quiet_about(done, *secrets):
    for secret in secrets:
        assert secret not in done.stdout and secret not in done.stderr


def test_github_mints_one_token_for_the_audience_and_the_child_cannot_mint_another(github, service):
    done = jobs.run(github, *TWICE)
    assert done.returncode == 0, done.stderr
    assert service.requests == [("GET", "/token", {"v": "1", "audience": jobs.AUDIENCE}, "Bearer runner-secret")]
    assert "ACTIONS_ID_TOKEN" not in done.stdout
    is_quiet_about(done, "runner-secret", "eyJ")
    kept = jobs.run(github, "env", options=["--keep-token"])
    assert "ACTIONS_ID_TOKEN_REQUEST_TOKEN=runner-secret" in kept.stdout


def test_a_token_that_is_about_to_expire_is_replaced(github, service):
    service.lifetime = 1
    done = jobs.run(github, "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do psql -XAtc 'select pg_sleep(0.2)' || exit 1; done")
    assert done.returncode == 0, done.stderr
    assert len(service.requests) >= 2


def test_replies_in_chunks_and_forgejo_and_azure(gateway, service, github):
    service.answer = service.chunked
    assert jobs.run(github, *PSQL).stdout == "connected as app\n"
    forgejo = github | {"FORGEJO_ACTIONS": "true"}
    assert jobs.run(forgejo, *PSQL).stdout == "connected as app\n"
    service.answer, service.member = service.good, "oidcToken"
    azure = jobs.environment(
        gateway, TF_BUILD="True", SYSTEM_OIDCREQUESTURI=service.url.partition("?")[0], SYSTEM_ACCESSTOKEN="azure-secret",
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID="c1",
    )
    done = jobs.run(azure, *PSQL)
    assert done.stdout == "connected as app\n", done.stderr
    query = {"api-version": "7.1", "serviceConnectionId": "c1"}
    assert service.requests[-1] == ("POST", "/token", query, "Bearer azure-secret")


@pytest.mark.parametrize(
    "system",
    [
        {"GITLAB_CI": "true", "variable": "POSTERN_ID_TOKEN"},
        {"DRONE": "true", "variable": "POSTERN_ID_TOKEN"},
        {"CI": "woodpecker", "variable": "POSTERN_ID_TOKEN"},
        {"CIRCLECI": "true", "variable": "CIRCLE_OIDC_TOKEN_V2"},
        {"CIRCLECI": "true", "variable": "CIRCLE_OIDC_TOKEN"},
        {"BITBUCKET_BUILD_NUMBER": "3", "variable": "BITBUCKET_STEP_OIDC_TOKEN"},
        {"variable": "POSTERN_ID_TOKEN"},
    ],
    ids=lambda system: "-".join(system),
)
def test_tokens_in_variables_are_found_and_taken_out(gateway, issuer, system):
    variable = system["variable"]
    others = {name: value for name, value in system.items() if name != "variable"}
    token = issuer.token()
    done = jobs.run(jobs.environment(gateway, **others, **{variable: token}), *TWICE)
    assert done.returncode == 0, done.stderr
    assert variable not in done.stdout
    is_quiet_about(done, token)


def test_programs_of_circleci_and_buildkite(gateway, issuer, tmp_path):
    token = issuer.token()
    path = program(tmp_path, "circleci", f'[ "$*" = \'run oidc get --claims {{"aud":"{jobs.AUDIENCE}"}}\' ] && echo {token}')
    circle = jobs.environment(
        gateway, CIRCLECI="true", CIRCLE_OIDC_TOKEN_V2=issuer.token(aud="org"), PATH=path, POSTERN_AUDIENCE=jobs.AUDIENCE
    )
    assert jobs.run(circle, *PSQL).stdout == "connected as app\n"
    words = f"oidc request-token --claim organization_id,pipeline_id --audience {jobs.AUDIENCE}"
    path = program(tmp_path, "buildkite-agent", f'[ "$*" = "{words}" ] && echo {token}')
    buildkite = jobs.environment(
        gateway, BUILDKITE="true", BUILDKITE_AGENT_ACCESS_TOKEN="agent", PATH=path, POSTERN_AUDIENCE=jobs.AUDIENCE
    )
    done = jobs.run(buildkite, *TWICE)
    assert done.returncode == 0 and "BUILDKITE_AGENT_ACCESS_TOKEN" not in done.stdout, done.stderr
    failing = buildkite | {"PATH": program(tmp_path, "buildkite-agent", f"echo no agent >&2; echo {token} >&2; exit 3")}
    done = jobs.run(failing, *PSQL)
    assert done.returncode == 125 and "`buildkite-agent` exited with code 3: no agent" in done.stderr
    is_quiet_about(done, token)


def test_a_projected_file_is_read_for_each_login(gateway, issuer, tmp_path):
    file = tmp_path / "token"
    file.write_text(issuer.token() + "\n")
    env = jobs.environment(gateway, POSTERN_TOKEN_FILE=str(file))
    wrong = tmp_path / "wrong"
    wrong.write_text(issuer.token(ref="refs/heads/other"))
    done = jobs.run(env, "sh", "-c", f"psql -XAtc 'select 1'; mv {wrong} {file}; psql -XAtc 'select 2'")
    assert done.stdout == "1\n" and "access refused" in done.stderr
    assert "the gateway refuses: access refused" in done.stderr and "--diagnose" in done.stderr
    missing = jobs.run(jobs.environment(gateway, POSTERN_CI="kubernetes"), *PSQL)
    assert missing.returncode == 125 and "`/var/run/secrets/postern/token`" in missing.stderr


def test_a_token_out_of_a_pipe_is_for_the_whole_run(gateway, issuer, tmp_path):
    file = tmp_path / "token"
    file.write_text(issuer.token() + "\n")
    env = jobs.environment(gateway)
    script = f'exec "$0" exec --token-file <(sleep 0.2; cat {file}) -- sh -c "$1"'
    twice = "psql -XAtc 'select 1'; psql -XAtc 'select 2'"
    done = subprocess.run(["bash", "-c", script, executable(), twice], env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout == "1\n2\n", done.stderr
    # A FIFO that is written to once.
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    run = jobs.start(env, "sh", "-c", twice, options=["--token-file", str(fifo)])
    fifo.write_text(file.read_text())
    assert run.communicate(timeout=20)[0] == "1\n2\n"


def test_a_wait_that_outlives_its_token_gets_another(make_gateway, service):
    service.lifetime = 1
    gateway = make_gateway(start=False)
    env = jobs.environment(
        gateway, GITHUB_ACTIONS="true", ACTIONS_ID_TOKEN_REQUEST_URL=service.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN="x")
    run = jobs.start(env, *PSQL, options=["--wait", "20s"])
    until(lambda: len(service.requests) > 2, what="another token")
    service.lifetime = None
    gateway.start()
    output, errors = run.communicate(timeout=30)
    assert (run.returncode, output) == (0, "connected as app\n"), errors


def test_a_token_service_with_a_dead_address_is_reached_at_the_next(github, service, tmp_path):
    with socket.create_server(("127.0.0.2", service.port), backlog=0) as dead:
        # Its queue is full: who connects hears nothing.
        waiting = [socket.socket() for _ in range(4)]
        for end in waiting:
            end.setblocking(False)
            end.connect_ex(dead.getsockname())
        shim = moved_resolver(tmp_path, addresses=["127.0.0.2", "127.0.0.1"])
        # The gateway listens on 127.0.0.1 alone, and is refused at the other.
        done = jobs.run(github | shim, "true")
        for end in waiting:
            end.close()
    assert done.returncode == 0 and len(service.requests) == 1, done.stderr


def test_options_say_where_the_token_is(gateway, issuer, tmp_path):
    token = issuer.token()
    env = jobs.environment(gateway, GITHUB_ACTIONS="true", MY_TOKEN=token)
    done = jobs.run(env, *TWICE, options=["--token-env", "MY_TOKEN"])
    assert done.returncode == 0 and "MY_TOKEN" not in done.stdout, done.stderr
    path = program(tmp_path, "mint", f"echo {token}")
    done = jobs.run(env | {"PATH": path}, *PSQL, options=["--token-command", "mint --now"])
    assert done.stdout == "connected as app\n"
    both = jobs.run(env, *PSQL, options=["--token-command", "mint", "--token-env", "MY_TOKEN"])
    assert both.returncode == 125 and "exclude each other" in both.stderr


MISSING = [
    ({"GITHUB_ACTIONS": "true"}, "no permission `id-token: write`", "  id-token: write"),
    ({"FORGEJO_ACTIONS": "true", "GITHUB_ACTIONS": "true"}, "Forgejo gives this job no token", "enable-openid-connect: true"),
    ({"GITLAB_CI": "true"}, "it has no `id_tokens`", f"    aud: {jobs.AUDIENCE}"),
    ({"DRONE": "true", "DRONE_BUILD_EVENT": "pull_request"}, "its event is `pull_request`", "  event: [push, tag]"),
    ({"DRONE": "true", "DRONE_BUILD_EVENT": "push"}, "POSTERN_ID_TOKEN is not set", "    from_secret: postern_id_token"),
    ({"CI": "woodpecker"}, "POSTERN_ID_TOKEN is not set", "    from_secret: POSTERN_ID_TOKEN"),
    ({"CIRCLECI": "true"}, "CIRCLE_OIDC_TOKEN_V2 is not set", "          context: postern"),
    ({"BITBUCKET_BUILD_NUMBER": "1"}, "BITBUCKET_STEP_OIDC_TOKEN is not set", "oidc: true"),
    ({"TF_BUILD": "True"}, "SYSTEM_ACCESSTOKEN is not set", "  SYSTEM_ACCESSTOKEN: $(System.AccessToken)"),
    ({}, "no CI system that is known", "`--token-env`"),
]


@pytest.mark.parametrize("system, message, line", MISSING, ids=lambda value: "-".join(value) if isinstance(value, dict) else "")
def test_a_job_without_a_token_reads_the_line_to_add(gateway, system, message, line):
    done = jobs.run(jobs.environment(gateway, POSTERN_AUDIENCE=jobs.AUDIENCE, **system), *PSQL)
    assert done.returncode == 125 and done.stdout == ""
    assert message in done.stderr and line in done.stderr


def test_a_fork_is_told_from_a_missing_permission(gateway, tmp_path):
    event = tmp_path / "event.json"
    env = jobs.environment(
        gateway, GITHUB_ACTIONS="true", GITHUB_EVENT_NAME="pull_request", GITHUB_REPOSITORY="acme/app",
        GITHUB_EVENT_PATH=str(event),
    )
    for head, expected in [({"full_name": "stranger/app"}, "from a fork"), (None, "from a fork"),
                           ({"full_name": "Acme/App"}, "no permission")]:
        event.write_text(json.dumps({"pull_request": {"head": {"repo": head}}}))
        assert expected in jobs.run(env, *PSQL).stderr
    gitlab = jobs.environment(
        gateway, GITLAB_CI="true", CI_MERGE_REQUEST_SOURCE_PROJECT_ID="7", CI_MERGE_REQUEST_PROJECT_ID="3"
    )
    assert "GitLab CI gives it no token" in jobs.run(gitlab, *PSQL).stderr


def test_tokens_that_no_gateway_would_take(gateway, issuer):
    wrong = jobs.run(jobs.with_token(gateway, POSTERN_AUDIENCE="elsewhere.example.com"), *PSQL)
    assert wrong.returncode == 125
    assert "is for the audience `postern.test`, not for `elsewhere.example.com`" in wrong.stderr
    assert "    aud: elsewhere.example.com" in wrong.stderr
    none = jobs.run(jobs.with_token(gateway, POSTERN_ID_TOKEN="secret-of-another-kind"), *PSQL)
    assert none.returncode == 125 and "holds no token" in none.stderr
    is_quiet_about(none, "secret-of-another-kind")
    old = jobs.with_token(gateway, POSTERN_ID_TOKEN=issuer.token(iat=1_700_000_000, exp=1_700_003_600))
    done = jobs.run(old, *PSQL)
    assert "the token expired at 2023-11-14T23:13:20" in done.stderr and "raise `timeout:`" in done.stderr


ANSWERS = [
    (lambda _: (403, {}, b"{}"), "its service answered 403"),
    (lambda _: (302, {"Location": "https://localhost/"}, b""), "redirections are not followed"),
    (lambda _: (200, {}, b"<html>"), "no member `value`"),
    (lambda _: (200, {}, json.dumps({"value": "abc"}).encode()), "holds no token"),
    (lambda _: (200, {}, b" " * 300_000), "its body is too long"),
    (lambda _: (200, {"Content-Length": "5", "Transfer-Encoding": "chunked"}, b"0\r\n\r\n"), "it has two lengths"),
    (lambda _: (200, {"Content-Encoding": "gzip"}, b"x"), "its Content-Encoding was not asked for"),
]


@pytest.mark.parametrize("answer, message", ANSWERS, ids=[message for _, message in ANSWERS])
def test_what_a_token_service_may_not_answer(github, service, answer, message):
    service.answer = answer
    done = jobs.run(github, *PSQL)
    assert done.returncode == 125 and message in done.stderr
    is_quiet_about(done, "runner-secret", "<html>")


def test_a_token_service_is_believed_by_its_certificate_only(github, service, gateway, authority, tmp_path):
    stranger = github | {"POSTERN_CA_FILE": None}
    done = jobs.run({name: value for name, value in stranger.items() if value}, *PSQL)
    assert done.returncode == 125 and "cannot get a token" in done.stderr and "certificate" in done.stderr
    assert service.requests == []
    # The variable of OpenSSL names what is believed in place of the system's.
    trusting = {name: value for name, value in stranger.items() if value} | {"SSL_CERT_FILE": authority.ca}
    assert jobs.run(trusting, *PSQL).stdout == "connected as app\n"
    clear = jobs.run(github | {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/token"}, *PSQL)
    assert clear.returncode == 125 and "is not an https URL" in clear.stderr
    nobody = jobs.run(github | {"ACTIONS_ID_TOKEN_REQUEST_URL": f"https://127.0.0.1:{free_port()}/"}, *PSQL)
    assert nobody.returncode == 125 and "Connection refused" in nobody.stderr


def test_the_token_service_may_be_behind_a_proxy(github, service):
    proxy = ConnectProxy()
    env = github | {"HTTPS_PROXY": f"http://user:p%40ss@127.0.0.1:{proxy.port}"}
    assert jobs.run(env, *PSQL).stdout == "connected as app\n"
    assert proxy.heads[0].startswith(f"CONNECT localhost:{service.port} HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n" in proxy.heads[0]
    assert jobs.run(env | {"NO_PROXY": "example.com, localhost"}, *PSQL).returncode == 0
    assert len(proxy.heads) == 1
    proxy.status = 407
    done = jobs.run(env, *PSQL)
    assert done.returncode == 125 and "the proxy answered 407" in done.stderr
    is_quiet_about(done, "p%40ss", "p@ss")
    proxy.stop()


def test_the_summary_page_says_what_the_run_did(github, tmp_path):
    page = tmp_path / "summary.md"
    page.write_text("# before\n")
    env = github | {"GITHUB_STEP_SUMMARY": str(page)}
    text = 'create table "odd|<b>" (id int); insert into "odd|<b>" values (1), (2); drop table "odd|<b>"'
    done = jobs.run(env, "psql", "-Xqc", text)
    assert done.returncode == 0, done.stderr
    written = page.read_text()
    assert written.startswith("# before\n### Postern: app on app\n")
    assert "| 1 | 3 | 2 | 1 | 0 | 0 | 0 |" in written
    assert "odd&#124;&#60;b&#62;" in written and "<b>" not in written
