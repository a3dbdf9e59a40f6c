"""Real sample payloads of each CI system, through a real gateway: who gets in, what the journal says of the run, and why
the jobs of untrusted triggers are refused."""

import glob
import json
import os
import time

import jwt
import pytest
from support import journal, outcomes
from support.policy_verbs import ROOT
from support.tokens import AUDIENCE, Issuer
from support.wire import Wire, error_fields, password, startup

FIXTURES = {
    os.path.basename(path)[:-5]: json.load(open(path))
    for path in sorted(glob.glob(f"{ROOT}/Tests/PosternPolicyTests/Fixtures/Issuers/*.json"))
}
# What every payload of a profile has, so that only its trigger decides.
WHO = {
    "github": {"repository_id": "74"},
    "gitlab": {"iss": "https://gitlab.example.com"},
    "circleci": {"oidc.circleci.com/vcs-origin": ["github.com/acme/orders", "github.com/mallory/orders"]},
    "buildkite": {"pipeline_id": "01849908-5d6f-4c4e-8f1c-7c3a1d8d2b42"},
    "bitbucket": {"repositoryUuid": "{9a8b7c6d-0000-4000-8000-000000000001}"},
    "kubernetes": {"sub": "system:serviceaccount:ci:migrator"},
    "jenkins": {"iss": "https://jenkins.example.com/oidc"},
    "forgejo": {"repository_id": "456"},
    "drone": {"iss": "https://drone-oidc.example.com"},
    "generic": {"sub": "job-1"},
}


def cases(profile):
    """The payloads of the profile's first issuer, since a gateway has one entry for each URL; without an empty subject,
    which no token may have."""
    url = FIXTURES[profile][0]["issuer"]
    return [case for case in FIXTURES[profile] if case["issuer"] == url and case["payload"]["sub"]]


def role(issuer, claims, **entry):
    return {
        "database": "app", "login": "app", "shared_login": True, "rules": "unrestricted",
        "who": [{"issuer": issuer, "claims": claims, **entry}],
    }


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("profiles"))


@pytest.fixture(scope="module")
def site(tmp_path_factory, postgres, issuer, authority, keys):
    from support.gateway import Gateway

    issuers = {
        profile: {
            "profile": profile, "issuer": cases(profile)[0]["issuer"], "audience": AUDIENCE, "jwks_file": keys.jwks,
        }
        for profile in FIXTURES
    }
    roles = {profile: role(profile, claims) for profile, claims in WHO.items()}
    roles["pull_requests"] = role("github", {"repository_id": "74", "event_name": "pull_request"}, untrusted=True)
    roles["by_mail"] = role("gitlab", {"user_email": "sample-user@example.com"})
    # Postern's usual test issuer stays, so that `outcomes` can look whether the gateway still lets jobs in.
    issuers["ci"] = {"profile": "generic", "issuer": issuer.issuer, "audience": AUDIENCE, "jwks_file": issuer.jwks}
    roles["app"] = role("ci", {"repository": "acme/app", "ref": "refs/heads/main"})
    process = Gateway(tmp_path_factory.mktemp("site"), postgres, issuer, authority, issuers=issuers, roles=roles)
    yield process
    process.stop()


def token(keys, payload, minutes=5, algorithm="RS256"):
    """The payload with times and an audience of now."""
    now = int(time.time())
    audience = [AUDIENCE] if isinstance(payload["aud"], list) else AUDIENCE
    claims = payload | {"iat": now - 1, "exp": now + 60 * minutes, "aud": audience}
    claims.pop("nbf", None)
    return jwt.encode(claims, keys.key, algorithm=algorithm, headers={"kid": "k1"})


def log_in(site, token, role):
    """The records of the session that this token begins, or does not; and the error's fields."""
    with Wire.plain(site.plain_port) as wire:
        wire.send(startup(user=role))
        assert wire.receive()[0] == "R"
        wire.send(password(token))
        kind, body = wire.receive()
        if kind == "E":
            fields = error_fields(body)
            (record,) = outcomes.records_of(site, outcomes.session_of(fields), "session.refused")
            return record, fields
        assert (kind, body) == ("R", b"\0\0\0\0")
        wire.until_ready()
        session = wire.ask("show application_name")[0].split("/")[-1]
    return outcomes.records_of(site, session, "session.start")[0], None


@pytest.mark.parametrize("profile", FIXTURES)
def test_a_trusted_payload_gets_in_and_an_untrusted_one_is_refused_for_its_reason(site, keys, profile):
    found = cases(profile)
    assert found
    for case in found:
        record, error = log_in(site, token(keys, case["payload"]), profile)
        if case["untrusted"] is None:
            assert error is None, (case["about"], record["reason"])
            assert record["event"] == "session.start" and record["role"] == profile
            if "run" in case:
                assert record["run"] == case["run"], case["about"]
        else:
            # The job hears the one text and nothing of the reason.
            assert error["C"] == "28000" and error["M"].startswith("access refused "), case["about"]
            assert "trigger" not in repr(error)
            assert (record["stage"], record["role"]) == ("grant", profile)
            assert record["reason"].startswith(f"untrusted trigger: {case['untrusted']}: "), case["about"]
            assert record["claim"] == case["untrusted"].split(" is ")[0]
            assert record["identity"]["issuer"] == profile


def payload(profile, about):
    return next(case["payload"] for case in FIXTURES[profile] if case["about"].startswith(about))


def test_an_entry_that_takes_untrusted_tokens_lets_the_pull_request_in(site, keys):
    pull_request = token(keys, payload("github", "a pull request of a fork"))
    record, error = log_in(site, pull_request, "pull_requests")
    assert error is None
    assert record["run"]["ref"] == "refs/pull/7/merge"
    assert log_in(site, pull_request, "github")[0]["reason"].startswith("untrusted trigger: event_name is pull_request: ")


def test_the_journal_keeps_the_claims_of_the_profile_and_an_address_only_where_it_is_named(site, keys):
    push = payload("gitlab", "a push to a protected branch")
    plain, _ = log_in(site, token(keys, push), "gitlab")
    claims = plain["identity"]["claims"]
    assert claims["user_login"] == "sample-user" and claims["runner_id"] == 1 and claims["jti"] == push["jti"]
    assert claims["iss"] == "https://gitlab.example.com", "`who` names it"
    for name in ("user_email", "user_identities", "groups_direct", "aud", "exp"):
        assert name not in claims
    assert "sample-user@example.com" not in json.dumps(plain)
    named, _ = log_in(site, token(keys, push), "by_mail")
    assert named["identity"]["claims"]["user_email"] == "sample-user@example.com"
    pod, _ = log_in(site, token(keys, payload("kubernetes", "the kubelet's token")), "kubernetes")
    assert pod["identity"]["claims"]["/kubernetes.io/serviceaccount/name"] == "migrator"


def test_a_profile_takes_tokens_no_older_than_its_ci_system_makes_them(site, keys):
    push = payload("github", "a push to the main branch")
    assert log_in(site, token(keys, push, minutes=16), "github")[0]["reason"] == "lifetime"
    assert log_in(site, token(keys, push, algorithm="RS512"), "github")[0]["reason"] == "algorithm"
    long = payload("gitlab", "a push to a protected branch")
    assert log_in(site, token(keys, long, minutes=120), "gitlab")[1] is None


def test_the_journal_verifies(site):
    assert journal.verify(site.journal_folder)
