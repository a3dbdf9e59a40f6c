"""`postern policy test`: what it prints, what it counts and how it ends."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from support.policy_verbs import ROOT, policy, write

ROLES = """\
roles:
  orders_app:
    database: orders
    login: orders_app
    who:
      - issuer: github
        claims: {repository_id: "123456", ref: refs/heads/main, event_name: push}
    rules:
      - {id: read-orders, allow: read, on: [public.orders]}
      - {id: no-delete, deny: DELETE, message: set orders.cancelled instead}
"""

MAIN = '{repository_id: "123456", ref: refs/heads/main, event_name: push}'


def entry(name, sql, expect, **more):
    lines = [f"  - name: {name}", "    role: orders_app", "    issuer: github", f"    claims: {MAIN}"]
    lines += [f"    sql: {sql}"] * (sql is not None) + [f"    expect: {expect}"]
    return "\n".join(lines + [f"    {key}: {value}" for key, value in more.items()]) + "\n"


GOOD = entry("main may read", "select id from orders", "allow", rule="read-orders")
WRONG = entry("main may delete", "delete from orders where id = 1", "allow")
BROKEN = entry("main may try", "selct 1", "deny")


def folder(tmp_path, *tests):
    files = {"policies/orders.yaml": ROLES}
    if tests:
        files["policies/orders_test.yaml"] = "tests:\n" + "".join(tests)
    return write(tmp_path, files)


def test_all_pass(tmp_path):
    result = policy(folder(tmp_path, GOOD), "test", "policies")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "policies/orders_test.yaml:"
    assert lines[1].startswith("main may read: PASS (")
    assert lines[-1] == "PASS: 1/1"


def test_a_failure_says_where_what_was_asked_what_was_decided_and_what_each_rule_said(tmp_path):
    result = policy(folder(tmp_path, GOOD, WRONG), "test", "policies")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("main may delete: FAIL ("))
    assert lines[start + 1:start + 4] == [
        "    at policies/orders_test.yaml:9",
        "    expected: allow",
        "    decided:  deny by rule `no-delete`, reason `rule`",
    ]
    rest = "\n".join(lines[start + 4:])
    assert "hint: set orders.cancelled instead" in rest
    assert "read-orders  policies/orders.yaml:9  does not match" in rest
    assert "no-delete    policies/orders.yaml:10  matches" in rest
    assert lines[-1] == "PASS: 1/2 FAIL: 1/2"


def test_sql_that_is_not_understood_is_an_error_and_not_a_denial(tmp_path):
    result = policy(folder(tmp_path, GOOD, WRONG, BROKEN), "test", "policies")
    assert result.returncode == 1
    assert "main may try: ERROR (" in result.stdout
    assert '    `sql` is not understood: syntax error at or near "selct" at character 1' in result.stdout
    assert result.stdout.endswith("PASS: 1/3 FAIL: 1/3 ERROR: 1/3\n")


@pytest.mark.parametrize("pattern, names", [("may read", 1), ("^main", 3), ("(delete|try)$", 2)])
def test_run_chooses_by_name(tmp_path, pattern, names):
    result = policy(folder(tmp_path, GOOD, WRONG, BROKEN), "test", "--run", pattern, "--format", "json", "policies")
    assert len(json.loads(result.stdout)["tests"]) == names


def test_no_tests_are_an_error(tmp_path):
    result = policy(folder(tmp_path), "test", "policies")
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr == (
        "postern: error: there are no tests\npostern: hint: tests stand in files whose names end in `_test.yaml`\n"
    )
    result = policy(folder(tmp_path, GOOD), "test", "--run", "nowhere", "policies")
    assert (result.returncode, result.stderr) == (2, "postern: error: no test has a name that `--run` is found in\n")


def test_coverage_names_the_rules_that_decided_nothing(tmp_path):
    result = policy(folder(tmp_path, GOOD), "test", "--coverage", "policies")
    assert result.returncode == 0
    assert result.stdout.endswith(
        "coverage: 50.0% (1 of 2 rules)\n"
        "    policies/orders.yaml:10: rule `no-delete` of role `orders_app` decided no test\n"
    )


@pytest.mark.parametrize("least, code", [(50, 0), (51, 1)])
def test_too_little_coverage_is_a_no(tmp_path, least, code):
    result = policy(folder(tmp_path, GOOD), "test", "--fail-under", str(least), "policies")
    assert result.returncode == code
    if code:
        assert result.stderr == "postern: error: tests cover 50.0% of the rules, and --fail-under asks for 51%\n"


def test_for_programs(tmp_path):
    result = policy(folder(tmp_path, GOOD, WRONG), "test", "--format", "json", "--coverage", "policies")
    report = json.loads(result.stdout)
    assert (report["passed"], report["failed"], report["errors"]) == (1, 1, 0)
    assert report["tests"][0]["result"] == "pass" and report["tests"][0]["rules"] == ["read-orders"]
    wrong = report["tests"][1]
    assert (wrong["file"], wrong["line"], wrong["expected"]) == ("policies/orders_test.yaml", 9, "allow")
    assert report["coverage"] == {"covered": 2, "total": 2, "percent": 100.0, "uncovered": []}


def test_for_ci_systems(tmp_path):
    result = policy(folder(tmp_path, GOOD, WRONG, BROKEN), "test", "--format", "junit", "policies")
    assert result.returncode == 1
    suites = ElementTree.fromstring(result.stdout)
    suite, = suites
    assert suite.attrib["tests"] == "3" and suite.attrib["failures"] == "1" and suite.attrib["errors"] == "1"
    assert [case.attrib["name"] for case in suite] == ["main may read", "main may delete", "main may try"]
    assert "policies/orders_test.yaml:9" in suite.find("testcase/failure").text


@pytest.mark.parametrize("arguments", [
    ("nowhere",), ("--run", "(", "policies"), ("--fail-under", "101", "policies"), ("--format", "tap", "policies"),
])
def test_wrong_usage_is_2(tmp_path, arguments):
    result = policy(folder(tmp_path, GOOD), "test", *arguments)
    assert result.returncode == 2 and result.stdout == "" and "postern: error: " in result.stderr


def test_policies_with_mistakes_are_2(tmp_path):
    place = folder(tmp_path, GOOD.replace("orders_app", "nobody"))
    result = policy(place, "test", "policies")
    assert result.returncode == 2 and result.stdout == ""
    assert "policies/orders_test.yaml:2:5: error: there is no role `nobody`" in result.stderr
    assert result.stderr.endswith("postern: error: the policies cannot be loaded\npostern: hint: mend what is said above\n")


def test_the_tests_of_the_examples_pass_and_cover_every_rule():
    result = policy(ROOT, "test", "--config", "deploy/postern.yaml", "--fail-under", "100")
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
