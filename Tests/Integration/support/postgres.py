"""A private PostgreSQL, 15 unless told otherwise, on a free port of 127.0.0.1, with TLS and SCRAM, in a folder."""

import glob
import os
import pwd
import shutil
import subprocess

import psycopg

from .waiting import free_port, until

PASSWORD = "s3cret-upstream-password"
SUPERUSER_PASSWORD = "s3cret-superuser-password"


def binaries():
    """The folder with initdb and postgres."""
    found = sorted(glob.glob("/usr/lib/postgresql/15/bin"))
    if not found:
        raise RuntimeError("PostgreSQL 15 is not installed: run `make setup`")
    return found[-1]


class Postgres:
    """`app` owns the database `app`; its password is known to the gateway only.

    `programs` is the folder with initdb and postgres; `tls=False` is for servers that were built without it.
    """

    def __init__(self, folder, authority, settings=None, programs=None, tls=True):
        self.folder = str(folder)
        self.programs = programs or binaries()
        self.tls = tls
        self.data = f"{self.folder}/data"
        self.port = free_port()
        self.authority = authority
        self.log = f"{self.folder}/postgres.log"
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._prepare(settings or {})
        self.process = None
        self.start()
        self._populate()

    def _run(self, *command):
        subprocess.run([*self._as, *command], check=True, capture_output=True, cwd="/")

    def _prepare(self, settings):
        os.makedirs(self.folder, exist_ok=True)
        password_file = f"{self.folder}/initdb-password"
        with open(password_file, "w") as file:
            file.write(SUPERUSER_PASSWORD)
        self._own(self.folder, password_file)
        self._run(
            f"{self.programs}/initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256",
            f"--pwfile={password_file}", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
        )
        if self.tls:
            self._copy_certificate()
        options = {
            "port": self.port,
            "listen_addresses": "'127.0.0.1'",
            "unix_socket_directories": f"'{self.folder}'",
            "fsync": "off",
            "max_connections": 400,
            "max_prepared_transactions": 10,
            "ssl": "on" if self.tls else "off",
            "log_connections": "off",
            **settings,
        }
        with open(f"{self.data}/postgresql.conf", "a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())

    def _copy_certificate(self):
        for source, name in zip(self.authority.issue("postgres"), ("server.crt", "server.key"), strict=True):
            shutil.copy(source, f"{self.data}/{name}")
            self._own(f"{self.data}/{name}")
            os.chmod(f"{self.data}/{name}", 0o600)

    def _own(self, *paths):
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)

    def own_file(self, name, text):
        """Puts a file into the data folder."""
        with open(f"{self.data}/{name}", "w") as file:
            file.write(text)
        self._own(f"{self.data}/{name}")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self._as, f"{self.programs}/postgres", "-D", self.data],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True,
            )
        until(self._accepts, 60, "PostgreSQL's start")

    def _accepts(self):
        try:
            self.superuser().close()
            return True
        except psycopg.OperationalError:
            if self.process.poll() is not None:
                raise RuntimeError(open(self.log).read()) from None
            return False

    def _populate(self):
        with self.superuser(autocommit=True) as connection:
            connection.execute(f"create role app login password '{PASSWORD}'")
            connection.execute("create database app owner app")

    def superuser(self, dbname="postgres", **options):
        """A connection of the superuser, straight to the server."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=SUPERUSER_PASSWORD, dbname=dbname,
            **options,
        )

    def direct(self, user="app", password=PASSWORD, dbname="app"):
        """Connection parameters that go around the gateway."""
        return {"host": "127.0.0.1", "port": self.port, "user": user, "password": password, "dbname": dbname}

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            with open(f"{self.data}/postmaster.pid") as file:
                os.kill(int(file.readline()), 2)
            self.process.wait(30)
        self.process = None
