"""What is measured. A measure takes one sample of one target at a time, and refuses to believe an empty one."""

import contextlib
import dataclasses
import os
import re
import socket
import statistics
import struct
import subprocess
import time

import psycopg
from servers import Failure, Unrecorded
from support import jobs
from support.clients import environment as client_environment
from support.gateway import executable
from support.postgres import binaries
from support.waiting import until

ALL = ("direct", "PgBouncer", "HAProxy", "Postern")
POOLERS = ("PgBouncer", "Postern")
PROTOCOLS = ("simple", "extended", "prepared")
CLIENTS = (1, 8, 32)
ROW = 1000
MESSAGE_ROWS = 8
MESSAGES = 8
READY = b"Z\0\0\0\x05I"


@dataclasses.dataclass(frozen=True)
class Sample:
    """`value` is in the measure's unit; `processor` in the proxy's microseconds per unit of work, None without a proxy."""

    value: float
    processor: float | None = None


class Pgbench:
    """pgbench -S for some seconds; with `reconnect` every transaction makes a connection of its own."""

    targets = ALL
    unit = "1/s"

    def __init__(self, clients, seconds, protocol="simple", reconnect=False):
        self.name = "connect" if reconnect else f"{protocol}-{clients}"
        self.group = "pgbench -S -C, connections per second" if reconnect else "pgbench -S, transactions per second"
        self.title = f"{protocol}, {clients} client{'s' if clients > 1 else ''}"
        self.work = "connection" if reconnect else "transaction"
        # pgbench's clock runs while its clients log in (its transactions per second leave that out).
        self.seconds = seconds + (1 if clients > 8 else 0)
        self.reconnect = reconnect
        self.arguments = ["-n", "-S", "-M", protocol, "-c", str(clients), "-j", str(min(clients, os.cpu_count())),
                          *(["-C"] if reconnect else [])]

    def sample(self, stage, name):
        # What logins cost the proxy is no part of a transaction: a run of nearly nothing else is taken off.
        _, logins, few = (0, 0, 0) if self.reconnect else self._run(stage, name, "-t", 1)
        rate, spent, count = self._run(stage, name, "-T", self.seconds)
        if count <= few:
            # On a busy machine the logins may take all of a short run: once more then, and longer.
            rate, spent, count = self._run(stage, name, "-T", self.seconds + 10)
        if count <= few:
            raise Failure(f"pgbench through {name} made {count:.0f} transactions")
        if stage.targets[name].pid is None:
            return Sample(rate)
        return Sample(rate, max(spent - logins, 0) * 1e6 / (count - few))

    def _run(self, stage, name, kind, amount):
        """pgbench for some seconds (-T) or transactions (-t): their rate, the proxy's seconds, their count."""
        target = stage.targets[name]
        with Meter(stage, target) as meter:
            done = subprocess.run(
                [f"{binaries()}/pgbench", *self.arguments, kind, str(amount)], env=target.environment(),
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.seconds + 70,
            )
        count = _number(done, r"transactions actually processed: (\d+)")
        failed = _number(done, r"failed transactions: (\d+) ")
        if done.returncode != 0 or failed:
            raise Failure(f"pgbench through {name}: {count:.0f} transactions, {failed:.0f} failed\n{done.stderr}")
        if kind == "-T":
            meter.must_have_worked()
        return (_number(done, r"^tps = ([\d.]+) ") if count else 0), meter.seconds, count


class Journal(Pgbench):
    """The same through Postern and through a build of it that records no statement."""

    targets = ("unrecorded", "Postern")
    # A decision, an outcome and the end of a transaction.
    records = 3

    def __init__(self, clients, seconds, protocol):
        super().__init__(clients, seconds, protocol)
        self.name = f"journal-{self.name}"


class Copy:
    """COPY of `size` bytes in rows of 1,000. The client only moves bytes, so that it is the servers that are measured."""

    targets = ALL
    unit, work = "MB/s", "MB"
    group = "COPY, MB per second"

    def __init__(self, direction, size):
        self.name = f"copy-{direction}"
        self.title = f"{direction}, {size / 1e6:,.0f} MB"
        self.transfer = self._out if direction == "out" else self._in
        self.blocks = max(1, size // (ROW * MESSAGE_ROWS * MESSAGES))
        self.rows = self.blocks * MESSAGE_ROWS * MESSAGES
        self.bytes = self.rows * ROW

    def sample(self, stage, name):
        target = stage.targets[name]
        with _raw_session(target) as connection, Meter(stage, target) as meter:
            begin = time.perf_counter()
            tail = self.transfer(connection)
            seconds = time.perf_counter() - begin
        # One row of every block is kept on the way in.
        rows = self.blocks if self.name == "copy-in" else self.rows
        if b"COPY %d\0" % rows not in tail:
            raise Failure(f"COPY through {name} should end with `COPY {rows}`, but: {tail!r}")
        meter.must_have_worked()
        work = self.bytes / 1e6
        return Sample(work / seconds, None if target.pid is None else meter.seconds * 1e6 / work)

    def _out(self, connection):
        line = f"repeat('x', {ROW - 1})"
        connection.sendall(_query(f"copy (select {line} from generate_series(1, {self.rows})) to stdout"))
        return _until_ready(connection, self.bytes)

    def _in(self, connection):
        # The server reads every row, and writes few: this is not a measure of its disc.
        connection.sendall(_query("truncate bench_sink"))
        _until_ready(connection)
        connection.sendall(_query("copy bench_sink from stdin where line like 'keep%'"))
        if connection.recv(4096)[:1] != b"G":
            raise Failure("COPY in was not answered with CopyInResponse")
        row = b"x" * (ROW - 1) + b"\n"
        message = _message(b"d", row * MESSAGE_ROWS)
        block = memoryview(_message(b"d", b"keep" + row[4:] + row * (MESSAGE_ROWS - 1)) + message * (MESSAGES - 1))
        for _ in range(self.blocks):
            connection.sendall(block)
        connection.sendall(_message(b"c", b""))
        return _until_ready(connection)


class Memory:
    """How much a proxy of its own grows with each session that has run a statement and is idle."""

    targets = POOLERS
    unit, work = "KiB", None
    group = "Resident memory, KiB per idle session"

    def __init__(self, sessions, tls):
        self.name = "memory-tls" if tls else "memory-plain"
        self.title = f"{'TLS' if tls else 'plain'}, {sessions:,}"
        self.sessions, self.tls = sessions, tls

    def sample(self, stage, name):
        with stage.postgres.superuser(autocommit=True) as watcher:
            others = _backends(watcher)
            with stage.fresh(name) as target, contextlib.ExitStack() as opened:
                parameters = target.parameters(self.tls)
                # The first sessions pay for what all share.
                _open(parameters, 10, opened)
                small = _settled(target)
                _open(parameters, self.sessions, opened)
                large = _settled(target)
                served = len(_backends(watcher) - others) - 10
            if served != self.sessions:
                raise Failure(f"{name} holds {served} backends for {self.sessions} sessions")
            until(lambda: _backends(watcher) <= others, 60, "the end of the idle sessions")
        return Sample((large - small) / self.sessions / 1024)


class Meter:
    """Watches what the proxies spend: the one that is measured must work, and the others must not."""

    def __init__(self, stage, target):
        self.targets = stage.targets.values()
        self.target = target

    def __enter__(self):
        self.begin = time.perf_counter()
        self.before = {target: target.processor_seconds() for target in self.targets}
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            return
        elapsed = time.perf_counter() - self.begin
        spent = {target: target.processor_seconds() - self.before[target] for target in self.targets}
        self.seconds = spent.pop(self.target)
        for other, seconds in spent.items():
            if seconds > 0.05 + elapsed / 20:
                raise Failure(f"{other.name} spent {seconds:.2f} s while {self.target.name} was measured")

    def must_have_worked(self):
        if self.target.pid is not None and self.seconds <= 0:
            raise Failure(f"{self.target.name} did nothing: it did not serve this")


class JobStart:
    """How long a command takes that does nothing: by itself, and behind `postern exec`."""

    name, title, group = "exec-start", "a command that does nothing", "postern exec, milliseconds"
    targets = ("without", "exec")
    unit, work = "ms", None
    most = 150.0

    def __init__(self, seconds):
        self.seconds = seconds

    def sample(self, stage, name):
        command = ["true"] if name == "without" else [executable(), "exec", "--quiet", "--", "true"]
        environment = _job(stage)
        spent = []
        end = time.monotonic() + self.seconds
        while not spent or time.monotonic() < end:
            began = time.perf_counter()
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            spent.append((time.perf_counter() - began) * 1000)
            if done.returncode != 0:
                raise Failure(f"postern exec ended with {done.returncode}: {done.stderr.decode()}")
        return Sample(statistics.median(spent))


class JobQuery:
    """How long a query takes: from a job to the gateway by TLS, and through the local port of `postern exec`."""

    name, title, group = "exec-query", "a query", "postern exec, milliseconds"
    targets = ("without", "exec")
    unit, work = "ms", None
    most = 0.1

    def __init__(self, seconds):
        self.seconds = seconds

    def sample(self, stage, name):
        pgbench = [f"{binaries()}/pgbench", "-n", "-S", "-c", "1", "-T", str(self.seconds)]
        gateway = stage.targets["Postern"].gateway
        if name == "exec":
            command, environment = [executable(), "exec", "--quiet", "--", *pgbench], _job(stage)
        else:
            command, environment = pgbench, client_environment(gateway.tls())
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=self.seconds + 70
        )
        if done.returncode != 0:
            raise Failure(f"pgbench to {name} ended with {done.returncode}:\n{done.stderr}")
        return Sample(_number(done, r"^latency average = ([\d.]+) ms"))


def _job(stage):
    """What a CI job finds around it."""
    return jobs.with_token(stage.targets["Postern"].gateway)


def prepare(stage, scale):
    """Fills the database, and lets every proxy hold as many sessions as it will have."""
    direct = stage.targets["direct"]
    subprocess.run([f"{binaries()}/pgbench", "-i", "-q", "-s", str(scale)], env=direct.environment(), check=True,
                   capture_output=True, timeout=300)
    with psycopg.connect(**direct.parameters(), autocommit=True) as connection:
        connection.execute("create unlogged table bench_sink (line text)")
        connection.execute("vacuum analyze")
    # From now on PgBouncer has all its server connections, so that its logins cost the same each time.
    for target in stage.targets.values():
        with contextlib.ExitStack() as opened:
            _open(target.parameters(), max(CLIENTS), opened)


def measures(options):
    yield from (Pgbench(c, options.seconds, protocol) for protocol in PROTOCOLS for c in CLIENTS)
    yield Pgbench(8, options.seconds, reconnect=True)
    if Unrecorded.binary:
        yield from (Journal(8, options.seconds, protocol) for protocol in ("simple", "prepared"))
    yield from (kind(options.seconds) for kind in (JobStart, JobQuery))
    yield from (Copy(direction, options.copy_size) for direction in ("out", "in"))
    yield from (Memory(options.sessions, tls) for tls in (False, True))


def _number(done, pattern):
    found = re.search(pattern, done.stdout, re.MULTILINE)
    if not found:
        raise Failure(f"pgbench ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return float(found.group(1))


@contextlib.contextmanager
def _raw_session(target):
    """libpq logs in; then the socket is ours. No call on it takes longer than a minute."""
    with psycopg.connect(**target.parameters(), autocommit=True) as session:
        with socket.socket(fileno=os.dup(session.pgconn.socket)) as connection:
            connection.setblocking(True)
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", 60, 0))
            yield connection


def _message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def _query(text):
    return _message(b"Q", text.encode() + b"\0")


def _until_ready(connection, least=0):
    """Reads to ReadyForQuery and returns the last bytes."""
    buffer = bytearray(1 << 18)
    view = memoryview(buffer)
    total, tail = 0, b""
    while not tail.endswith(READY):
        count = connection.recv_into(buffer)
        if count == 0:
            raise Failure(f"the connection ended after {total} bytes: {tail!r}")
        total += count
        tail = (tail + bytes(view[max(0, count - 128):count]))[-128:]
    if total < least:
        raise Failure(f"{total} bytes came instead of {least}: {tail!r}")
    return tail


def _open(parameters, count, stack):
    for _ in range(count):
        connection = stack.enter_context(contextlib.closing(psycopg.connect(**parameters, autocommit=True)))
        connection.execute("select 1")


def _backends(watcher):
    """The process ids of the server's sessions in the database."""
    return {pid for (pid,) in watcher.execute("select pid from pg_stat_activity where datname = 'app'")}


def _settled(target):
    """Resident bytes, once they have not changed for half a second."""
    seen = [target.resident_bytes(), time.monotonic()]

    def still():
        now = target.resident_bytes()
        if now != seen[0]:
            seen[:] = now, time.monotonic()
        return time.monotonic() - seen[1] > 0.5

    until(still, 15, f"{target.name}'s memory to settle")
    return seen[0]
