"""What a server ran by its own log, held against what a gateway's journal says that it decided."""

import collections
import json
import os
import re
import shutil
import tempfile

import pytest

from . import journal
from .audit import audit
from .load import TABLES
from .policies import role
from .postgres import Postgres
from .waiting import until

# One write of one line: the server logs a statement before it runs it.
SETTINGS = {"log_statement": "all", "log_line_prefix": "'%n %a '"}
_LINE = re.compile(rb"^(\d+\.\d+) postern/[\w-]+/([a-z0-9]{16}) LOG:  (?:statement|execute [^:]*): (.*)$")


class LoggingPostgres(Postgres):
    """A server that logs every statement with the session that the gateway calls it by."""

    def __init__(self, folder, authority):
        super().__init__(folder, authority, settings=SETTINGS)
        self._place = os.path.getsize(self.log)

    def started(self):
        """Statements whose execution began since the last call: moment, session, text, in order. Several statements
        of one text are one each. Waits until the server is done with what it was given."""
        with self.superuser(autocommit=True) as connection:
            until(lambda: connection.execute(
                "select count(*) from pg_stat_activity where usename = 'app' and (state <> 'idle' or wait_event is null)"
            ).fetchone() == (0,), 30, "an idle server")
        return self.logged()

    def logged(self):
        """As `started`, and does not wait."""
        with open(self.log, "rb") as file:
            file.seek(self._place)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._place += len(whole)
        found = []
        for line in whole.splitlines():
            if match := _LINE.match(line):
                moment, session, text = match.groups()
                found += [
                    (float(moment), session.decode(), part.strip().decode()) for part in text.split(b";") if part.strip()
                ]
        return found


class Decisions:
    """The decisions of a journal's statements that were forwarded, read on from where the last call stopped."""

    def __init__(self, folder):
        self.folder = folder
        self._places = collections.defaultdict(int)
        #: How often each text of each session was forwarded.
        self.forwarded = collections.Counter()

    def read(self):
        """Takes what is new; returns the records with their file's inode and where in it they end."""
        found = []
        for path in (path for files in journal.chains(self.folder).values() for path in files):
            with open(path, "rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                file.seek(self._places[path])
                data = file.read()
            for line in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
                self._places[path] += len(line)
                if b'"event":"statement.decision"' in line:
                    record = json.loads(line)
                    if record["forwarded"]:
                        self.forwarded[record["session"], record["sql"]] += 1
                        found.append((record, inode, self._places[path]))
        return found


def unrecorded(started, forwarded):
    """Statements that the server began more often than the journal has them forwarded."""
    counts = collections.Counter((session, text) for _, session, text in started)
    return {key: (count, forwarded[key]) for key, count in counts.items() if count > forwarded[key]}


@pytest.fixture(scope="module")
def server(authority):
    folder = tempfile.mkdtemp(prefix="postern-logging-")
    os.chmod(folder, 0o755)
    started = None
    try:
        started = LoggingPostgres(f"{folder}/cluster", authority)
        with started.superuser("app", autocommit=True) as connection:
            connection.execute(TABLES)
        yield started
    finally:
        if started:
            started.stop()
        shutil.rmtree(folder, ignore_errors=True)


def logged_gateway(make_gateway, server, sync="interval", **options):
    """A gateway of that server, not started, that keeps whole texts, and small files so that many are begun."""
    gateway = make_gateway(start=False, roles={"app": role("unrestricted", audit={"sql": "full"})}, **options)
    gateway.configuration["databases"]["app"]["hosts"] = [f"localhost:{server.port}"]
    gateway.configuration["audit"] |= {"sync": sync, "rotate_size": "1MiB"}
    gateway.write()
    return gateway


def verify_by_both(folder):
    journal.verify(folder)
    result = audit("verify", folder)
    assert result.returncode == 0, result.stdout + result.stderr
