"""What the manuals claim, held against the gateway."""

import os
import re
import subprocess

import psycopg
import pytest
from support.gateway import executable
from support.policy_verbs import policy, write

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def read(path):
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def test_every_metric_is_in_the_manual_and_the_manual_names_no_other(gateway):
    with psycopg.connect(**gateway.tls()) as connection:
        connection.execute("select 1")
    with_bad_token = gateway.plain("bad-token")
    try:
        psycopg.connect(**with_bad_token)
    except psycopg.OperationalError:
        pass
    page = gateway.admin("/metrics")[1]
    served = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    documented = set(re.findall(r"`((?:postern|process)_[a-z_]+)`", read("docs/operations.md")))
    assert served == documented


def test_the_example_configuration_is_sound(tmp_path):
    variables = re.findall(r"env: (\w+)", read("deploy/postern.yaml"))
    subprocess.run([f"{ROOT}/certs/make-dev", "gateway.test"], check=True, capture_output=True)
    done = subprocess.run(
        [executable(), "check", "--config", f"{ROOT}/deploy/postern.yaml"],
        capture_output=True, text=True, env={**os.environ, **dict.fromkeys(variables, "x")},
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_the_commands_that_help_lists_are_the_ones_of_the_makefile():
    makefile = read("Makefile")
    assert {"make demo", "make test"} <= set(re.findall(r"^make \w+$", read("README.md"), re.MULTILINE))
    assert {"demo", "test"} <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def pages():
    """Every page of the manuals, by its path in the repository."""
    found = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"]
    for folder, _, names in os.walk(f"{ROOT}/docs"):
        found += [os.path.relpath(f"{folder}/{name}", ROOT) for name in names if name.endswith(".md")]
    return sorted(found)


def anchors(text):
    """What a heading is called in a link: as on GitHub."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page):
    """The pages and headings that a page leads to."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(page)):
        path, _, anchor = target.partition("#")
        yield os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page, anchor


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page):
    for target, anchor in links(page):
        assert os.path.exists(os.path.join(ROOT, target)), (page, target)
        assert not anchor or anchor in anchors(read(target)), (page, target, anchor)


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.endswith(".md"):
            continue
        reached.add(page)
        waiting += [target for target, _ in links(page)]
    assert set(pages()) <= reached, set(pages()) - reached


def commands():
    """The commands of the README that begin with a program's name, continued lines put together.

    Those of auditors need a journal: test_demo.py runs them.
    """
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", read("README.md"), re.MULTILINE | re.DOTALL)
    lines = [line for kind, block in blocks if not kind for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if re.match(r"(postern(?! audit)|echo) ", line)]


def test_the_commands_of_the_readme_run_as_written(tmp_path):
    for folder in ("deploy", "policies"):
        os.symlink(f"{ROOT}/{folder}", tmp_path / folder)
    folder = tmp_path / "bin"
    folder.mkdir()
    os.symlink(os.path.abspath(executable()), folder / "postern")
    found = commands()
    verbs = [line.split()[2] for line in found if line.startswith("postern policy ")]
    assert verbs == ["lint", "test", "explain"]
    for line in found:
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={"PATH": f"{folder}:/usr/bin:/bin"},
        )
        # What is explained is a denial.
        assert done.returncode == (1 if " explain " in line else 0), line + done.stdout + done.stderr
        assert done.stderr == "", done.stderr


def test_the_policy_of_the_readme_denies_with_the_words_that_the_readme_shows(tmp_path):
    files = re.findall(r"^```yaml\n(# (policies/\S+)\n.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)
    assert [name for _, name in files] == ["policies/orders.yaml", "policies/orders_test.yaml"]
    databases = (
        "databases:\n  orders:\n    hosts: [127.0.0.1:5432]\n    tls: {mode: disable}\n"
        "    logins: {orders_migrator: {password: {env: X}}}\n"
    )
    folder = write(tmp_path, {"postern.yaml": databases})
    for text, name in files:
        (tmp_path / name).write_text(text)
    done = policy(folder, "test", "--config", "postern.yaml")
    assert done.returncode == 0 and "PASS: 2/2" in done.stdout, done.stdout + done.stderr
    (tmp_path / "job.json").write_text('{"repository_id": "123456", "ref": "refs/heads/main", "event_name": "push"}')
    explained = policy(
        folder, "explain", "--claims", "job.json", "--issuer", "github", "--role", "orders_migrator",
        "--database", "orders", "--sql", "drop table orders",
    )
    shown = re.search(r"^ERROR:  (.*) \(session \w{16}\)\nDETAIL:  (.*)\nHINT:  (.*)$", read("README.md"), re.MULTILINE)
    message, detail, hint = shown.groups()
    assert f"  42501 {message}\n  detail: {detail}\n  hint: {hint}\n" in explained.stdout, explained.stdout
