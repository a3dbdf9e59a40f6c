"""docs/quickstart-*.md as their readers use them: the admin's files, a pipeline's commands, and what a first run prints."""

import copy
import os
import re
import subprocess
import time

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .gateway import Gateway, executable
from .postgres import PASSWORD
from .tokens import Issuer

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
MIGRATION = "alter table orders add column note text;\n"


class Page:
    """The blocks of a page: files by their first line's name, and what is printed."""

    def __init__(self, name):
        self.path = f"{ROOT}/docs/quickstart-{name}.md"
        with open(self.path) as file:
            self.text = file.read()
        self.files = {}
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", self.text, re.M | re.S):
            found = re.match(r"# (\S+\.ya?ml)\n", block)
            if found and language == "yaml":
                self.files[found[1]] = block
        self.printed = [masked(block) for block in re.findall(r"^```text\n(.*?)^```$", self.text, re.M | re.S)]

    def yaml(self, name):
        (document,) = [text for path, text in self.files.items() if path == name]
        return yaml.safe_load(document)

    def write(self, outputs):
        """Puts these outputs in place of the page's own, for when their words have changed."""
        rest = iter(outputs)
        text = re.sub(
            r"^```text\n.*?^```$", lambda _: f"```text\n{masked(next(rest))}\n```", self.text, flags=re.M | re.S
        )
        with open(self.path, "w") as file:
            file.write(text)


def masked(text):
    """But for what differs from run to run."""
    text = re.sub(r"session \w{16}\b", "session 538t28eor9tep3hk", text)
    return re.sub(r"(?:localhost|127\.0\.0\.1):\d+", "gateway.example.com:6432", text).strip()


class Site:
    """The admin's side of a page: its configuration and policies, with real ends in place of its names."""

    def __init__(self, page, folder, postgres, authority):
        self.page = page
        self.folder = str(folder)
        self.authority = authority
        self.postgres = postgres
        os.makedirs(f"{self.folder}/policies")
        for name, text in page.files.items():
            if name in ("postern.yaml", "issuer.yaml") or name.startswith("policies/"):
                self._write(name, text)
        for host, stem in (("gateway.example.com", "gateway"), ("oidc.example.com", "issuer")):
            for source, name in zip(authority.issue(host), (f"{stem}.crt", f"{stem}.key"), strict=True):
                with open(source) as file:
                    self._write(name, file.read())
        self._write("drone.secret", "0123456789abcdef0123456789abcdef\n")
        key = Ed25519PrivateKey.generate().public_key()
        self._write("woodpecker.pub", key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
        with open(authority.ca) as file:
            self._write("db-ca.crt", file.read())
        self._write("orders_migrator.password", PASSWORD + "\n")
        self.configuration = page.yaml("postern.yaml")
        ((self.issuer_name, entry),) = self.configuration["issuers"].items()
        os.makedirs(f"{self.folder}/keys")
        self.issuer = Issuer(f"{self.folder}/keys", issuer=entry["issuer"], audience=entry["audience"])

    def _write(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def postern(self, *arguments):
        return subprocess.run(
            [executable(), *arguments], cwd=self.folder, capture_output=True, text=True, timeout=30,
            stdin=subprocess.DEVNULL,
        )

    def start(self):
        """The gateway of the page, on a loopback port and with the local issuer's keys."""
        issuers = copy.deepcopy(self.configuration["issuers"])
        issuers[self.issuer_name]["jwks_file"] = self.issuer.jwks
        databases = copy.deepcopy(self.configuration["databases"])
        databases["orders"] |= {"hosts": [f"localhost:{self.postgres.port}"], "tls": {"ca_file": self.authority.ca}}
        databases["orders"]["logins"] = {"orders_migrator": {"password": {"file": "app.password"}}}
        return Gateway(
            f"{self.folder}/gateway", self.postgres, self.issuer, self.authority, issuers=issuers,
            databases=databases, policies=f"{self.folder}/policies/",
        )

    def token(self, claims, audience=None):
        now = int(time.time())
        everything = {"iat": now, "nbf": now, "exp": now + 600} | claims
        return self.issuer.token(
            **{"repository": None, "ref": None, "sha": None, "run_id": None} | everything
            | ({"aud": audience} if audience else {})
        )


def prepare(postgres):
    """The database as it is before the first run."""
    with postgres.superuser(autocommit=True) as connection:
        connection.execute("drop database if exists orders with (force)")
        if not connection.execute("select 1 from pg_roles where rolname = 'orders_migrator'").fetchone():
            connection.execute(f"create role orders_migrator login password '{PASSWORD}'")
        connection.execute("create database orders owner orders_migrator")
    with postgres.superuser("orders", autocommit=True) as connection:
        connection.execute(
            "set role orders_migrator; create table orders (id bigint primary key);"
            "insert into orders select generate_series(1, 1500)"
        )


class Workspace:
    """A job's folder: the repository, and `postern-job` in the path."""

    def __init__(self, folder, gateway):
        self.folder = folder
        self.gateway = gateway
        (folder / "bin").mkdir(parents=True)
        os.symlink(os.path.abspath(executable()), folder / "bin" / "postern-job")
        (folder / "migrations").mkdir()
        (folder / "migrations" / "0042.sql").write_text(MIGRATION)
        (folder / "ci").mkdir()
        with open(gateway.authority.ca) as file:
            (folder / "ci" / "gateway-ca.crt").write_text(file.read())

    def run(self, commands, variables):
        """The commands as a runner runs them: one shell, which stops at the first that fails."""
        environment = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
            "CI": "true",
        } | {name: str(value) for name, value in variables.items() if value is not None}
        # The page's names lead to the gateway at hand; all else is as the page has it.
        assert environment["POSTERN_GATEWAY"] == "gateway.example.com:6432"
        environment["POSTERN_GATEWAY"] = f"localhost:{self.gateway.tls_port}"
        return subprocess.run(
            ["bash", "-e", "-c", "\n".join(commands)], env=environment, cwd=self.folder, capture_output=True,
            text=True, timeout=30, stdin=subprocess.DEVNULL,
        )
