"""What the manuals claim, held against the gateway."""

import os
import re

import psycopg

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
    import subprocess

    from support.gateway import executable

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


def test_links_in_the_manuals_lead_somewhere():
    for page in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/configuration.md", "docs/policies.md", "docs/check.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", read(page)):
            assert os.path.exists(os.path.join(ROOT, os.path.dirname(page), target)), (page, target)
