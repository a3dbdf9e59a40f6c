"""`postern check`: every mistake at once, with its place, for people and for programs."""

import json
import re
import subprocess

import pytest
from support.gateway import executable, plain_role


def check(path, *arguments):
    return subprocess.run(
        [executable(), "check", "--config", str(path), *arguments],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def site(make_gateway):
    """A sound configuration that nobody serves."""
    return make_gateway(start=False)


def path(site):
    return f"{site.folder}/postern.yaml"


def policy(site, text):
    with open(f"{site.folder}/policies/app.yaml", "w") as file:
        file.write(text)


def diagnostics(site):
    result = check(path(site), "--json")
    return json.loads(result.stdout)["diagnostics"]


def test_a_sound_configuration_is_summed_up(site):
    result = check(path(site))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("ok: gateway gw-test\n")
    for part in (f"127.0.0.1:{site.tls_port} (TLS)", "issuers", "ci", "databases", "roles", "app", "per gateway"):
        assert part in result.stdout


def test_a_sound_configuration_for_programs(site):
    result = check(path(site), "--json")
    assert result.returncode == 0
    answer = json.loads(result.stdout)
    assert answer["ok"] is True and answer["roles"] == ["app"] and answer["diagnostics"] == []
    assert re.fullmatch("[0-9a-f]{64}", answer["policy_hash"])


MISTAKEN = """\
gatewey: {name: x}
listeners:
  - address: 0.0.0.0:6432
  - address: 127.0.0.1:99999
issuers:
  ci: {profile: generic, issuer: "http://ci.test", audience: a, trust: all, clock_skew: 1h}
databases:
  app:
    hosts: [db.test]
    logins: {app: {password: s3cret-in-the-open}}
policies: policies/
audit: {directory: journal, rotate_size: big}
limits: {connections: lots, connections: 5}
"""


def test_every_mistake_is_told_at_once_with_its_place(site):
    with open(path(site), "w") as file:
        file.write(MISTAKEN)
    policy(site, "roles:\n  app:\n    database: nowhere\n    login: app\n    rules: unrestricted\n    who: []\n")
    result = check(path(site))
    assert result.returncode == 1 and result.stdout == ""
    lines = re.findall(r"^(\S+?):(\d+):(\d+): (error|warning): (.+)$", result.stderr, re.M)
    mistakes = {(name.rpartition("/")[2], int(line)) for name, line, _, severity, _ in lines if severity == "error"}
    assert {("postern.yaml", 1), ("postern.yaml", 3), ("postern.yaml", 4), ("postern.yaml", 6),
            ("postern.yaml", 9), ("postern.yaml", 10), ("postern.yaml", 12), ("postern.yaml", 13)} <= mistakes
    assert "did you mean `gateway`?" in result.stderr
    assert "s3cret-in-the-open" not in re.sub(r"^    .*$", "", result.stderr, flags=re.M)
    assert re.search(r"^postern: error: \d+ mistakes in", result.stderr, re.M)


def test_mistakes_of_policies_are_told_beside_those_of_the_configuration(site):
    site.configuration["limits"] = {"conections": 5}
    site.write()
    policy(site, "roles:\n  app:\n    databse: app\n    login: app\n    rules: unrestricted\n    who: []\n")
    found = {(entry["file"].rpartition("/")[2], entry.get("hint")) for entry in diagnostics(site)}
    assert ("postern.yaml", "did you mean `connections`?") in found
    assert ("app.yaml", "did you mean `database`?") in found


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        ("roles:\n  app:\n    login: app\n    login: app\n", 4, 5, "login"),
        ("roles:\n  App:\n    login: app\n", 2, 3, "App"),
        ("roles: &here\n  app: {}\n", 1, 8, "anchor"),
        ("roles:\n  app: *there\n", 2, 8, "alias"),
        ("roles:\n  app:\n    limits: {idle: soon}\n", 3, 20, "duration"),
        ("roles:\n  app:\n    single_use: once\n", 3, 17, "must be `true` or `false`"),
        ("roles:\n\tapp: {}\n", 2, 1, ""),
        ("roles: {app: \n", 2, 1, ""),
    ],
)
def test_a_mistake_is_told_where_it_is(site, text, line, column, part):
    policy(site, text)
    places = [(entry["line"], entry["column"]) for entry in diagnostics(site) if part in entry["message"]]
    assert (line, column) in places, diagnostics(site)


def test_references_to_what_is_not_there_are_mistakes(site):
    for key in ("database", "login"):
        site.roles = {"app": plain_role() | {key: "appp"}}
        site.write()
        (mistake,) = [entry for entry in diagnostics(site) if entry["severity"] == "error"]
        assert "appp" in mistake["message"] and mistake["hint"] == "did you mean `app`?"
    site.roles = {"app": plain_role()}
    site.roles["app"]["who"][0]["issuer"] = "ic"
    site.write()
    assert any("ic" in entry["message"] for entry in diagnostics(site))


def test_one_login_serves_one_role_unless_both_say_so(site):
    site.roles = {"app": plain_role(), "second": plain_role()}
    site.write()
    assert check(path(site)).returncode == 1
    for role in site.roles.values():
        role["shared_login"] = True
    site.write()
    assert check(path(site)).returncode == 0


def test_a_listener_for_everybody_needs_tls(site):
    site.configuration["listeners"] = [{"address": "0.0.0.0:6432"}]
    site.write()
    assert any("tls" in entry["message"].lower() for entry in diagnostics(site) if entry["severity"] == "error")


def test_a_certificate_that_is_missing_is_a_mistake(site):
    site.configuration["listeners"][1]["tls"]["certificate"] = "nowhere.crt"
    site.write()
    assert any("nowhere.crt" in entry["message"] for entry in diagnostics(site))


def test_words_of_other_yaml_versions_are_text(site):
    site.configuration["gateway"] = {}
    site.write()
    with open(path(site)) as file:
        text = file.read()
    for word, is_name in (("on", True), ("yes", True), ("0123", True), ("true", False), ("12", False)):
        with open(path(site), "w") as file:
            file.write(text.replace('"gateway": {}', '"gateway": {"name": ' + word + "}"))
        assert (check(path(site)).returncode == 0) == is_name, word


def test_a_configuration_that_cannot_be_read_exits_with_2(site):
    for arguments in (["--config", "/nowhere/postern.yaml"], [], ["--config", path(site), "--nonsense"]):
        result = subprocess.run(
            [executable(), "check", *arguments], capture_output=True, text=True, timeout=10)
        assert result.returncode == 2 and result.stderr, arguments
    assert "/nowhere/postern.yaml" in check("/nowhere/postern.yaml").stderr


def test_mistakes_keep_the_gateway_from_starting(site):
    site.configuration["limits"] = {"conections": 5}
    site.write()
    result = subprocess.run(
        [executable(), "serve", "--config", path(site)], capture_output=True, text=True, timeout=10)
    assert result.returncode == 2
    assert "did you mean `connections`?" in result.stderr and "postern: hint:" in result.stderr
