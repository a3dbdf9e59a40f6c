"""The ways to the server: around the gateway, and through its plain and its TLS listener.

Each has a server of its own, made anew, so that what the suite finds there is the same on all of them. Behind the
gateway and around it the login is one and the same superuser, under one name, so that names in results are equal.
"""

import os

from support.certificates import Authority
from support.gateway import Gateway, plain_role
from support.postgres import SUPERUSER_PASSWORD, Postgres
from support.tokens import Issuer

USER = "postgres"
DATABASE = "regression"
NAMES = ("direct", "plain", "tls")

# What pg_regress sets for a database that it makes itself.
DATABASE_SETTINGS = {
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "bytea_output": "hex",
    "timezone_abbreviations": "Default",
}


class Route:
    """A server, for all but `direct` a gateway before it, and libpq's environment to get there."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = f"{folder}/{name}"
        os.makedirs(self.folder)
        # The server runs as a user of its own where the tests run as root.
        os.chmod(self.folder, 0o755)
        self.authority = Authority(f"{self.folder}/authority")
        self.gateway = None
        self.server = Postgres(f"{self.folder}/cluster", self.authority)
        try:
            self._make_database()
            if name != "direct":
                self.gateway = self._make_gateway()
        except BaseException:
            self.stop()
            raise

    def _make_database(self):
        with self.server.superuser(autocommit=True) as connection:
            connection.execute(f"create database {DATABASE} template template0")
            for setting, value in DATABASE_SETTINGS.items():
                connection.execute(f"alter database {DATABASE} set {setting} to '{value}'")

    def _make_gateway(self):
        issuer = Issuer(self.folder)
        password = f"{self.folder}/password"
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(SUPERUSER_PASSWORD)
        databases = {
            DATABASE: {
                "hosts": [f"localhost:{self.server.port}"],
                "tls": {"ca_file": self.authority.ca},
                "superuser": True,
                "logins": {USER: {"password": {"file": password}}},
            }
        }
        role = plain_role() | {"database": DATABASE, "login": USER}
        self.token = issuer.token()
        return Gateway(
            f"{self.folder}/gateway", self.server, issuer, self.authority, databases=databases, roles={USER: role}
        )

    @property
    def host(self):
        return "localhost" if self.name == "tls" else "127.0.0.1"

    @property
    def port(self):
        if self.gateway is None:
            return self.server.port
        return self.gateway.tls_port if self.name == "tls" else self.gateway.plain_port

    def environment(self):
        """This process's variables without libpq's, and then libpq's for this route."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        libpq = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.token if self.gateway else SUPERUSER_PASSWORD,
            "PGSSLMODE": {"direct": "prefer", "plain": "disable", "tls": "verify-full"}[self.name],
            "PGSSLROOTCERT": self.authority.ca,
            "PGCONNECT_TIMEOUT": "30",
        }
        return own | libpq

    def stop(self):
        try:
            if self.gateway:
                self.gateway.stop()
        finally:
            self.server.stop()
