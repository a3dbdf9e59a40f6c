"""`postern policy explain`: who, where and what, from claims or a token, for people and for programs."""

import base64
import json

import pytest
from support.policy_verbs import policy, write

from test_policy_test import ROLES

CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "repository_id": "123456", "ref": "refs/heads/main", "event_name": "push",
}


@pytest.fixture
def folder(tmp_path):
    place = write(tmp_path, {"policies/orders.yaml": ROLES, "job.json": json.dumps(CLAIMS)})
    with open(f"{place}/token", "w") as file:
        parts = [json.dumps({"alg": "RS256"}), json.dumps(CLAIMS), "signature"]
        file.write(".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "\n")
    return place


def explain(folder, sql, *arguments, database="orders", role="orders_app", claims=("--claims", "job.json"), stdin=None):
    return policy(
        folder, "explain", *claims, "--role", role, "--database", database, "--sql", sql, *arguments, stdin=stdin,
    )


def test_an_allowed_statement(folder):
    result = explain(folder, "select id from orders")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "identity: issuer github, claims in job.json, not verified",
        "  may be role orders_app",
        "    entry 1  policies/orders.yaml:6  matches",
        "database: orders",
        "",
        "role orders_app: allow",
    ]
    assert "allowed by rule read-orders at policies/orders.yaml:9" in result.stdout


def test_a_denied_statement_has_the_words_of_the_gateway_and_every_rule(folder):
    result = explain(folder, "delete from orders where id = 1")
    assert result.returncode == 1
    for words in (
        "42501 permission denied by policy: DELETE on public.orders",
        "detail: role orders_app: rule no-delete at policies/orders.yaml:10 denies DELETE on public.orders",
        "hint: set orders.cancelled instead",
        "allow read-orders  policies/orders.yaml:9  does not match: it names neither the class `write` nor the tag `DELETE`",
        "deny  no-delete    policies/orders.yaml:10  matches",
    ):
        assert words in result.stdout


def test_a_refused_job_is_told_which_claim_failed_and_the_rules_all_the_same(folder):
    with open(f"{folder}/job.json", "w") as file:
        json.dump({**CLAIMS, "ref": "refs/heads/try"}, file)
    result = explain(folder, "select id from orders")
    assert result.returncode == 1
    assert "  may not be role orders_app: claim `ref` does not match\n" in result.stdout
    assert 'does not match: claim `ref` is `"refs/heads/try"`' in result.stdout
    assert "The job is refused." in result.stdout and "role orders_app: allow" in result.stdout


def test_another_database_is_not_granted(folder):
    result = explain(folder, "select 1", database="billing")
    assert result.returncode == 1
    assert "  not granted: role orders_app leads to orders\n" in result.stdout


def test_a_token_is_decoded_and_not_verified(folder):
    result = explain(folder, "select id from orders", claims=("--token-file", "token"))
    assert result.returncode == 0
    assert result.stdout.startswith("identity: issuer github, token in token, not verified\n")
    assert "signature" not in result.stdout


def test_sql_from_standard_input(folder):
    result = explain(folder, "-", stdin="select id\nfrom orders;\n")
    assert result.returncode == 0 and "statement 1: SELECT (read): allow" in result.stdout


def test_for_programs(folder):
    answer = json.loads(explain(folder, "delete from orders", "--json").stdout)
    assert answer["allowed"] is False and answer["identity"]["verified"] is False
    assert answer["identity"]["entries"] == [{"file": "policies/orders.yaml", "line": 6, "matches": True}]
    assert answer["statement"]["denial"]["sqlstate"] == "42501"


def test_a_syntax_error_has_the_words_of_the_parser(folder):
    result = explain(folder, "selct 1")
    assert result.returncode == 1 and '42601 syntax error at or near "selct"' in result.stdout


def test_a_deep_statement_does_not_end_the_program(folder):
    result = explain(folder, "-", stdin="select " + "(" * 400 + "1" + ")" * 400)
    assert result.returncode == 0
    result = explain(folder, "-", stdin="select " + "1+" * 5000 + "1")
    assert result.returncode in (0, 1) and result.stdout.startswith("identity: ")


@pytest.mark.parametrize("arguments, words", [
    ({"role": "nobody"}, "there is no role `nobody`"),
    ({"claims": ("--claims", "nowhere.json")}, "cannot read `nowhere.json`: No such file or directory"),
    ({"claims": ("--claims", "policies/orders.yaml")}, "`policies/orders.yaml` is not JSON"),
    ({"claims": ("--token-file", "job.json")}, "`job.json` holds no token"),
    ({"claims": ()}, "give either --claims or --token-file"),
    ({"claims": ("--claims", "job.json", "--issuer", "nobody")}, "there is no issuer `nobody`"),
])
def test_what_cannot_be_told_is_2(folder, arguments, words):
    result = explain(folder, "select 1", **arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert f"postern: error: {words}" in result.stderr


def test_claims_of_an_unknown_issuer(folder):
    with open(f"{folder}/job.json", "w") as file:
        json.dump({**CLAIMS, "iss": "https://elsewhere.example.com"}, file)
    result = explain(folder, "select 1")
    assert result.returncode == 2 and "no issuer has the URL `https://elsewhere.example.com`" in result.stderr
    assert explain(folder, "select 1", "--issuer", "github").returncode == 0


@pytest.mark.parametrize("event, why", [
    ("pull_request_target", "it has the repository's identity for a pull request that anybody may open"),
    ("telepathy", "nobody has said who can start that"),
])
def test_an_untrusted_trigger_is_told_with_what_it_means(folder, event, why):
    with open(f"{folder}/job.json", "w") as file:
        json.dump({**CLAIMS, "event_name": event}, file)
    words = f"untrusted trigger: event_name is {event}: {why}"
    result = explain(folder, "select id from orders")
    assert result.returncode == 1
    assert f"  may not be role orders_app: {words}\n" in result.stdout
    assert "does not match: untrusted trigger, and it does not say `untrusted: true`" in result.stdout
    identity = json.loads(explain(folder, "select id from orders", "--json").stdout)["identity"]
    assert (identity["trusted"], identity["granted"], identity["reason"]) == (False, False, words)
    assert identity["untrusted"] == {"claim": "event_name", "finding": f"event_name is {event}", "why": why}


def test_an_entry_that_takes_untrusted_tokens_is_granted_and_the_trigger_told(folder):
    with open(f"{folder}/policies/orders.yaml") as file:
        policies = file.read()
    with open(f"{folder}/policies/orders.yaml", "w") as file:
        file.write(policies.replace("event_name: push}", "event_name: pull_request}\n        untrusted: true"))
    with open(f"{folder}/job.json", "w") as file:
        json.dump({**CLAIMS, "event_name": "pull_request"}, file)
    result = explain(folder, "select id from orders")
    assert result.returncode == 0
    assert "  may be role orders_app\n  untrusted trigger: event_name is pull_request: " in result.stdout
