"""The catalogue of a database with a `catalog_login`, as an operator sees it."""

import copy
import json
import signal
import subprocess

import pytest
from support.gateway import executable
from support.postgres import PASSWORD
from support.waiting import until


@pytest.fixture
def reader(postgres):
    """A login that may connect and nothing else."""
    with postgres.superuser("app") as connection:
        connection.execute(f"create role catalog_reader login password '{PASSWORD}'")
        connection.execute("create table to_be_seen (a int, b int)")
    yield "catalog_reader"
    with postgres.superuser("app") as connection:
        connection.execute("drop table to_be_seen")
        connection.execute("drop role catalog_reader")


@pytest.fixture
def databases(postgres, authority, reader):
    return {
        "app": {
            "hosts": [f"localhost:{postgres.port}"],
            "tls": {"ca_file": authority.ca},
            "logins": {"app": {"password": {"file": "app.password"}}, reader: {"password": {"file": "app.password"}}},
            "catalog_login": reader,
        }
    }


def value(gateway, name):
    return gateway.metrics().get(f'{name}{{database="app"}}')


def test_a_gateway_reads_the_catalogue_and_tells_when_it_cannot(make_gateway, postgres, databases, reader):
    # What libpq would take from the environment is not the gateway's.
    gateway = make_gateway(databases=databases, environment={
        "PGHOST": "192.0.2.1", "PGPASSWORD": "wrong", "PGSSLMODE": "disable", "PGOPTIONS": "-c statement_timeout=1",
    })
    until(lambda: value(gateway, "postern_catalog_reads_total") == 1, 10, "the first reading")
    assert value(gateway, "postern_catalog_failures_total") == 0
    assert value(gateway, "postern_catalog_last_success_timestamp_seconds") > 0
    until(lambda: gateway.ready() == (200, "ready\n"), 10, "the issuer's keys")

    changed = copy.deepcopy(databases)
    changed["app"]["dbname"] = "no_such_database"
    gateway.configuration["databases"] = changed
    gateway.write()
    gateway.signal(signal.SIGHUP)
    until(lambda: value(gateway, "postern_catalog_failures_total") == 1, 10, "the failure")
    status, body = gateway.ready()
    assert (status, body.splitlines()) == (200, ["ready", "database app: catalogue cannot be read"])
    assert PASSWORD not in gateway.log_text()
    assert 'database "no_such_database" does not exist' in gateway.log_text()

    gateway.configuration["databases"] = databases
    gateway.write()
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.ready() == (200, "ready\n"), 10, "the catalogue again")
    gateway.stop()
    assert "gateway stopped" in gateway.log_text()


def test_a_database_without_the_login_has_no_catalogue(gateway):
    assert not [name for name in gateway.metrics() if name.startswith("postern_catalog_")]


def test_check_reads_the_catalogue_once(make_gateway, databases):
    gateway = make_gateway(start=False, databases=databases)

    def check(*options):
        return subprocess.run(
            [executable(), "check", "--config", f"{gateway.folder}/postern.yaml", "--connect", *options],
            capture_output=True, text=True, timeout=60,
        )

    result = check("--json")
    assert result.returncode == 0, result.stdout
    (catalog,) = json.loads(result.stdout)["connect"]["catalogs"]
    assert (catalog["database"], catalog["ok"]) == ("app", True)
    assert catalog["relations"] > 0 and catalog["columns"] > 1
    last = check().stdout.splitlines()[-1]
    assert last == "database app catalogue: {relations} relations, {columns} columns, {functions} functions".format(
        **catalog)
