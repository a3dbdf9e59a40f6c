"""deploy/: the logins and the lines of pg_hba.conf, on a PostgreSQL of their own; and every command of the pipelines."""

import contextlib
import os
import shutil
import subprocess

import psycopg
import pytest
from conftest import cluster
from support import deployment
from support.deployment import DEPLOY, run
from support.gateway import Gateway, executable
from support.postgres import SUPERUSER_PASSWORD
from support.token_service import TokenService

GATEWAY = "172.28.5.10/32"


@pytest.fixture(scope="module")
def database(authority, tmp_path_factory):
    """What `docker compose up` makes of a new volume: the database and the logins."""
    secrets = tmp_path_factory.mktemp("secrets")
    for name in ("orders_migrator", "postern_catalog"):
        (secrets / name).write_text(f"password of '{name}'\n")
    with cluster(authority, "postern-deploy-") as server:
        with server.superuser(autocommit=True) as connection:
            connection.execute("create database orders")
        done = run(
            f"{DEPLOY}/compose/postgres/10-logins.sh",
            env={
                **os.environ, "SECRETS": str(secrets), "POSTGRES_USER": "postgres", "POSTGRES_DB": "orders",
                "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": SUPERUSER_PASSWORD,
            },
        )
        assert done.returncode == 0, done.stderr
        yield server


def use(server, lines):
    """Puts lines into pg_hba.conf, behind one for the superuser of the tests."""
    server.own_file("pg_hba.conf", f"host all postgres 127.0.0.1/32 scram-sha-256\n{lines}")
    with server.superuser(autocommit=True) as connection:
        connection.execute("select pg_reload_conf()")
        faults = connection.execute("select line_number, error from pg_hba_file_rules where error is not null")
        assert faults.fetchall() == []


def attempt(server, **changes):
    """Logs in past every gateway. The message of the refusal, or nothing."""
    parameters = {
        "host": "127.0.0.1", "port": server.port, "user": "orders_migrator", "dbname": "orders",
        "password": "password of 'orders_migrator'", "sslmode": "require",
    }
    try:
        psycopg.connect(**parameters | changes).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def test_a_login_comes_from_the_gateway_alone(database):
    with open(f"{DEPLOY}/compose/postgres/pg_hba.conf") as file:
        lines = file.read()
    use(database, lines)
    # This machine is not the gateway.
    assert "pg_hba.conf rejects connection" in attempt(database)
    # Now it is.
    assert GATEWAY in lines
    use(database, lines.replace(GATEWAY, "127.0.0.1/32"))
    assert attempt(database) == ""
    assert "pg_hba.conf rejects connection" in attempt(database, sslmode="disable")
    assert "pg_hba.conf rejects connection" in attempt(database, dbname="postgres")
    assert "password authentication failed" in attempt(database, password="another")
    assert attempt(database, user="postern_catalog", password="password of 'postern_catalog'") == ""


def test_the_lines_for_any_database_are_lines_of_postgresql(database):
    with open(f"{DEPLOY}/pg_hba.conf") as file:
        lines = file.read()
    use(database, lines + "host all all 127.0.0.1/32 scram-sha-256\n")
    # A later line lets everybody in, and Postern's logins are turned away before it.
    assert "pg_hba.conf rejects connection" in attempt(database)
    use(database, lines.replace("10.20.0.11/32", "127.0.0.1/32"))
    assert attempt(database) == ""


@contextlib.contextmanager
def surroundings(system, gateway):
    """The variables of a CI system that a job finds its token by."""
    if system != "github":
        of_system = {
            "drone": {"DRONE": "true"}, "gitlab": {"GITLAB_CI": "true"}, "woodpecker": {"CI": "woodpecker"},
        }
        yield of_system[system] | {"POSTERN_ID_TOKEN": gateway.issuer.token()}
        return
    service = TokenService(gateway.authority, gateway.issuer)
    try:
        yield {
            "GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-bearer",
            "ACTIONS_ID_TOKEN_REQUEST_URL": service.url,
        }
        asked = [(parameters["audience"], bearer.lower()) for _, _, parameters, bearer in service.requests]
        assert asked and set(asked) == {("postern.test", "bearer job-bearer")}
    finally:
        service.stop()


@pytest.fixture(scope="module")
def orders(tmp_path_factory, postgres, issuer, authority):
    """A gateway with the database `orders`, and the role of the shipped example."""
    role = deployment.documents(f"{DEPLOY}/compose/policies/orders.yaml")[0]["roles"]["orders_migrator"]
    role |= {"login": "app", "who": [{"issuer": "ci", "claims": {"repository": "acme/app", "ref": "refs/heads/main"}}]}
    host = {
        "hosts": [f"localhost:{postgres.port}"], "dbname": "app", "tls": {"ca_file": authority.ca},
        "search_path": ["public"], "logins": {"app": {"password": {"file": "app.password"}}},
    }
    gateway = Gateway(
        tmp_path_factory.mktemp("orders"), postgres, issuer, authority, databases={"orders": host},
        roles={"orders_migrator": role},
    )
    yield gateway
    gateway.stop()


@pytest.mark.parametrize("system", deployment.PIPELINES)
def test_every_command_of_a_pipeline_runs(tmp_path, orders, postgres, system):
    program = os.environ.get("POSTERN_JOB_BIN") or executable()
    with postgres.superuser("app", autocommit=True) as connection:
        connection.execute("drop table if exists public.orders")
        connection.execute("create table public.orders (id int primary key)")
        connection.execute("insert into public.orders values (1), (2)")
        connection.execute("alter table public.orders owner to app")
        connection.execute("grant create, usage on schema public to app")
    shutil.copytree(f"{DEPLOY}/pipelines/migrations", tmp_path / "migrations")
    os.makedirs(tmp_path / "bin")
    os.symlink(program, tmp_path / "bin/postern")
    own = {
        "POSTERN_GATEWAY": f"localhost:{orders.tls_port}", "POSTERN_CA_FILE": orders.authority.ca,
        "POSTERN_AUDIENCE": orders.issuer.audience,
    }
    base = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "HOME": str(tmp_path), "TMPDIR": "/tmp"}
    printed = ""
    for variables, script in deployment.jobs(system):
        named = {name: value for name, value in variables.items() if isinstance(value, str)}
        assert {"POSTERN_GATEWAY", "POSTERN_ROLE", "POSTERN_DATABASE", "POSTERN_CA_FILE"} <= set(named)
        with surroundings(system, orders) as found:
            done = subprocess.run(
                ["sh", "-ec", script], cwd=tmp_path, env=base | named | found | own, capture_output=True, text=True,
                timeout=60,
            )
        assert done.returncode == 0, done.stderr
        printed += done.stdout
    # The last command says how many orders have no note: the migration ran, by the rules of the shipped role.
    assert printed.split()[-1] == "0"
