"""What a role asks of a token beyond its claims: one use, an age, a network, an end."""

import concurrent.futures
import json
import os
import re
import select
import threading
import time

import psycopg
import pytest
from support import journal, outcomes
from support.clients import run, succeed
from support.gateway import Gateway, plain_role
from support.policy_verbs import policy
from support.waiting import free_port, until

from test_reload import reload

ONE_TEXT = re.compile(r"FATAL:  access refused \(session ([0-9a-z]{16})\)")


def bound(**options):
    return plain_role() | {"shared_login": True} | options


ROLES = {
    "app": bound(),
    "once": bound(single_use=True),
    "pair": bound(single_use=True, limits={"sessions": 1}),
    "few": bound(single_use=True, limits={"sessions": 4}),
    "dead": bound(single_use=True, database="dead"),
    "young": bound(max_token_age="1m"),
    "local": bound(client_networks=["127.0.0.0/8", "2001:db8::/32"]),
    "remote": bound(client_networks=["10.0.0.0/8", "2001:db8::/32", "127.0.0.2"]),
    "socket": bound(client_networks=["unix"]),
    "ends": bound(end_with_token=True),
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, postgres, issuer, authority):
    process = Gateway(tmp_path_factory.mktemp("binding"), postgres, issuer, authority, start=False, roles=ROLES)
    databases = process.configuration["databases"]
    databases["dead"] = databases["app"] | {"hosts": [f"127.0.0.1:{free_port()}"]}
    process.write()
    process.start()
    yield process
    process.stop()


def refused(gateway, parameters):
    """The record of a job that heard the one text."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**parameters)
    session = ONE_TEXT.search(str(caught.value)).group(1)
    (record,) = outcomes.records_of(gateway, session, "session.refused")
    assert record["stage"] == "grant" and record["identity"]["subject"]
    return record["reason"]


def enters(parameters):
    with psycopg.connect(**parameters) as connection:
        return connection.execute("select 1").fetchone() == (1,)


# One use


def test_a_token_opens_one_session_whatever_the_listener(gateway, issuer):
    token = issuer.token()
    assert succeed(gateway.tls(token, user="once"), "psql", "-XAtc", "select 1") == "1\n"
    for parameters in (gateway.tls(token, user="once"), gateway.plain(token, user="once"), gateway.unix(token, user="once")):
        assert refused(gateway, parameters) == "token used before"
    # It is the role that asks: other roles of the same job take it.
    assert enters(gateway.tls(token))
    assert token.split(".")[1] not in gateway.log_text()


def test_a_token_is_known_by_its_jti_and_else_by_what_was_signed(gateway, issuer):
    assert enters(gateway.plain(issuer.token(jti="same"), user="once"))
    assert refused(gateway, gateway.plain(issuer.token(jti="same", run_id="4712"), user="once")) == "token used before"
    nameless = issuer.token(jti=None, run_id="1")
    assert enters(gateway.plain(nameless, user="once"))
    assert refused(gateway, gateway.plain(nameless, user="once")) == "token used before"
    assert enters(gateway.plain(issuer.token(jti=None, run_id="2"), user="once"))


def test_of_many_at_once_on_all_loops_one_gets_in(gateway, issuer):
    token = issuer.token()

    def attempt(_):
        try:
            return enters(gateway.plain(token, user="once"))
        except psycopg.OperationalError as error:
            assert ONE_TEXT.search(str(error))
            return False

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(32))) == 1


def test_a_token_is_given_back_when_its_session_cannot_begin(gateway, issuer):
    token = issuer.token()
    for _ in range(2):
        code, _, errors = run(gateway.plain(token, user="dead", dbname="dead"), "psql", "-c", "select 1")
        assert code == 2 and "access refused" not in errors, errors
    # The limit is no use of the second token either.
    with psycopg.connect(**gateway.plain(user="pair")):
        with pytest.raises(psycopg.OperationalError, match="too many sessions of this role"):
            psycopg.connect(**gateway.plain(token, user="pair"))
    until(lambda: _is_free(gateway, token), what="the place")
    assert refused(gateway, gateway.plain(token, user="pair")) == "token used before"


def test_a_spent_token_keeps_no_place_of_its_role(gateway, issuer):
    spent = issuer.token()
    assert enters(gateway.plain(spent, user="few"))
    enough = threading.Event()

    def knock():
        heard = set()
        while not enough.is_set():
            with pytest.raises(psycopg.OperationalError) as caught:
                psycopg.connect(**gateway.plain(spent, user="few"))
            heard.add("too many" in str(caught.value))
        return heard

    # Each hears of its refusal late; until then it must be in nobody's way.
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        knocking = [pool.submit(knock) for _ in range(16)]
        try:
            for _ in range(20):
                assert enters(gateway.plain(issuer.token(), user="few"))
        finally:
            enough.set()
        assert [future.result() for future in knocking] == [{False}] * 16


def _is_free(gateway, token):
    try:
        return enters(gateway.plain(token, user="pair"))
    except psycopg.OperationalError as error:
        assert "too many sessions" in str(error)
        return False


# An age


def test_a_token_is_too_old_for_one_role_and_not_for_another(gateway, issuer):
    now = int(time.time())
    old = issuer.token(iat=now - 120)
    assert refused(gateway, gateway.plain(old, user="young")) == "token older than `max_token_age`"
    assert enters(gateway.plain(old))
    # The issuer's clock may be off by 30 s.
    assert enters(gateway.plain(issuer.token(iat=now - 70), user="young"))


# A network


def test_only_who_comes_from_a_named_network_gets_the_role(gateway):
    assert enters(gateway.plain(user="local")) and enters(gateway.tls(user="local"))
    assert enters(gateway.unix(user="socket"))
    outside = "address outside `client_networks`"
    for parameters in (
        gateway.plain(user="remote"), gateway.tls(user="remote"), gateway.unix(user="remote"),
        gateway.unix(user="local"), gateway.plain(user="socket"),
    ):
        assert refused(gateway, parameters) == outside


def test_a_network_that_is_taken_away_ends_its_sessions(make_gateway):
    own = make_gateway(roles={"app": bound(client_networks=["127.0.0.0/8"])})
    with psycopg.connect(**own.plain(), autocommit=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        own.roles["app"]["client_networks"] = ["127.9.0.0/16"]
        own.write()
        reload(own)
        with pytest.raises(psycopg.errors.AdminShutdown, match="revoked"):
            connection.execute("select 1")


# An end


def test_a_session_ends_with_its_token_idle_or_not(gateway, issuer):
    now = int(time.time())
    token = issuer.token(iat=now - 1, exp=now + 3)
    with (
        psycopg.connect(**gateway.plain(token, user="ends"), autocommit=True) as idle,
        psycopg.connect(**gateway.tls(token, user="ends"), autocommit=True) as busy,
        psycopg.connect(**gateway.plain(token), autocommit=True) as other,
    ):
        with pytest.raises(psycopg.errors.AdminShutdown, match="the session's token has expired") as caught:
            busy.execute("select pg_sleep(20)")
        assert now + 3 <= time.time() < now + 6
        # Nothing is asked of it: it is told by itself.
        assert select.select([idle.fileno()], [], [], 5)[0]
        with pytest.raises(psycopg.OperationalError, match="the session's token has expired"):
            idle.execute("select 1")
        assert other.execute("select 1").fetchone() == (1,)
    session = re.search(r"\(session ([0-9a-z]{16})\)", str(caught.value)).group(1)
    end = outcomes.records_of(gateway, session, "session.end")[-1]
    assert end["reason"] == "token expired"


def test_a_reload_that_asks_for_it_holds_for_sessions_that_say_nothing_more(make_gateway, issuer):
    own = make_gateway()
    now = int(time.time())
    with psycopg.connect(**own.plain(issuer.token(iat=now - 1, exp=now + 4)), autocommit=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        own.roles["app"]["end_with_token"] = True
        own.write()
        reload(own)
        ended = until(lambda: journal.records(own.journal_folder, "session.end"), 15, "the session's end")
        assert [record["reason"] for record in ended] == ["token expired"]
        assert time.time() >= now + 4
        with pytest.raises(psycopg.OperationalError, match="the session's token has expired"):
            connection.execute("select 1")


# The policy verbs


@pytest.fixture
def job(gateway, tmp_path):
    with open(f"{tmp_path}/job.json", "w") as file:
        json.dump({"repository": "acme/app", "ref": "refs/heads/main"}, file)

    def explain(role, *arguments):
        return policy(
            gateway.folder, "explain", "--claims", f"{tmp_path}/job.json", "--issuer", "ci", "--role", role,
            "--database", "app", "--sql", "select 1", *arguments,
        )

    return explain


@pytest.mark.parametrize(
    ("role", "arguments", "code", "line"),
    [
        ("once", [], 0, "single_use  not known: only the gateway knows whether the token was used before"),
        ("young", [], 0, "max_token_age  not known: the token's age when the job connects is not known"),
        ("young", ["--token-age", "50s"], 0, "max_token_age  met: a token of 50s, and 60s is the most"),
        ("young", ["--token-age", "2m"], 1, "max_token_age  refused: a token of 120s, and 60s is the most"),
        ("remote", [], 0, "client_networks  not known: the job's address is not known"),
        ("remote", ["--client-address", "10.1.2.3"], 0, "client_networks  met: the address is in one of them"),
        ("remote", ["--client-address", "::ffff:10.1.2.3"], 0, "client_networks  met: the address is in one of them"),
        ("remote", ["--client-address", "unix"], 1, "may not be role remote: address outside `client_networks`"),
        ("ends", [], 0, "end_with_token  met: the session ends at the token's `exp`"),
    ],
)
def test_explain_decides_what_it_can_and_says_what_it_cannot(job, role, arguments, code, line):
    result = job(role, *arguments)
    assert (result.returncode, result.stderr) == (code, "")
    assert line in result.stdout
    bindings = json.loads(job(role, *arguments, "--json").stdout)["identity"]["bindings"]
    assert [binding["name"] for binding in bindings] == [
        {"once": "single_use", "young": "max_token_age", "remote": "client_networks", "ends": "end_with_token"}[role]
    ]


def test_tests_beside_the_policies_say_how_a_job_comes(gateway, tmp_path):
    common = {"issuer": "ci", "claims": {"repository": "acme/app", "ref": "refs/heads/main"}}
    tests = [
        {"name": "inside", "role": "remote", "client_address": "10.1.2.3", "expect": "allow"},
        {"name": "outside", "role": "remote", "client_address": "192.0.2.1", "expect": "refused",
         "reason": "address outside `client_networks`"},
        {"name": "nobody says from where", "role": "remote", "expect": "allow"},
        {"name": "young", "role": "young", "token_age": "30s", "expect": "allow"},
        {"name": "old", "role": "young", "token_age": "5m", "expect": "refused", "reason": "token older than `max_token_age`"},
        {"name": "wrong", "role": "young", "token_age": "5m", "expect": "allow"},
    ]
    path = f"{tmp_path}/binding_test.yaml"
    with open(path, "w") as file:
        json.dump({"tests": [test | common for test in tests]}, file)
    result = policy(gateway.folder, "test", "--config", f"{gateway.folder}/postern.yaml", path)
    assert result.returncode == 1
    assert "PASS: 5/6 FAIL: 1/6" in result.stdout, result.stdout
    assert "refused: token older than `max_token_age`" in result.stdout


def test_check_says_what_is_known_to_one_process_alone(gateway):
    code, output, _ = run({}, gateway.binary, "check", "--config", f"{gateway.folder}/postern.yaml")
    assert code == 0 and "note: single_use is known to one gateway process, until it ends\n" in output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"client_networks": ["10.0.0.1/8"]}, "`10.0.0.1/8` has bits behind its prefix"),
        ({"client_networks": ["10.0.0.0/33"]}, "`10.0.0.0/33` has no prefix length from 0 to 32"),
        ({"client_networks": ["::ffff:10.0.0.0/104"]}, "is an IPv4 network written as IPv6"),
        ({"client_networks": ["ci.internal"]}, "`ci.internal` is not a network"),
        ({"client_networks": []}, "`client_networks` must not be empty"),
        ({"max_token_age": "0s"}, "`max_token_age` must be from 1s to 7d"),
        ({"single_use": "yes"}, "`single_use` must be `true` or `false`"),
    ],
)
def test_check_says_what_is_wrong_with_them(gateway, tmp_path, options, words):
    os.makedirs(f"{tmp_path}/policies")
    with open(f"{tmp_path}/policies/a.yaml", "w") as file:
        json.dump({"roles": {"app": bound(**options)}}, file, indent=1)
    configuration = json.loads(json.dumps(gateway.configuration)) | {"policies": f"{tmp_path}/policies"}
    path = f"{gateway.folder}/check.yaml"
    with open(path, "w") as file:
        json.dump(configuration, file, indent=1)
    code, _, errors = run({}, gateway.binary, "check", "--config", path)
    assert code == 1 and words in errors, errors
