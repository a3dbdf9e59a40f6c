"""What the benchmark compares: a PostgreSQL, the proxies in front of it, and what they cost the processor."""

import contextlib
import os
import shutil
import subprocess
import tempfile

from support.certificates import Authority
from support.gateway import Gateway, plain_role
from support.postgres import PASSWORD, Postgres
from support.tokens import Issuer
from support.waiting import free_port, is_listening, until

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 1100


# What the benchmark does is allowed by the last three; the others are there to be tried first.
RULES = [
    {"id": "no-drop", "deny": ["DROP TABLE", "DROP SCHEMA"], "message": "drop tables by hand with a reviewer"},
    *({"id": f"service-{number}", "allow": ["INSERT", "UPDATE", "DELETE"], "on": [f"service{number}.*"],
       "require_where": True} for number in range(16)),
    {"id": "read", "allow": "read", "on": ["public.*"]},
    {"id": "write", "allow": "write", "on": ["public.*"]},
    {"id": "ddl", "allow": "ddl", "on": ["public.*"]},
]


class Failure(Exception):
    """The measurement would not say what it claims to say."""


class Target:
    """A way to the database. `pid` is the proxy's process, None for the direct one."""

    name = "direct"
    pid = None

    def __init__(self, postgres):
        self.postgres = postgres

    def parameters(self, tls=False):
        """libpq connection parameters."""
        return self.postgres.direct() | {"sslmode": "disable"}

    def environment(self):
        """The same for programs that take libpq's environment, over plain loopback."""
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
                 "dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return inherited | {names[name]: str(value) for name, value in self.parameters().items()}

    def processor_seconds(self):
        """User and system time that the proxy's threads have spent so far; the resolution is a tick, mostly 10 ms."""
        if self.pid is None:
            return 0.0
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        pass


class Daemon(Target):
    """A proxy with one configuration file, in the foreground, as the user `postgres` where we are root."""

    def __init__(self, postgres, folder, command):
        super().__init__(postgres)
        self.log = f"{folder}/{self.name}.log"
        who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True, **who
            )
        self.pid = self.process.pid
        try:
            until(self._is_up, 15, f"{self.name}'s start")
        except BaseException:
            self.stop()
            raise

    def _is_up(self):
        if self.process.poll() is not None:
            with open(self.log, errors="replace") as log:
                raise Failure(f"{self.name} ended with {self.process.returncode}:\n{log.read()}")
        return is_listening(self.port)

    def parameters(self, tls=False):
        return self.postgres.direct() | {"port": self.port, "sslmode": "require" if tls else "disable"}

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


class PgBouncer(Daemon):
    """Session mode. It checks the password by SCRAM, as PostgreSQL does, and keeps server connections for later."""

    name = "PgBouncer"

    def __init__(self, postgres, folder):
        os.makedirs(folder, exist_ok=True)
        self.port = free_port()
        certificate, key = postgres.authority.issue(f"pgbouncer-{self.port}")
        users = _write(f"{folder}/users.txt", f'"app" "{PASSWORD}"\n')
        settings = _write(f"{folder}/pgbouncer.ini", f"""\
[databases]
app = host=127.0.0.1 port={postgres.port} dbname=app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = session
max_client_conn = {CONNECTIONS}
default_pool_size = {CONNECTIONS}
server_idle_timeout = 0
server_lifetime = 86400
server_tls_sslmode = disable
client_tls_sslmode = allow
client_tls_cert_file = {certificate}
client_tls_key_file = {key}
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
""")
        _give(folder, users, settings, certificate, key)
        super().__init__(postgres, folder, ["pgbouncer", settings])


class HAProxy(Daemon):
    """Bytes in, bytes out: what a hop costs that understands nothing."""

    name = "HAProxy"

    def __init__(self, postgres, folder):
        os.makedirs(folder, exist_ok=True)
        self.port = free_port()
        settings = _write(f"{folder}/haproxy.cfg", f"""\
global
    maxconn 200
defaults
    mode tcp
    timeout connect 10s
    timeout client 10m
    timeout server 10m
listen postgres
    bind 127.0.0.1:{self.port}
    server postgres 127.0.0.1:{postgres.port}
""")
        _give(folder, settings)
        super().__init__(postgres, folder, ["haproxy", "-db", "-f", settings])


class Postern(Target):
    """Tokens, a role with twenty rules that decide on every statement, and the journal on."""

    name = "Postern"

    binary = None

    def __init__(self, postgres, folder, issuer):
        super().__init__(postgres)
        login = {"app": {"password": {"file": "app.password"}}}
        self.gateway = Gateway(
            folder, postgres, issuer, postgres.authority, start=False, binary=self.binary,
            roles={"app": plain_role(sessions=2000) | {"rules": RULES}},
            databases={
                "app": {
                    "hosts": [f"127.0.0.1:{postgres.port}"], "tls": {"mode": "disable"}, "logins": login,
                    "connections": CONNECTIONS,
                }
            },
        )
        # The default is what is measured.
        del self.gateway.configuration["gateway"]["loops"]
        self.gateway.write()
        try:
            self.gateway.start()
        except BaseException:
            self.stop()
            raise
        self.pid = self.gateway.process.pid

    def parameters(self, tls=False):
        return self.gateway.tls(sslmode="require") if tls else self.gateway.plain()

    def stop(self):
        self.gateway.stop()
        with contextlib.suppress(OSError):
            os.rmdir(self.gateway.socket_folder)


class Unrecorded(Postern):
    """The same without a record of any statement: a build that exists for this comparison and is shipped to nobody."""

    name = "unrecorded"
    binary = os.environ.get("POSTERN_UNRECORDED_BIN")


class Stage(contextlib.ExitStack):
    """One PostgreSQL for all, and what stands in front of it. Leaves nothing behind."""

    def __enter__(self):
        super().__enter__()
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def _build(self):
        self.folder = self.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        os.chmod(self.folder, 0o755)
        self.issuer = Issuer(self.folder)
        authority = Authority(f"{self.folder}/authority")
        os.chmod(authority.folder, 0o755)
        settings = {"max_connections": CONNECTIONS, "shared_buffers": "'512MB'", "max_wal_size": "'4GB'",
                    "autovacuum": "off"}
        self.postgres = Postgres(f"{self.folder}/postgres", authority, settings)
        self.callback(self.postgres.stop)
        self.targets = {"direct": Target(self.postgres)}
        for name in ("PgBouncer", "HAProxy", "Postern", *(["unrecorded"] if Unrecorded.binary else [])):
            self.targets[name] = self.enter_context(self.fresh(name))

    @contextlib.contextmanager
    def fresh(self, name):
        """A proxy of its own, for as long as the block lasts."""
        folder = tempfile.mkdtemp(prefix=f"{name.lower()}-", dir=self.folder)
        os.chmod(folder, 0o755)
        if name in ("Postern", "unrecorded"):
            kind = Postern if name == "Postern" else Unrecorded
            target = kind(self.postgres, folder, self.issuer)
        else:
            target = {"PgBouncer": PgBouncer, "HAProxy": HAProxy}[name](self.postgres, folder)
        try:
            yield target
        finally:
            target.stop()


def _write(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


def _give(*paths):
    """To the user that the proxy runs as."""
    if os.geteuid() == 0:
        for path in paths:
            shutil.chown(path, "postgres", "postgres")
