"""`postern lint-deploy`: every rule on the examples of its page, deployments as people have them, and what comes out."""

import glob
import json
import os
import re
import subprocess

import pytest
from support.gateway import executable
from support.policy_verbs import ROOT

PAGES = sorted(glob.glob(f"{ROOT}/docs/lint-deploy/*-*.md"))
DEPLOYMENTS = sorted(glob.glob(f"{ROOT}/Tests/Integration/deployments/*"))


def lint(folder, *arguments):
    return subprocess.run(
        [executable(), "lint-deploy", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


def findings(folder, *arguments):
    result = lint(folder, "--format", "json", *(arguments or (".",)))
    assert result.stderr == "", result.stderr
    return json.loads(result.stdout)["findings"]


def write(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    return str(folder)


def example(page, section):
    """The rule of a page, and the files of an example."""
    with open(page) as file:
        text = file.read()
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```(?:yaml|sh)\n# (\S+)\n(.*?)^```", part, re.M | re.S)
    assert blocks, f"{page} has no example"
    return re.match(r"# (\S+)", text).group(1), dict(blocks)


@pytest.mark.parametrize("page", PAGES, ids=os.path.basename)
def test_the_bad_example_is_reported_and_the_good_one_is_not(tmp_path, page):
    rule, files = example(page, "Bad")
    assert {one["rule"] for one in findings(write(tmp_path / "bad", files))} == {rule}
    _, files = example(page, "Good")
    assert findings(write(tmp_path / "good", files)) == []


@pytest.mark.parametrize("folder", DEPLOYMENTS, ids=os.path.basename)
def test_deployments_as_people_have_them(folder):
    with open(f"{folder}/expected.txt") as file:
        expected = file.read().splitlines()
    found = [f"{one['file']}:{one['line']}:{one['column']} {one['rule']}" for one in findings(folder)]
    assert found == expected


def test_what_this_repository_ships_is_clean():
    result = lint(ROOT, "--fail-level", "warning", "deploy")
    assert (result.returncode, result.stdout) == (0, "ok: 6 files, nothing found\n")


COMPOSE = """\
name: shop
services:
  db:
    image: postgres:17.5
    environment: {POSTGRES_PASSWORD: correct-horse}
    volumes: ["/srv/db:/var/lib/postgresql/data"]
"""


@pytest.fixture
def folder(tmp_path):
    """One error, whose line is a secret, and one warning."""
    return write(tmp_path, {"compose.yaml": COMPOSE})


def test_people_see_place_line_and_hint_but_no_secret(folder):
    result = lint(folder, "compose.yaml")
    assert (result.returncode, result.stderr) == (1, "")
    assert "correct-horse" not in result.stdout
    assert result.stdout.splitlines()[:4] == [
        "compose.yaml:5:19: error: `POSTGRES_PASSWORD` has its value in the file [secrets/password-in-file]",
        "hint: take it from a secret, or from a file that is no part of the repository",
        "compose.yaml:6:15: warning: when `/srv/db` is missing, `db` starts with an empty folder in its place"
        " [data/created-bind]",
        '        volumes: ["/srv/db:/var/lib/postgresql/data"]',
    ]
    assert result.stdout.splitlines()[-1] == "1 error, 1 warning in 1 file"


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_no_report_holds_a_secret(folder, form):
    assert "correct-horse" not in lint(folder, "--format", form, ".").stdout


def test_the_fail_level_makes_warnings_a_no(folder):
    write(folder, {"compose.yaml": COMPOSE.replace(": correct-horse", "_FILE: /run/secrets/db")})
    assert lint(folder, ".").returncode == 0
    assert lint(folder, "--fail-level", "warning", ".").returncode == 1


def test_github_gets_workflow_commands(folder):
    first = lint(folder, "--format", "github", ".").stdout.splitlines()[0]
    assert first.startswith("::error file=compose.yaml,line=5,col=19,title=secrets/password-in-file::")


def test_code_scanning_gets_sarif(folder):
    log = json.loads(lint(folder, "--format", "sarif", ".").stdout)
    run, = log["runs"]
    driver = run["tool"]["driver"]
    assert (log["version"], driver["name"]) == ("2.1.0", "postern lint-deploy")
    assert len(driver["rules"]) == len(PAGES)
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_every_rule_has_a_page_with_its_words_and_stands_in_the_index(folder):
    log = json.loads(lint(folder, "--format", "sarif", ".").stdout)
    rows = []
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        name = rule["id"].replace("/", "-")
        title = rule["shortDescription"]["text"]
        level = rule["defaultConfiguration"]["level"]
        with open(f"{ROOT}/docs/lint-deploy/{name}.md") as file:
            text = file.read()
        words = " ".join(text.split())
        assert words.startswith(
            f"# {rule['id']} **{level.capitalize()}.** {title} ## Why {rule['fullDescription']['text']} ## Bad"
        )
        assert re.findall(r"^## .*", text, re.M) == ["## Why", "## Bad", "## Good"]
        rows.append(f"| [{rule['id']}]({name}.md) | {level} | {title.removesuffix('.')} |")
    with open(f"{ROOT}/docs/lint-deploy/README.md") as file:
        assert sorted(re.findall(r"^\| \[.*", file.read(), re.M)) == sorted(rows)
    assert len(PAGES) == len(rows)


def test_folders_are_searched_and_what_others_wrote_is_not(tmp_path):
    write(tmp_path, {
        "a/b/docker-compose.yml": COMPOSE, "node_modules/x/docker-compose.yml": COMPOSE, "a/values.yaml": "a: 1\n",
        "a/some.yaml": COMPOSE, ".hidden/compose.yaml": COMPOSE,
    })
    os.symlink(tmp_path / "a", tmp_path / "link")
    files = {one["file"] for one in findings(tmp_path)}
    assert files == {"a/b/docker-compose.yml", "a/some.yaml", ".hidden/compose.yaml"}


def test_a_named_file_may_be_said_to_be_of_a_kind(tmp_path):
    write(tmp_path, {"steps.yaml": "a: {run: [docker volume prune]}\n", "job.txt": "deploy: {script: [docker volume prune]}\n"})
    result = lint(tmp_path, "steps.yaml")
    assert result.returncode == 2 and "cannot tell what this file is: `steps.yaml`" in result.stderr
    found = findings(tmp_path, "--kind", "gitlab", "job.txt")
    assert [one["rule"] for one in found] == ["commands/destroys-volumes"]


@pytest.mark.parametrize("arguments", [("nowhere.yaml",), (), ("--kind", "nomad", "compose.yaml"), ("empty",)])
def test_what_cannot_be_read_or_understood_is_2(folder, arguments):
    os.makedirs(f"{folder}/empty")
    result = lint(folder, *arguments)
    assert result.returncode == 2
    assert result.stdout == "" and result.stderr.startswith("postern: error: ")


def test_what_is_not_looked_at_is_told(tmp_path):
    deep = tmp_path / "deep" / "/".join("d" * 20)
    os.makedirs(deep)
    write(deep, {"compose.yaml": "services: {}\n"})
    include = "".join(f"  - part-{number}.yaml\n" for number in range(120))
    write(tmp_path, {
        "large/compose.yaml": "include: [part.yaml]\nservices: {}\n", "large/part.yaml": "a: " + "x" * (1 << 20),
        "many/compose.yaml": f"include:\n{include}services: {{}}\n",
    } | {f"many/part-{number}.yaml": "services: {}\n" for number in range(120)})
    for path, message in [
        ("deep", "folders are more than 16 deep"), ("large/compose.yaml", "cannot read (larger than 1 MiB"),
        ("many/compose.yaml", "files refer to more than 100 others"),
    ]:
        result = lint(tmp_path, path)
        assert result.returncode == 2 and message in result.stderr, (path, result.stdout, result.stderr)


def test_files_that_mean_harm_end_soon(tmp_path):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    write(tmp_path, {
        "compose.yaml": bomb, "deep.compose.yaml": "[" * 200, "deeper.compose.yaml": "[" * 50_000,
        "deploy.sh": "$(" * 10_000,
        "large.compose.yaml": "a: " + "x" * (1 << 20),
    })
    os.mkfifo(tmp_path / "pipe.compose.yaml")
    for name, message in [
        ("compose.yaml", "more than 100000 values"), ("deep.compose.yaml", "levels deep"),
        ("deeper.compose.yaml", "[load/file]"), ("deploy.sh", "nothing found"),
        ("large.compose.yaml", "larger than 1 MiB"), ("pipe.compose.yaml", "not a file"),
    ]:
        result = lint(tmp_path, name)
        assert message in result.stdout + result.stderr, name
