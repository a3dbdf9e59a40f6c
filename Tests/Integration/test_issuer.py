"""`postern issuer serve`: Drone's and Woodpecker's extensions, asked and checked by other people's code."""

import base64
import datetime
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpsig
import joserfc.jwt
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from joserfc.jwk import KeySet
from support import journal
from support.clients import succeed
from support.gateway import executable
from support.issuer import (
    AUDIENCE, ENV_V1, ENV_V2, REPOSITORY_SECRET, SECRET_V1, SIGNED, TokenIssuer, decrypted, drone_body, drone_request,
    token_in, woodpecker_body, woodpecker_request, write_private,
)
from support.waiting import until

VECTORS = os.path.join(
    os.path.dirname(__file__), "..", "PosternIssuerServerTests", "Fixtures", "drone-vectors.json"
)


@pytest.fixture(scope="module")
def ci(tmp_path_factory, authority):
    """The issuer that most tests share."""
    process = TokenIssuer(tmp_path_factory.mktemp("ci") / "issuer", authority).start()
    yield process
    process.stop()


@pytest.fixture
def make_issuer(tmp_path, authority):
    made = []

    def make(**drone):
        made.append(TokenIssuer(tmp_path / f"issuer-{len(made)}", authority, **drone))
        return made[-1]

    yield make
    for process in made:
        process.stop()


def claims_of(ci, token):
    """What PyJWT and joserfc both make of a token with the published keys."""
    keys = ci.jwks()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ci.url)
    assert joserfc.jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims == claims
    return claims


def test_the_vectors_of_drones_own_client_are_signed_as_httpsig_has_it():
    with open(VECTORS) as file:
        vectors = json.load(file)
    for vector in vectors:
        verifier = httpsig.HeaderVerifier(
            vector["Headers"], vector["Key"], required_headers=SIGNED, method="POST", path=vector["Path"],
            sign_header="signature",
        )
        assert verifier.verify()
    assert len(vectors) == 8


def test_a_push_gets_a_token_that_other_libraries_verify(ci):
    status, headers, reply = ci.drone()
    assert status == 200 and headers["Cache-Control"] == "no-store"
    variables = decrypted(reply, headers, ci.secret)
    assert [(variable["name"], variable["mask"]) for variable in variables] == [("POSTERN_ID_TOKEN", True), ("PGHOST", False)]
    claims = claims_of(ci, token_in(variables))
    now = time.time()
    assert now - 10 < claims["iat"] == claims["nbf"] <= now and claims["exp"] - claims["iat"] == 3660
    assert len(claims.pop("jti")) == 32 and claims.pop("build_number") > 0
    for name in ("iat", "nbf", "exp"):
        del claims[name]
    assert claims == {
        "iss": ci.url, "aud": AUDIENCE, "sub": "drone:drone.test:uid:158392:event:push:ref:refs/heads/main",
        "drone_host": "drone.test", "repository": "acme/app", "repository_uid": "158392", "repository_id": "42",
        "namespace": "acme", "event": "push", "trigger": "@hook", "parent": 0, "build_id": "1007",
        "ref": "refs/heads/main", "ref_type": "branch", "branch": "main", "source_branch": "main", "fork": False,
        "sha": "0123456789abcdef0123456789abcdef01234567", "sender": "octo", "author": "octo", "visibility": "private",
        "protected": False, "trusted": False, "params": False,
    }


def test_the_older_media_type_and_secrets_and_both_headers_are_served(ci):
    status, headers, reply = ci.drone(accept=ENV_V1, repo={"timeout": 5})
    variables = decrypted(reply, headers, ci.secret)
    assert status == 200 and list(variables) == ["POSTERN_ID_TOKEN", "PGHOST"]
    claims = claims_of(ci, variables["POSTERN_ID_TOKEN"])
    assert claims["exp"] - claims["iat"] == 5 * 60 + 60
    asked = {"path": "postern", "name": "prod"}
    status, headers, reply = ci.drone("/drone/secret", SECRET_V1, drone_body(**asked))
    secret = decrypted(reply, headers, ci.secret)
    assert status == 200 and secret.pop("data").count(".") == 2
    assert secret == {"name": "prod", "pull_request": False, "pull": False}
    assert ci.drone("/drone/secret", SECRET_V1, drone_body(path="elsewhere", name="prod"))[0] == 204
    headers, body = drone_request(ci.secret, ENV_V2, drone_body(), scheme="authorization")
    assert headers["authorization"].startswith("Signature ") and ci.post("/drone/env", headers, body)[0] == 200


REFUSED = {
    "a build of a fork": {"event": "pull_request", "ref": "refs/pull/3/head", "source_repo": "mallory/app"},
    "the event `pull_request` is not among those allowed": {
        "event": "pull_request", "ref": "refs/pull/4/head", "source_repo": "acme/app", "source": "feat",
    },
    "the event `custom` is not among those allowed": {"event": "custom", "trigger": "mallory"},
    "a restart of build 7": {"parent": 7, "trigger": "mallory", "params": {"PGHOST": "evil.example"}},
    "started by `mallory`, which is not among the triggers allowed": {"trigger": "mallory"},
    "the build is in debug mode": {"debug": True},
    "the build was given the variable `pgpassfile`": {"params": {"A": "1", "pgpassfile": "/tmp/x"}},
    "a build of the event `push` does not build `refs/pull/3/head`": {"ref": "refs/pull/3/head", "source_repo": "acme/app"},
    "a build of the event `tag` does not build `refs/heads/main`": {"event": "tag"},
}


def test_untrusted_builds_get_nothing_and_the_journal_says_why(ci):
    for build in REFUSED.values():
        status, _, reply = ci.drone(build=build)
        assert (status, reply) == (204, b"")
    reasons = [record["reason"] for record in journal.records(ci.journal_folder, "issuer.refuse")]
    for reason in REFUSED:
        assert reason in reasons


def changed(text, index):
    return text[:index] + chr(ord(text[index]) ^ 1) + text[index + 1:]


def test_a_changed_replayed_stale_or_otherwise_signed_request_gets_401(ci):
    headers, body = drone_request(ci.secret, ENV_V2, drone_body())
    for name in (*SIGNED, "signature"):
        index = len(headers[name]) // 2
        assert ci.post("/drone/env", headers | {name: changed(headers[name], index)}, body)[0] == 401, name
    assert ci.post("/drone/env", headers, changed(body.decode(), 40).encode())[0] == 401
    assert ci.post("/drone/env", {name: value for name, value in headers.items() if name != "signature"}, body)[0] == 401
    # What was refused has not used the request up; what was taken has, wherever it is sent.
    assert ci.post("/drone/env", headers, body)[0] == 200
    for path in ("/drone/env", "/drone/secret", "/drone/env?again"):
        assert ci.post(path, headers, body)[0] == 401
    for seconds in (-301, -3600, 40, 310):
        headers, body = drone_request(ci.secret, ENV_V2, drone_body(), date=time.time() + seconds)
        assert ci.post("/drone/env", headers, body)[0] == 401
    headers, body = drone_request("x" * 48, ENV_V2, drone_body())
    assert ci.post("/drone/env", headers, body)[0] == 401
    signer = httpsig.HeaderSigner("hmac-key", ci.secret, "hmac-sha1", headers=SIGNED, sign_header="signature")
    assert ci.post("/drone/env", dict(signer.sign(drone_request(ci.secret, ENV_V2, body)[0])), body)[0] == 401
    fewer = httpsig.HeaderSigner("hmac-key", ci.secret, "hmac-sha256", headers=["date"], sign_header="signature")
    assert ci.post("/drone/env", dict(fewer.sign(drone_request(ci.secret, ENV_V2, body)[0])), body)[0] == 401
    reasons = {record["reason"] for record in journal.records(ci.journal_folder, "issuer.refuse")}
    assert reasons >= {
        "the signature is wrong", "the signed digest is another body's", "the request was answered before",
        "the request was signed too long ago, or in the future", "the signature's algorithm is another one",
        "the signature covers other headers than it must", "the request is not signed",
    }


def test_a_signed_request_that_is_not_understood_gets_nothing(ci):
    assert ci.drone(accept="application/json")[0] == 406
    assert ci.drone(body=b'{"repo": {}, "repo": {}}')[0] == 400
    assert ci.drone(build={"number": "7"})[0] == 400
    assert ci.drone(repo={"uid": ""})[0] == 400
    assert ci.get("/drone/env")[0] == 405 and ci.get("/elsewhere")[0] == 404
    headers, body = drone_request(ci.secret, ENV_V2, drone_body(filler="x" * (256 << 10)))
    assert ci.post("/drone/env", headers, body)[0] == 413


def test_woodpeckers_server_gets_its_secret(ci):
    url = f"{ci.url}/woodpecker"

    def ask(body, key=ci.woodpecker, headers=None, path="/woodpecker", **options):
        return ci.post(path, headers or woodpecker_request(key, url, body, **options), body)

    body = woodpecker_body()
    headers = woodpecker_request(ci.woodpecker, url, body)
    other = woodpecker_body(event="tag")
    assert ask(other, headers=headers)[0] == 401
    assert ask(body, headers=headers, path="/woodpecker?x=1")[0] == 401
    status, _, reply = ask(body, headers=headers)
    (secret,) = json.loads(reply)["secrets"]
    assert status == 200 and secret["name"] == "POSTERN_ID_TOKEN"
    claims = claims_of(ci, secret["value"])
    assert claims["sub"] == "woodpecker:woodpecker.test:uid:158392:event:push:ref:refs/heads/main"
    assert claims["woodpecker_host"] == "woodpecker.test" and "trigger" not in claims and claims["fork"] is False
    assert ask(body, headers=headers)[0] == 401
    stale = datetime.datetime.now() - datetime.timedelta(seconds=400)
    assert ask(woodpecker_body(), created=stale)[0] == 401
    stranger = ed25519.Ed25519PrivateKey.generate()
    assert ask(woodpecker_body(), key=stranger)[0] == 401
    for pipeline in (
        {"from_fork": True}, {"event": "pull_request", "ref": "refs/pull/4/head"}, {"event": "manual"}, {"parent": 3},
        {"variables": {"LD_PRELOAD": "x"}},
    ):
        assert ask(woodpecker_body(**pipeline))[0] == 204, pipeline


def test_documents_are_published_with_their_age_and_tag(ci):
    status, headers, body = ci.get("/.well-known/openid-configuration")
    document = json.loads(body)
    assert status == 200 and document["issuer"] == ci.url and document["jwks_uri"] == f"{ci.url}/jwks"
    status, headers, body = ci.get("/jwks")
    assert status == 200 and headers["Cache-Control"] == "public, max-age=300"
    assert ci.get("/jwks", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert ci.get("/jwks", **{"If-None-Match": '"other"'})[0] == 200
    keys = json.loads(body)["keys"]
    assert len(keys) == 2 and all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in keys)
    for key in keys:
        assert KeySet.import_key_set({"keys": [key]}).keys[0].thumbprint() == key["kid"]
    modes = {name: stat.S_IMODE(os.stat(f"{ci.folder}/keys/{name}").st_mode) for name in os.listdir(f"{ci.folder}/keys")}
    # Two keys, the state and the lock, and a note when some request was dated ahead.
    assert set(modes.values()) == {0o600} and len(modes.keys() - {"latest"}) == 4
    assert stat.S_IMODE(os.stat(f"{ci.folder}/keys").st_mode) == 0o700


def test_every_token_is_in_the_journal_and_nothing_that_is_secret_is_anywhere(ci):
    token = ci.token(build={"event": "tag", "ref": "refs/tags/v1.0.0", "source": "", "target": "v1.0.0"})
    claims = claims_of(ci, token)
    assert (claims["ref_type"], "branch" in claims) == ("tag", False)
    (record,) = [record for record in journal.records(ci.journal_folder, "issuer.mint") if record["jti"] == claims["jti"]]
    assert record["kid"] == jwt.get_unverified_header(token)["kid"] and record["subject"] == claims["sub"]
    assert record["route"] == "drone/env" and record["confirmed"] is False and record["address"] == "127.0.0.1"
    run = record["run"]
    assert (run["repository"], run["ref"], run["event"]) == ("acme/app", "refs/tags/v1.0.0", "tag")
    # Also what a refused request held.
    ci.drone(build={"event": "custom"})
    ci.drone(secret="wrong" * 10)
    text = ci.log_text()
    for name in os.listdir(ci.journal_folder):
        if name.endswith(".jsonl"):
            with open(f"{ci.journal_folder}/{name}") as file:
                text += file.read()
    assert "token issued" in text and claims["jti"] in text
    assert REPOSITORY_SECRET not in text and ci.secret not in text
    for part in token.split("."):
        assert part not in text


def test_a_gateway_that_trusts_the_issuer_lets_its_jobs_in(ci, make_gateway):
    claims = {"drone_host": "drone.test", "repository_uid": "158392", "event": "push", "ref": "refs/heads/main"}
    gateway = make_gateway(
        issuers={
            "ci": {
                "profile": "drone", "issuer": ci.url, "audience": AUDIENCE, "ca_file": ci.authority.ca,
                "allow_private": True,
            }
        },
        roles={"app": {"database": "app", "login": "app", "rules": "unrestricted", "who": [{"issuer": "ci", "claims": claims}]}},
    )
    until(lambda: gateway.ready()[1] == "ready\n", 20, "the issuer's keys")
    assert succeed(gateway.tls(ci.token()), "psql", "-X", "-A", "-t", "-c", "select 1") == "1\n"
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.tls(ci.token(build={"ref": "refs/heads/try", "target": "try"})))
    (start,) = journal.records(gateway.journal_folder, "session.start")
    assert start["identity"]["subject"] == "drone:drone.test:uid:158392:event:push:ref:refs/heads/main"


def test_auditors_read_an_issuers_journal(make_issuer):
    ci = make_issuer().start()
    ci.token()
    ci.drone(build={"event": "custom"})
    ci.stop()
    assert journal.verify(ci.journal_folder)["issuer"] >= 5

    def audit(*arguments):
        return subprocess.run(
            [executable(), "audit", *arguments, ci.journal_folder], capture_output=True, text=True, timeout=20,
            env=os.environ | {"COLUMNS": "400"},
        )

    verified = audit("verify", "--public-key", f"{ci.journal_folder}/checkpoint.pub")
    assert verified.returncode == 0 and "all of them whole" in verified.stdout
    title, refused, issued = (" ".join(line.split()) for line in audit("list", "--tokens").stdout.splitlines())
    assert title.split() == ["TIME", "TOKEN", "REPOSITORY", "REF", "EVENT", "BUILD", "REASON", "ROUTE", "ADDRESS"]
    assert "refused acme/app" in refused and "the event `custom` is not among those allo" in refused
    (mint,) = journal.records(ci.journal_folder, "issuer.mint")
    assert f"{mint['jti']} acme/app refs/heads/main push" in issued
    assert json.loads(audit("list", "--tokens", "--json", "--subject", mint["subject"]).stdout)["jti"] == mint["jti"]
    assert audit("list", "--tokens", "--repository", "other/*").returncode == 1
    assert audit("list").returncode == 1 and audit("export", "--format", "csv").returncode == 0


class FakeDrone(BaseHTTPRequestHandler):
    """Drone's API, as far as the issuer asks it."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.server.may_answer.wait(4)
        build = self.server.builds.get(self.path) or self.server.repositories.get(self.path)
        body = json.dumps(build or {"message": "Not Found"}).encode()
        self.send_response(self.server.status or (200 if build else 404))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def fake_drone(authority):
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeDrone)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue(f"drone-{server.server_port}"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.repositories = {"/api/repos/acme/app": json.loads(drone_body())["repo"]}
    server.builds, server.asked, server.status, server.may_answer = {}, [], None, threading.Event()
    server.may_answer.set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)


@pytest.fixture
def confirming(make_issuer, fake_drone, authority):
    """An issuer that asks the fake server about each build."""
    ci = make_issuer(
        api={"url": f"https://localhost:{fake_drone.server_port}", "token": {"file": "api.token"}, "ca_file": authority.ca}
    )
    write_private(f"{ci.folder}/api.token", "drone-api-token\n")
    return ci.start()


def test_a_request_that_is_under_way_is_answered_before_the_end(confirming, fake_drone):
    body = drone_body(build={"number": 1})
    fake_drone.builds["/api/repos/acme/app/builds/1"] = json.loads(body)["build"]
    fake_drone.may_answer.clear()
    replies = []
    thread = threading.Thread(target=lambda: replies.append(confirming.drone(body=body)[0]))
    thread.start()
    until(lambda: fake_drone.asked, 10, "the question to Drone")
    confirming.process.send_signal(signal.SIGTERM)
    until(lambda: "issuer stops" in confirming.log_text(), 10, "the beginning of the end")
    fake_drone.may_answer.set()
    thread.join(10)
    assert replies == [200] and confirming.process.wait(20) == 0
    assert [state["change"] for state in journal.records(confirming.journal_folder, "issuer.state")] == ["start", "stop"]
    journal.verify(confirming.journal_folder)


def test_a_build_is_confirmed_with_drones_api(confirming, fake_drone):
    ci = confirming

    def ask(number, **known):
        body = drone_body(build={"number": number})
        build = json.loads(body)["build"]
        fake_drone.builds[f"/api/repos/acme/app/builds/{number}"] = build | known
        return ci.drone(body=body)[0]

    assert ask(1) == 200
    assert fake_drone.asked == [
        (path, "Bearer drone-api-token") for path in ("/api/repos/acme/app", "/api/repos/acme/app/builds/1")
    ]
    assert ask(2, event="custom") == 204
    assert ask(3, after="f" * 40) == 204
    assert ask(4, status="success") == 204
    assert ci.drone(build={"number": 5})[0] == 204
    fake_drone.status = 500
    assert ask(6) == 503
    fake_drone.status = None
    (mint,) = journal.records(ci.journal_folder, "issuer.mint")
    assert mint["confirmed"] is True
    reasons = [record["reason"] for record in journal.records(ci.journal_folder, "issuer.refuse")]
    assert len(reasons) == 5 and "there is no such build" in reasons[3] and "status 500" in reasons[4]
    # The build is real, and the repository's ids are made up: they are what a gateway goes by.
    body = drone_body(repo={"uid": "777777"}, build={"number": 7})
    fake_drone.builds["/api/repos/acme/app/builds/7"] = json.loads(body)["build"]
    assert ci.drone(body=body)[0] == 204
    assert ask(8, params={"A": "1"}) == 204 and ask(9, debug=True) == 204
    reasons = [record["reason"] for record in journal.records(ci.journal_folder, "issuer.refuse")][5:]
    assert "its repository's `uid`" in reasons[0] and "`params`" in reasons[1] and "`debug`" in reasons[2]
    assert "drone-api-token" not in ci.log_text()


def test_secrets_and_rules_are_read_anew_and_a_bad_file_is_not_taken(make_issuer):
    ci = make_issuer().start()
    old = ci.secret
    new = os.urandom(24).hex()
    write_private(f"{ci.folder}/new.secret", new)
    ci.configuration["drone"]["secrets"].append({"file": "new.secret"})
    ci.configuration["allow"] = {"events": ["push", "custom"], "triggers": ["@hook", "octo"]}
    ci.write()

    def reload(count):
        ci.process.send_signal(signal.SIGHUP)
        states = until(lambda: (s := journal.records(ci.journal_folder, "issuer.state")) and len(s) == count and s, 10)
        return states[-1]

    assert "error" not in reload(2)
    assert ci.token(secret=new) and ci.token(secret=old)
    assert ci.token(build={"event": "custom", "trigger": "octo"})
    ci.configuration["drone"]["secrets"] = [{"file": "short.secret"}]
    write_private(f"{ci.folder}/short.secret", "short")
    ci.write()
    assert "shorter than 32 bytes" in reload(3)["error"]
    assert ci.token(secret=old)
    ci.configuration["drone"]["secrets"] = [{"file": "new.secret"}]
    ci.configuration["issuer"] = "https://other.test"
    ci.write()
    assert "`issuer` changes with a restart only" in reload(4)["error"]
    ci.configuration["issuer"] = ci.url
    ci.write()
    assert "error" not in reload(5)
    assert ci.token(secret=new) and ci.drone(secret=old)[0] == 401


def test_keys_outlive_a_restart_and_rotate_with_an_overlap(make_issuer):
    ci = make_issuer()
    ci.configuration["keys"] |= {"max_age": "1s"}
    ci.write()
    ci.start()
    token = ci.token()
    first, second = (key["kid"] for key in ci.jwks()["keys"])
    ci.kill()
    path = f"{ci.folder}/keys/keys.json"
    with open(path) as file:
        state = json.load(file)
    state["current"]["since"] = "2020-01-01T00:00:00.000000Z"
    with open(path, "w") as file:
        json.dump(state, file)
    ci.start()
    assert [key["kid"] for key in ci.jwks()["keys"]] == [first, second]
    keys = until(lambda: (k := [key["kid"] for key in ci.jwks()["keys"]])[0] == second and len(k) == 3 and k, 20)
    # The one that signs, the one that will, the one that did: a token of before is still good.
    assert keys[2] == first and keys[1] not in (first, second)
    assert claims_of(ci, token)["event"] == "push"
    assert jwt.get_unverified_header(ci.token())["kid"] == second
    (rotated,) = [s for s in journal.records(ci.journal_folder, "issuer.state") if s["change"] == "rotate"]
    assert rotated["keys"] == keys


def test_a_request_of_before_the_start_is_not_answered_after_it(make_issuer):
    ci = make_issuer().start()
    old = drone_request(ci.secret, ENV_V2, drone_body(), date=time.time() - 1)
    # A runner whose clock is ahead: its request is dated after the start of the process that comes next.
    ahead = drone_request(ci.secret, ENV_V2, drone_body(), date=time.time() + 5)
    assert ci.post("/drone/env", *ahead)[0] == 200
    assert stat.S_IMODE(os.stat(f"{ci.folder}/keys/latest").st_mode) == 0o600
    ci.kill()
    ci.start(until_up=False)
    until(lambda: ci.answers(), 10, "the issuer's socket")
    for headers, body in (old, ahead):
        assert ci.post("/drone/env", headers, body)[0] == 401
    assert [r["reason"] for r in journal.records(ci.journal_folder, "issuer.refuse")] == ["the request was signed before the issuer started"] * 2
    # Until a request of now is one of after the start the issuer is not ready, and says so.
    until(lambda: ci.get("/healthz")[0] == 200, 10, "the issuer's readiness")
    assert ci.post("/drone/env", *ahead)[0] == 401
    assert ci.token()


def start_fails(ci):
    done = subprocess.run(
        [executable(), "issuer", "serve", "--config", ci.path], capture_output=True, text=True, timeout=20,
    )
    assert done.returncode == 2
    return done.stderr


def test_secrets_and_keys_that_others_can_read_are_refused(make_issuer):
    ci = make_issuer()
    os.chmod(f"{ci.folder}/drone.secret", 0o644)
    assert "others may read or change the secret file" in start_fails(ci)
    os.chmod(f"{ci.folder}/drone.secret", 0o600)
    ci.start()
    assert "another issuer uses the keys" in start_fails(ci)
    ci.stop()
    (key, *_) = [name for name in os.listdir(f"{ci.folder}/keys") if name.endswith(".pem")]
    os.chmod(f"{ci.folder}/keys/{key}", 0o640)
    assert "may be read by others" in start_fails(ci)
    os.remove(f"{ci.folder}/keys/{key}")
    assert "is missing" in start_fails(ci)


def test_nothing_is_minted_when_the_journal_cannot_be_written(make_issuer):
    ci = make_issuer().start()
    assert ci.token()
    os.rename(ci.journal_folder, ci.journal_folder + ".gone")
    until(lambda: ci.get("/healthz")[0] == 503, 10)
    assert ci.drone()[0] == 503
    os.rename(ci.journal_folder + ".gone", ci.journal_folder)
    until(lambda: ci.get("/healthz")[0] == 200, 10)
    assert ci.token()


def test_strangers_fill_neither_the_journal_nor_the_memory(make_issuer):
    ci = make_issuer().start()
    headers, body = drone_request("stranger" * 6, ENV_V2, drone_body())
    for _ in range(150):
        assert ci.post("/drone/env", headers, body)[0] == 401
    # Sockets that say nothing keep nobody out, and neither do heads that never end.
    idle = [socket.create_connection(("127.0.0.1", ci.port)) for _ in range(200)]
    genuine = drone_request(ci.secret, ENV_V2, drone_body())
    assert ci.post("/drone/env", *genuine)[0] == 200
    # What was overheard is in the journal, whatever strangers send beside it.
    assert ci.post("/drone/env", *genuine)[0] == 401
    for connection in idle:
        connection.close()
    with socket.create_connection(("127.0.0.1", ci.port)) as raw:
        context = ssl.create_default_context(cafile=ci.authority.ca)
        with context.wrap_socket(raw, server_hostname="localhost") as stream:
            with pytest.raises(OSError):
                # A header without an end.
                stream.sendall(b"GET /jwks HTTP/1.1\r\nX: ")
                for _ in range(64):
                    stream.sendall(b"x" * 65536)
                    stream.settimeout(5)
                if not stream.recv(1):
                    raise OSError("closed")
    ci.stop()
    refused = journal.records(ci.journal_folder, "issuer.refuse")
    summaries = journal.records(ci.journal_folder, "issuer.refuse.summary")
    reasons = [record["reason"] for record in refused]
    assert reasons.count("the signature is wrong") == 20 and reasons.count("the request was answered before") == 1
    assert sum(summary["count"] for summary in summaries) == 130
    assert all(summary["sources"] == 1 and list(summary["reasons"]) == ["the signature is wrong"] for summary in summaries)


def test_a_head_that_can_be_read_in_two_ways_is_refused(ci):
    headers, body = drone_request(ci.secret, ENV_V2, drone_body())
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def ask(more, after=b""):
        head = f"POST /drone/env HTTP/1.1\r\nHost: localhost\r\n{fields}{more}\r\n\r\n"
        context = ssl.create_default_context(cafile=ci.authority.ca)
        with socket.create_connection(("127.0.0.1", ci.port)) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as stream:
                stream.settimeout(10)
                stream.sendall(head.encode() + body + after)
                reply = b""
                try:
                    while piece := stream.recv(65536):
                        reply += piece
                except (ssl.SSLError, ConnectionError):
                    pass
                return reply

    length = f"Content-Length: {len(body)}"
    for more in (
        f"{length}\r\nDigest: {headers['digest']}", f"{length}\r\n{length}", f"{length}\r\nDate : x", f"{length}\r\n folded",
    ):
        assert ask(more).startswith(b"HTTP/1.1 400 "), more
    assert ask("Transfer-Encoding: chunked").startswith(b"HTTP/1.1 411 ")
    # A second request on the connection is never read.
    reply = ask(length, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200 ") and reply.count(b"HTTP/1.1") == 1


def test_a_log_line_is_one_line_and_a_first_reason_stays(ci):
    forged = "custom\n2026-12-01T00:00:00+0000 notice postern-issuer: token issued"
    asked = {"path": "elsewhere", "name": "prod", "build": {"event": "pull_request", "ref": "refs/pull/3/head", "source_repo": "mallory/app"}}
    assert ci.drone("/drone/secret", SECRET_V1, drone_body(**asked))[0] == 204
    assert journal.records(ci.journal_folder, "issuer.refuse")[-1]["reason"] == "a build of a fork"
    assert ci.drone(build={"event": forged})[0] == 204
    (line,) = [line for line in ci.log_text().splitlines() if "2026-12-01T00:00:00+0000 notice" in line]
    assert "custom\\u{a}2026-12-01" in line


def test_a_configuration_with_mistakes_is_told_all_of_them(make_issuer):
    ci = make_issuer()
    del ci.configuration["woodpecker"]["host"]
    ci.write()

    def check(*arguments):
        return subprocess.run(
            [executable(), "issuer", "check", "--config", ci.path, *arguments], capture_output=True, text=True, timeout=20,
        )

    sound = check()
    assert sound.returncode == 0 and "ok: issuer " + ci.url in sound.stdout and sound.stderr == ""
    for period, code in (("61m", 1), ("62m", 0)):
        ci.configuration["keys"]["rotate_every"] = period
        ci.write()
        done = check()
        assert done.returncode == code and ("a token's life and two minutes" in done.stderr) == bool(code)
    with open(ci.path, "w") as file:
        file.write(
            "issuer: http://ci.test/\nlisten: {address: 0.0.0.0:6480}\naudience: postern.test\n"
            "keys: {directory: keys, rotate_evry: 30d}\njournal: {directory: keys}\ntoken: {lifetime: 3600}\n"
            "drone: {host: drone.test, secrets: [hunter2hunter2], environment: {POSTERN_ID_TOKEN: x}}\n"
            "allow: {events: [psuh]}\n"
        )
    found = [(entry["line"], entry["message"]) for entry in json.loads(check("--json").stdout)["diagnostics"]]
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    text = "\n".join(message for _, message in found)
    for words in (
        "must begin with `https://`", "must not end with a slash", "needs `tls`", "unknown key `rotate_evry`",
        "keys and journal need folders of their own", "`lifetime` needs a unit",
        "must be a reference, not the secret itself", "`POSTERN_ID_TOKEN` cannot be the name", "`psuh` is not an event",
    ):
        assert words in text, words
    shown = check()
    assert shown.returncode == 1 and "did you mean `rotate_every`?" in shown.stderr and "did you mean `push`?" in shown.stderr
    assert "hunter2" not in shown.stderr
    os.remove(ci.path)
    assert check().returncode == 2
