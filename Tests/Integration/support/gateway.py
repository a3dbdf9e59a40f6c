"""A gateway process with a configuration of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
import weakref

from .postgres import PASSWORD
from .tokens import AUDIENCE, ISSUER
from .waiting import free_port, is_listening, until


def executable():
    """The gateway under test: POSTERN_BIN, or the release build."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    path = os.environ.get("POSTERN_BIN") or f"{root}/.build/release/postern"
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"{path} is not there: run `make build`")
    return path


def plain_role(**limits):
    """The policy of the role `app`: jobs of acme/app's main branch."""
    role = {
        "database": "app",
        "login": "app",
        "who": [{"issuer": "ci", "claims": {"repository": "acme/app", "ref": "refs/heads/main"}}],
        "rules": "unrestricted",
    }
    if limits:
        role["limits"] = limits
    return role


class Gateway:
    """Three listeners: `plain` on loopback, `tls` on loopback, and a Unix socket; role and database `app`."""

    def __init__(self, folder, postgres, issuer, authority, *, start=True, roles=None, environment=None, binary=None,
                 **changes):
        self.folder = str(folder)
        self.binary = binary or executable()
        os.makedirs(f"{self.folder}/policies", exist_ok=True)
        self.postgres = postgres
        self.issuer = issuer
        self.authority = authority
        self.environment = environment or {}
        self.plain_port = free_port()
        self.tls_port = free_port()
        self.admin_port = free_port()
        # A Unix socket's path has 107 bytes, fewer than pytest's folders need.
        self.socket_folder = tempfile.mkdtemp(prefix="postern-")
        # Tests stop and start a gateway again, so the folder lives as long as the object.
        weakref.finalize(self, shutil.rmtree, self.socket_folder, ignore_errors=True)
        self.journal_folder = f"{self.folder}/journal"
        self.log = f"{self.folder}/gateway.log"
        self.process = None
        self._write_secret("app.password", PASSWORD)
        certificate, key = authority.issue(f"gateway-{self.plain_port}")
        self.configuration = {
            # Two, so that what concerns several loops is seen on any machine.
            "gateway": {"name": "gw-test", "loops": 2},
            "listeners": [
                {"address": f"127.0.0.1:{self.plain_port}"},
                {"address": f"127.0.0.1:{self.tls_port}", "tls": {"certificate": certificate, "key": key}},
                {"address": f"unix:{self.socket_folder}/.s.PGSQL.{self.plain_port}"},
            ],
            "issuers": {
                "ci": {
                    "profile": "generic", "issuer": ISSUER, "audience": AUDIENCE, "jwks_file": issuer.jwks,
                    "trust": "all",
                }
            },
            "databases": {
                "app": {
                    "hosts": [f"localhost:{postgres.port}"],
                    "tls": {"ca_file": authority.ca},
                    "logins": {"app": {"password": {"file": "app.password"}}},
                }
            },
            "policies": "policies/",
            "audit": {"directory": "journal", "min_free": "1MiB"},
            "admin": {"address": f"127.0.0.1:{self.admin_port}"},
            "limits": {"unauthenticated_per_address": 200},
        }
        for name, value in changes.items():
            self.configuration[name] = value
        self.roles = roles or {"app": plain_role()}
        self.write()
        if start:
            self.start()

    # Configuration. JSON is YAML, so that no YAML library is needed.

    def _write_secret(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text + "\n")

    def write(self):
        with open(f"{self.folder}/postern.yaml", "w") as file:
            json.dump(self.configuration, file, indent=2)
        with open(f"{self.folder}/policies/app.yaml", "w") as file:
            json.dump({"roles": self.roles}, file, indent=2)

    # Process

    def start(self, *arguments, preexec_fn=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--config", f"{self.folder}/postern.yaml", *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=preexec_fn,
                env={**os.environ, **self.environment}, start_new_session=True,
            )
        until(self._is_up, 20, "the gateway's start")

    def _is_up(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the gateway ended with {self.process.returncode}:\n{self.log_text()}")
        return self.ready()[0] == 200

    def ready(self):
        """Status and body of /readyz; 0 while nothing answers."""
        return self.admin("/readyz")

    def admin(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self):
        """The samples of /metrics by name and labels."""
        samples = {}
        for line in self.admin("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=20):
        """Stops in good order and at once: a second signal skips the wait for load balancers."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGTERM)
        try:
            until(self._poke, seconds, "the gateway's end")
        finally:
            if self.process.poll() is None:
                self.kill()

    def _poke(self):
        if self.process.poll() is not None:
            return True
        self.signal(signal.SIGTERM)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def is_alive(self):
        return self.process.poll() is None

    def descriptors(self):
        folder = f"/proc/{self.process.pid}/fd"
        try:
            return len(os.listdir(folder))
        except PermissionError:
            # The gateway's memory is its own: only root may list them. Linux 6.2 tells how many there are.
            return os.stat(folder).st_size

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    # Connections

    def plain(self, token=None, **changes):
        """Connection parameters for the plain loopback listener."""
        return {
            "host": "127.0.0.1", "port": self.plain_port, "user": "app", "dbname": "app",
            "password": token or self.issuer.token(), "sslmode": "disable",
        } | changes

    def tls(self, token=None, **changes):
        """Connection parameters for the TLS listener, verified in full."""
        return {
            "host": "localhost", "hostaddr": "127.0.0.1", "port": self.tls_port, "user": "app", "dbname": "app",
            "password": token or self.issuer.token(), "sslmode": "verify-full", "sslrootcert": self.authority.ca,
        } | changes

    def unix(self, token=None, **changes):
        """Connection parameters for the Unix socket."""
        return {
            "host": self.socket_folder, "port": self.plain_port, "user": "app", "dbname": "app",
            "password": token or self.issuer.token(),
        } | changes

    def log_text(self):
        try:
            with open(self.log, errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""
