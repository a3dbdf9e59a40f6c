"""The auditors' store for tests: databases on a PostgreSQL, and gateways that load their journals into them."""

import itertools
import json

import psycopg

from . import journal
from .postgres import PASSWORD
from .waiting import until

_numbers = itertools.count(1)


class Store:
    """A database of its own on `server`, with a login that may make the schema and roles there."""

    def __init__(self, server):
        self.server = server
        self.name = f"audit_{next(_numbers)}"
        with server.superuser(autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = 'shipper'").fetchone():
                connection.execute(f"create role shipper login createrole password '{PASSWORD}'")
            connection.execute(f"create database {self.name} owner shipper")

    def configuration(self, **more):
        tls = {"ca_file": self.server.authority.ca} if self.server.tls else {"mode": "disable"}
        return {
            "hosts": [f"localhost:{self.server.port}"], "dbname": self.name, "user": "shipper",
            "password": {"file": "app.password"}, "tls": tls,
        } | more

    def audit(self, **more):
        """The section `audit` of a gateway that ships here."""
        return {"directory": "journal", "min_free": "1MiB", "postgres": self.configuration()} | more

    def superuser(self, **options):
        return self.server.superuser(self.name, autocommit=True, **options)

    def rows(self, query, *values):
        with self.superuser() as connection:
            return connection.execute(query, values or None).fetchall()

    def value(self, query, *values):
        ((value,),) = self.rows(query, *values)
        return value

    def drop(self):
        with self.server.superuser(autocommit=True) as connection:
            connection.execute(f"drop database {self.name} with (force)")

    def matches(self, folder):
        """Fails unless the store has every record of a journal exactly once, byte for byte, and no other of its chains."""
        for name in journal.chains(folder):
            lines = [line.decode() for _, line in journal.lines(folder, name)]
            chain = json.loads(lines[0])["chain"]
            stored = self.rows("select line, hash, seq from postern.event where chain = %s order by seq", chain)
            assert [line for line, _, _ in stored] == lines, f"{name}: {len(stored)} rows, {len(lines)} records"
            assert [(hash_, seq) for _, hash_, seq in stored] == [
                (record["hash"], record["seq"]) for record in map(json.loads, lines)
            ]
            assert self.rows("select seq, hash, name from postern.head where chain = %s", chain) == [
                (stored[-1][2], stored[-1][1], name)
            ]


def burst(gateway, statements=400):
    """As many statements as fill a checkpoint's thousand records: they can be shipped a second later."""
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        for number in range(statements):
            connection.execute(f"select {number}")


def metric(gateway, name):
    return gateway.metrics().get(f"postern_audit_store_{name}")


def caught_up(gateway, seconds=25):
    """Waits until the store has everything that a checkpoint covers, and something at all."""
    def is_even():
        samples = gateway.metrics()
        return (
            samples.get("postern_audit_store_up") == 1 and samples.get("postern_audit_store_lag_records") == 0
            and samples.get("postern_audit_store_records_total", 0) > 0
        )
    until(is_even, seconds, "the store's catching up")
