"""Jobs that write as fast as they can, in every way that clients send statements."""

import collections
import contextlib
import os
import subprocess
import threading
import time

import psycopg

from .clients import environment

TABLES = """
drop table if exists seen, bench;
create table seen (marker text, value text);
create table bench (client int, n int);
alter table seen owner to app;
alter table bench owner to app;
"""


def simple(connection, marker):
    connection.execute(f"insert into seen values ('{marker()}', 'simple')")
    connection.execute(f"insert into seen values ('{marker()}', 'a'); insert into seen values ('{marker()}', 'b')")


def extended(connection, marker):
    connection.execute(f"insert into seen values ('{marker()}', %s)", ["extended"], prepare=False)


def prepared(connection, marker):
    text = f"insert into seen values ('{marker()}', %s)"
    for number in range(5):
        connection.execute(text, [str(number)], prepare=True)


def pipelined(connection, marker):
    with connection.pipeline():
        for number in range(20):
            connection.execute(f"insert into seen values ('{marker()}', %s)", [str(number)])


def in_transactions(connection, marker):
    with connection.transaction():
        for number in range(3):
            connection.execute(f"insert into seen values ('{marker()}', %s)", [str(number)])


def copying(connection, marker):
    name = marker()
    with connection.cursor().copy(f"copy seen from stdin where marker = '{name}'") as copy:
        for number in range(20):
            copy.write_row((name, str(number)))


WAYS = [simple, extended, prepared, pipelined, in_transactions, copying]
# pgbench's own ways, for a rate that Python does not reach.
SCRIPT = """\\set n random(1, 1000000)
insert into bench values (:client_id, :n);
"""
PIPELINE = """\\set n random(1, 1000000)
\\startpipeline
insert into bench values (:client_id, :n);
insert into bench values (:client_id, :n);
select :n;
\\endpipeline
"""


class Load:
    """Threads that repeat `ways` until `stop`, each in a session of its own that is begun again when it ends.

    `errors` counts how sessions and logins ended, by SQLSTATE, None where the connection was lost without a word."""

    def __init__(self, gateway, ways=WAYS, pgbench=False):
        self.gateway, self.token = gateway, gateway.issuer.token()
        self.errors, self.words = collections.Counter(), set()
        self.done = 0
        #: Which threads have a session at this moment.
        self.inside = set()
        self.name = os.urandom(4).hex()
        self.stopped = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(number, way), daemon=True) for number, way in enumerate(ways)]
        self.programs = []
        if pgbench:
            for name, text, mode in (("simple", SCRIPT, "simple"), ("pipeline", PIPELINE, "prepared")):
                path = f"{gateway.folder}/{name}.sql"
                with open(path, "w") as file:
                    file.write(text)
                self.programs.append(subprocess.Popen(
                    ["pgbench", "--no-vacuum", "-M", mode, "-c", "2", "-T", "60", "-f", path],
                    env=environment(gateway.plain(self.token)), stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _kind(error):
        """libpq gives no SQLSTATE for a login that failed; its words are the server's."""
        return "57P03" if "the gateway cannot keep its journal" in str(error) else error.sqlstate

    def _run(self, number, way):
        made = 0

        def marker():
            nonlocal made
            made += 1
            return f"m-{self.name}-{number}-{made}"

        while not self.stopped.is_set():
            try:
                with psycopg.connect(**self.gateway.plain(self.token), autocommit=True) as connection:
                    self.inside.add(number)
                    while not self.stopped.is_set():
                        way(connection, marker)
                        self.done += 1
            except psycopg.Error as error:
                self.inside.discard(number)
                self.errors[self._kind(error)] += 1
                self.words.add(str(error).strip())
                # Only so that threads without a gateway leave the processor to others.
                time.sleep(0.005)

    def stop(self):
        self.stopped.set()
        for program in self.programs:
            program.terminate()
            program.wait(15)
        for thread in self.threads:
            thread.join(15)
            assert not thread.is_alive(), "a job that never ends"


@contextlib.contextmanager
def load(gateway, **options):
    running = Load(gateway, **options)
    try:
        yield running
    finally:
        running.stop()
