"""The shipped example, deploy/postern.yaml with policies/, in front of a private PostgreSQL."""

import copy
import os
import time

import yaml

from . import jobs
from .gateway import Gateway
from .postgres import PASSWORD
from .tokens import Issuer

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
GITHUB = "https://token.actions.githubusercontent.com"
AUDIENCE = "postern.example.com"

# What GitHub says of a push to the main branch of the example's repository.
CLAIMS = {
    "sub": "repo:acme/orders:ref:refs/heads/main", "repository": "acme/orders", "repository_id": "123456",
    "repository_owner": "acme", "repository_owner_id": "65", "repository_visibility": "private",
    "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true", "event_name": "push", "run_id": "4711",
    "run_number": "10", "run_attempt": "1", "actor": "ada", "actor_id": "12", "workflow": "migrate",
    "head_ref": "", "base_ref": "", "runner_environment": "github-hosted",
}


def configuration():
    with open(f"{ROOT}/deploy/postern.yaml") as file:
        return yaml.safe_load(file)


class Shipped:
    """Gateway and issuer of the example; `folder` is the gateway's."""

    def __init__(self, folder, postgres, authority, policies=f"{ROOT}/policies"):
        self.postgres = postgres
        folder.mkdir(exist_ok=True)
        self.issuer = Issuer(folder, issuer=GITHUB, audience=AUDIENCE)
        shipped = configuration()
        issuers = copy.deepcopy(shipped["issuers"])
        for entry in issuers.values():
            entry["jwks_file"] = self.issuer.jwks
        database = shipped["databases"]["orders"]
        self.logins = sorted(database["logins"])
        database |= {
            "hosts": [f"localhost:{postgres.port}"], "tls": {"ca_file": authority.ca},
            "logins": {name: {"password": {"file": "app.password"}} for name in self.logins},
        }
        self.empty()
        self.gateway = Gateway(
            folder, postgres, self.issuer, authority, issuers=issuers, databases={"orders": database},
            policies=str(policies),
        )

    def empty(self):
        """Makes the database anew. Each migrating login may make tables in it, and is no superuser."""
        with self.postgres.superuser(autocommit=True) as connection:
            connection.execute("drop database if exists orders with (force)")
            for login in self.logins:
                if not connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
                    connection.execute(f"create role {login} login password '{PASSWORD}'")
            connection.execute("grant pg_read_all_data to orders_backup")
            connection.execute("create database orders")
        with self.sql() as connection:
            for login in self.logins:
                connection.execute(f"grant create on database orders to {login}")
                connection.execute(f"grant create on schema public to {login}")

    def sql(self):
        """Around the gateway."""
        return self.postgres.superuser("orders", autocommit=True)

    def token(self, **changes):
        now = int(time.time())
        return self.issuer.token(**CLAIMS | {"exp": now + 600, "nbf": now - 1} | changes)

    def job(self, role, **variables):
        """The environment of a job with its token."""
        token = variables.pop("token", None) or self.token()
        return jobs.environment(
            self.gateway, POSTERN_ROLE=role, POSTERN_DATABASE="orders", POSTERN_ID_TOKEN=token, **variables
        )

    def stop(self):
        self.gateway.stop()
