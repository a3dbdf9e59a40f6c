"""`postern policy lint`: every rule on the examples of its page, and what comes out for people and programs."""

import glob
import json
import os
import re

import pytest
from support.policy_verbs import ROOT, findings, policy, site, write, yaml_blocks

PAGES = sorted(glob.glob(f"{ROOT}/docs/lint/*-*.md"))


def example(page, section):
    with open(page) as file:
        text = file.read()
    rule = re.match(r"# (\S+)", text).group(1)
    return rule, yaml_blocks(text.split(f"\n## {section}\n")[1].split("\n## ")[0])


SOUND = """\
roles:
  orders_app:
    description: Deploys the orders service
    database: orders
    login: orders_app
    who:
      - issuer: github
        claims: {repository_id: "123456", ref: refs/heads/main, event_name: push}
    rules:
      - {id: read-orders, allow: read, on: ["public.*"]}
    limits: {statement: 1m}
"""


def lint_example(tmp_path, page, section):
    rule, files = example(page, section)
    assert files, f"{page} has no example"
    folder = write(tmp_path, {"policies/orders.yaml": SOUND, **files})
    # Of a policy file alone nothing is said of tests that are not there.
    path = "policies" if rule.startswith("testing/") else "policies/orders.yaml"
    return rule, [one["rule"] for one in findings(folder, path)]


@pytest.mark.parametrize("page", PAGES, ids=os.path.basename)
def test_the_bad_example_is_reported_and_nothing_else(tmp_path, page):
    rule, found = lint_example(tmp_path, page, "Bad")
    assert rule in found
    assert set(found) == {rule}


@pytest.mark.parametrize("page", PAGES, ids=os.path.basename)
def test_the_good_example_is_not_reported(tmp_path, page):
    _, found = lint_example(tmp_path, page, "Good")
    assert found == []


@pytest.fixture
def folder(tmp_path):
    """One warning, at a place that the tests know."""
    return write(tmp_path, {"policies/orders.yaml": SOUND.replace("    limits: {statement: 1m}\n", "")})


def test_a_finding_has_its_place_its_line_and_a_hint(folder):
    result = policy(folder, "lint", "policies/orders.yaml")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "policies/orders.yaml:2:3: warning: role `orders_app` has no `limits.statement` [limits/statement]",
        "      orders_app:",
        "      ^",
        "hint: add `limits: {statement: 15m}`, or what the longest statement needs",
        "0 errors, 1 warning in 1 role",
    ]


def test_nothing_found_is_said_too(tmp_path):
    folder = write(tmp_path, {"policies/orders.yaml": SOUND})
    result = policy(folder, "lint", "policies/orders.yaml")
    assert (result.returncode, result.stdout) == (0, "ok: 1 role, nothing found\n")


def test_the_fail_level_makes_warnings_a_no(folder):
    assert policy(folder, "lint", "policies/orders.yaml").returncode == 0
    assert policy(folder, "lint", "--fail-level", "warning", "policies/orders.yaml").returncode == 1


def test_an_error_is_a_no(tmp_path):
    folder = write(tmp_path, {"policies/orders.yaml": SOUND.replace("event_name", "event")})
    result = policy(folder, "lint", "policies/orders.yaml")
    assert result.returncode == 1 and "[identity/unknown-claim]" in result.stdout


def test_without_paths_the_folder_of_the_configuration_is_read_with_its_tests(folder):
    found = {one["rule"] for one in findings(folder)}
    assert found == {"limits/statement", "testing/untested-role"}


def test_the_nearest_configuration_upwards_is_taken(folder):
    found = findings(f"{folder}/policies", "orders.yaml")
    assert [one["rule"] for one in found] == ["limits/statement"]


def test_a_policy_that_cannot_be_loaded_is_a_finding(tmp_path):
    folder = write(tmp_path, {"policies/orders.yaml": SOUND.replace("allow: read", "allow: reed")})
    result = policy(folder, "lint", "--format", "json", "policies")
    report = json.loads(result.stdout)
    assert result.returncode == 1
    assert [(one["rule"], one["line"]) for one in report["findings"]] == [("load/policy", 10)]
    assert report["findings"][0]["hint"] == "did you mean `read`?"


@pytest.mark.parametrize("name, text, rule", [
    ("postern.yaml", "issuers: {ci: {profile: nonsense, issuer: 'https://ci.test', audience: a}}\n", "load/configuration"),
    ("policies/orders_test.yaml", "tests: [{name: x}]\n", "load/test"),
])
def test_what_cannot_be_loaded_says_what_it_is(tmp_path, name, text, rule):
    folder = write(tmp_path, {"policies/orders.yaml": SOUND, name: text})
    found = json.loads(policy(folder, "lint", "--format", "json", "policies").stdout)["findings"]
    assert rule in {one["rule"] for one in found}


def test_no_roles_are_2(tmp_path):
    folder = write(tmp_path, {})
    result = policy(folder, "lint", "policies")
    assert (result.returncode, result.stdout) == (2, "")
    assert "postern: error: there are no roles\n" in result.stderr


@pytest.mark.parametrize("arguments", [("nowhere.yaml",), ("--config", "nowhere.yaml"), ("--format", "xml")])
def test_what_cannot_be_read_or_understood_is_2(folder, arguments):
    result = policy(folder, "lint", *arguments)
    assert result.returncode == 2
    assert result.stdout == "" and result.stderr.startswith("postern: error: ")


def test_github_gets_workflow_commands(folder):
    result = policy(folder, "lint", "--format", "github", "policies/orders.yaml")
    assert result.stdout == (
        "::warning file=policies/orders.yaml,line=2,col=3,title=limits/statement"
        "::role `orders_app` has no `limits.statement`"
        "%0Ahint: add `limits: {statement: 15m}`, or what the longest statement needs\n"
    )


def test_code_scanning_gets_sarif(folder):
    log = json.loads(policy(folder, "lint", "--format", "sarif", "policies/orders.yaml").stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    run, = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len(PAGES)
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".") and rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
        page = re.search(r"docs/lint/\S+\.md$", rule["help"]["text"]).group()
        assert os.path.exists(f"{ROOT}/{page}")
    result, = run["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "limits/statement"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/orders.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 3}


def test_the_site_of_the_examples_is_sound(tmp_path):
    assert "issuers:" in site()
    folder = write(tmp_path, {"policies/orders.yaml": SOUND})
    assert findings(folder, "policies/orders.yaml") == []


def test_the_examples_in_policies_have_no_errors():
    found = findings(ROOT, "--config", "deploy/postern.yaml")
    assert [one for one in found if one["severity"] == "error"] == []
