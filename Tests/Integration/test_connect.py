"""`postern connect`: the local port in the foreground. Drivers of all kinds go through it, at full speed."""

import hashlib
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import psycopg
import pytest
from support import jobs
from support.forwarder import Forwarder
from support.policies import plain_role
from support.resolver import moved_resolver
from support.waiting import Deadline, free_port, until
from support.wire import (
    COPY_DONE, GSSENC_REQUEST, SSL_REQUEST, SYNC, TERMINATE, VERSION_32, Wire, bind, copy_data, execute, parse, query,
    startup,
)  # fmt: skip


class Port:
    """A running `postern connect`."""

    def __init__(self, env, folder, *options):
        self.env_file, self.ready_file = f"{folder}/postern.env", f"{folder}/ready"
        self.process = jobs.start(
            env, options=["--env-file", self.env_file, "--ready-file", self.ready_file, *options], verb="connect"
        )
        until(self._is_ready, what="the port")
        with open(self.env_file) as file:
            self.variables = dict(line.rstrip("\n").split("=", 1) for line in file)
        self.number = int(self.variables["PGPORT"])
        self.path = f"{self.variables['PGHOST']}/.s.PGSQL.{self.number}"

    def _is_ready(self):
        assert self.process.poll() is None, self.process.stderr.read()
        try:
            with open(self.ready_file) as file:
                return file.read() == f"{self.process.pid}\n"
        except FileNotFoundError:
            return False

    def tcp(self, **more):
        return psycopg.connect(self.variables["DATABASE_URL"], **more)

    def unix(self, **more):
        return psycopg.connect(host=self.variables["PGHOST"], port=self.number, user="app", dbname="app", **more)

    def environment(self):
        base = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return base | self.variables

    def stop(self):
        """SIGTERM, and what it said."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=15)[1]


@pytest.fixture(scope="module")
def port(gateway, tmp_path_factory):
    made = Port(jobs.with_token(gateway), tmp_path_factory.mktemp("connect"))
    yield made
    made.stop()


def test_it_tells_where_it_is_and_ends_in_good_order(gateway, tmp_path):
    made = Port(jobs.with_token(gateway), tmp_path, "--wait", "5s")
    assert open(made.ready_file).read() == f"{made.process.pid}\n"
    assert oct(os.stat(made.env_file).st_mode & 0o777) == "0o600"
    assert oct(os.stat(made.path).st_mode & 0o777) == "0o600"
    assert oct(os.stat(made.variables["PGHOST"]).st_mode & 0o777) == "0o700"
    script = f'set -a; . {made.env_file}; psql -XAtc "select 1"; psql "$DATABASE_URL" -XAtc "select 2"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20)
    assert shell.stdout == "1\n2\n", shell.stderr
    with made.tcp(autocommit=True) as idle:
        idle.execute("select 3")
        said = made.stop()
        with pytest.raises(psycopg.OperationalError, match="the run of `postern exec` is over"):
            idle.execute("select 4")
    assert made.process.returncode == 0
    assert "listening for app on app at /" in said and "3 sessions as app on app: 3 statements" in said
    for path in (made.ready_file, made.env_file, made.path, made.variables["PGHOST"]):
        assert not os.path.exists(path)


def test_a_sidecar_has_a_fixed_place(gateway, tmp_path):
    number, secret = free_port(), "0123456789abcdefXYZ"
    env = jobs.with_token(gateway, POSTERN_LOCAL_PASSWORD=secret)
    # A socket's path is short, and pytest's folders may not be.
    folder = tempfile.mkdtemp(prefix="postern-")
    made = Port(env, tmp_path, "--port", str(number), "--socket-folder", str(folder))
    try:
        assert made.path == f"{folder}/.s.PGSQL.{number}"
        with psycopg.connect(host="127.0.0.1", port=number, user="app", dbname="app", password=secret) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        made.process.kill()
        made.process.wait(10)
        made.process.communicate()
        # What was killed left its socket behind.
        made = Port(env, tmp_path, "--port", str(number), "--socket-folder", str(folder))
        made.unix().close()
    finally:
        made.stop()
        shutil.rmtree(folder)
    short = jobs.start(env | {"POSTERN_LOCAL_PASSWORD": "short"}, verb="connect")
    assert "is not 16 to 256 letters and digits" in short.communicate(timeout=10)[1] and short.returncode == 125


def test_it_waits_for_a_gateway_that_is_only_starting(make_gateway, tmp_path):
    gateway = make_gateway(start=False)
    env = jobs.with_token(gateway)
    late = jobs.start(env, options=["--wait", "1s"], verb="connect")
    assert "cannot reach the gateway" in late.communicate(timeout=10)[1] and late.returncode == 125
    began = jobs.start(env, options=["--wait", "20s", "--ready-file", f"{tmp_path}/ready"], verb="connect")
    gateway.start()
    until(lambda: os.path.exists(f"{tmp_path}/ready") or began.poll() is not None, what="the port")
    assert began.poll() is None, began.stderr.read()
    began.send_signal(signal.SIGINT)
    began.communicate(timeout=10)
    assert began.returncode == 0


def test_it_waits_for_a_name_and_no_longer_than_it_says(gateway, tmp_path):
    gate = tmp_path / "resolves"
    env = jobs.with_token(gateway) | moved_resolver(tmp_path, after=gate)
    late = jobs.start(env, options=["--wait", "1s"], verb="connect")
    assert "cannot resolve `localhost`" in late.communicate(timeout=10)[1] and late.returncode == 125
    began = jobs.start(env, options=["--wait", "20s", "--ready-file", f"{tmp_path}/ready"], verb="connect")
    with pytest.raises(Deadline):
        until(lambda: os.path.exists(f"{tmp_path}/ready") or began.poll() is not None, 0.7)
    gate.touch()
    until(lambda: os.path.exists(f"{tmp_path}/ready") or began.poll() is not None, what="the port")
    assert began.poll() is None, began.stderr.read()
    began.send_signal(signal.SIGINT)
    assert began.wait(10) == 0
    began.communicate()
    # Somebody accepts and says nothing: an attempt is cut short by the wait's end.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = jobs.with_token(gateway, POSTERN_GATEWAY=f"localhost:{silent.getsockname()[1]}")
        start = time.monotonic()
        late = jobs.start(mute, options=["--wait", "1s"], verb="connect")
        assert "it did not answer in time" in late.communicate(timeout=20)[1] and late.returncode == 125
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("tls", ["postgres", "direct"])
def test_it_waits_behind_a_proxy_that_has_no_gateway_yet(gateway, tmp_path, tls):
    env = jobs.with_token(gateway)
    proxy = Forwarder(gateway.tls_port)
    env |= {"POSTERN_GATEWAY": f"localhost:{proxy.port}"}
    try:
        proxy.refuses = True
        began = jobs.start(env, options=["--wait", "20s", "--tls", tls, "--ready-file", f"{tmp_path}/ready"], verb="connect")
        until(lambda: proxy.refused > 1 or began.poll() is not None, what="a second attempt")
        proxy.refuses = False
        until(lambda: os.path.exists(f"{tmp_path}/ready") or began.poll() is not None, what="the port")
        assert began.poll() is None, began.stderr.read()
        began.send_signal(signal.SIGINT)
        began.communicate(timeout=10)
        assert began.returncode == 0
    finally:
        proxy.stop()


def test_a_token_that_opens_one_session_is_not_spent_on_the_wait(make_gateway):
    once = make_gateway(roles={"app": plain_role() | {"single_use": True}})
    job = jobs.with_token(once)
    done = jobs.run(job, "psql", "-XAtc", "select 'in'", options=["--wait", "10s"])
    assert (done.returncode, done.stdout) == (0, "in\n"), done.stderr
    # It does wait: drivers are held until the gateway's server is there.
    once.stop()
    away = make_gateway(start=False)
    run = jobs.start(jobs.with_token(away), "psql", "-XAtc", "select 'late'", options=["--wait", "20s"])
    away.start()
    assert run.communicate(timeout=20)[0] == "late\n"


def test_strangers_at_the_port_do_not_keep_the_job_out(port):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    strangers = [socket.create_connection(("127.0.0.1", port.number)) for _ in range(1200)]
    try:
        with port.unix() as one, port.tcp() as two:
            assert one.execute("select 1").fetchone() == two.execute("select 1").fetchone() == (1,)
    finally:
        for stranger in strangers:
            stranger.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_hangup_that_was_ignored_is_ignored(gateway, tmp_path):
    def ignoring():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    ready = f"{tmp_path}/ready"
    process = jobs.start(jobs.with_token(gateway), options=["--ready-file", ready], verb="connect", preexec_fn=ignoring)
    until(lambda: os.path.exists(ready), what="the port")
    process.send_signal(signal.SIGHUP)
    # Signals are taken in the order of their numbers: SIGHUP would have come first, as the end.
    process.send_signal(signal.SIGUSR1)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_file_of_variables_has_no_reader_from_before(gateway, tmp_path):
    env_file = tmp_path / "postern.env"
    env_file.write_text("")
    env_file.chmod(0o644)
    with open(env_file) as early:
        made = Port(jobs.with_token(gateway), tmp_path)
        assert oct(os.stat(env_file).st_mode & 0o777) == "0o600"
        assert early.read() == "" and "PGPASSWORD=" in env_file.read_text()
        made.stop()
    # What is no file is written to as it is.
    # And stays: this user could take it away.
    link = tmp_path / "link"
    link.symlink_to("/dev/stdout")
    process = jobs.start(jobs.with_token(gateway), options=["--env-file", str(link)], verb="connect")
    assert process.stdout.readline().startswith("PGHOST=")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0 and link.is_symlink()


# The local port's own protocol


def test_the_port_asks_for_the_runs_password_and_the_socket_does_not(port):
    with pytest.raises(psycopg.OperationalError, match="the password is not this run's"):
        psycopg.connect(host="127.0.0.1", port=port.number, user="app", dbname="app", password="0" * 32)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=port.number, user="app", dbname="app", password="")
    with port.unix() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_requests_for_encryption_are_declined_and_tls_is_not_spoken(port):
    with Wire.unix(port.path) as wire:
        wire.send(SSL_REQUEST)
        assert wire.exactly(1) == b"N"
        wire.send(GSSENC_REQUEST)
        assert wire.exactly(1) == b"N"
        wire.send(SSL_REQUEST)
        assert b"unexpected SSL request" in wire.rest()
    with Wire.plain(port.number) as wire:
        wire.send(b"\x16\x03\x01\x02\x00\x01")
        assert wire.rest() == b""


def test_what_the_port_refuses_itself(port):
    with Wire.unix(port.path) as wire:
        wire.send(startup([("replication", "true")]))
        assert b"replication connections are not allowed" in wire.rest()
    # What a driver sends before it may is no harm: it waits for the session.
    with Wire.unix(port.path) as wire:
        wire.send(startup() + query("select 'early'"))
        wire.until_ready()
        assert any(b"early" in body for kind, body in wire.until_ready() if kind == "D")
    with Wire.unix(port.path) as wire:
        wire.send(struct.pack(">ii", 16, 80877102) + struct.pack(">i", 4711) + b"abcd")
        assert wire.rest() == b""
    with Wire.plain(port.number) as wire:
        wire.send(startup())
        assert wire.receive()[0] == "R"
        wire.send(query("select 1"))
        assert b"expected password response" in wire.rest()


def test_roles_and_settings_are_the_drivers(port):
    with port.unix(options="-c statement_timeout=12345", application_name="from a test") as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("12345ms",)
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(host=port.variables["PGHOST"], port=port.number, user="nobody", dbname="app")
    with pytest.raises(psycopg.OperationalError, match="is not allowed"):
        port.unix(options="-c search_path=other")


@pytest.mark.parametrize("version", ["3.0", "3.2"])
def test_cancel_requests_of_both_protocols(port, postgres, version):
    with port.tcp(max_protocol_version=version, autocommit=True) as connection:
        errors = []

        def sleep():
            try:
                connection.execute(f"select pg_sleep(60), 'through connect {version}'")
            except psycopg.errors.QueryCanceled as error:
                errors.append(error)

        thread = threading.Thread(target=sleep)
        thread.start()

        def sleeps():
            with postgres.superuser() as behind:
                return behind.execute(
                    "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like %s",
                    (f"%through connect {version}%",),
                ).fetchone()[0]

        until(sleeps, what="the statement")
        connection.cancel_safe(timeout=10)
        thread.join(15)
        assert len(errors) == 1
        assert connection.execute("select 1").fetchone() == (1,)


def test_newer_protocols_are_negotiated(port):
    with Wire.unix(port.path) as wire:
        wire.send(startup([("_pq_.future", "1")], version=VERSION_32 + 7))
        kind, body = wire.receive()
        assert kind == "v" and struct.unpack_from(">I", body) == (VERSION_32,) and b"_pq_.future" in body


# Streams


def test_large_copies_and_pipelines_arrive_whole(port):
    # Far more than what the buffers of all ends hold together.
    lines = [f"{number}\t{hashlib.sha256(str(number).encode()).hexdigest() * 4}\n" for number in range(40_000)]
    data = "".join(lines).encode()
    with port.tcp() as connection:
        connection.execute("create temp table bulk (id int, text text)")
        with connection.cursor().copy("copy bulk from stdin") as copy:
            for start in range(0, len(data), 1 << 20):
                copy.write(data[start : start + (1 << 20)])
        out = hashlib.sha256()
        with connection.cursor().copy("copy (select * from bulk order by id) to stdout") as copy:
            for block in copy:
                out.update(block)
        assert out.hexdigest() == hashlib.sha256(data).hexdigest()
        with connection.pipeline():
            cursors = [connection.execute("select %s::int, text from bulk where id = %s", (n, n)) for n in range(300)]
        assert [cursor.fetchone()[0] for cursor in cursors] == list(range(300))


def test_a_slow_reader_holds_the_sender_back(port):
    with Wire.unix(port.path, timeout=60) as wire:
        wire.send(startup())
        wire.until_ready()
        before = resident(port.process.pid)
        wire.send(query("select repeat('x', 100000) from generate_series(1, 2000)"))
        # Nothing is read for as long as it takes the sender to fill what there is.
        until(lambda: waits(wire), 20, "bytes")
        total = 0
        while True:
            kind, body = wire.receive()
            total += len(body)
            if kind == "Z":
                break
        assert total > 200_000_000
        assert resident(port.process.pid) - before < 64 << 20


def test_both_directions_may_be_full_at_once(port):
    value = b"v" * 200_000
    count = 150
    with Wire.unix(port.path, timeout=60) as wire:
        wire.send(startup())
        wire.until_ready()
        statement = parse("select $1::text", "echo") + b"".join(bind([value], "", "echo") + execute() for _ in range(count)) + SYNC
        sender = threading.Thread(target=wire.send, args=(statement,))
        sender.start()
        # The sender fills all there is before anything is taken.
        until(lambda: waits(wire), 20, "bytes")
        rows = sum(len(body) for kind, body in wire.until_ready() if kind == "D")
        sender.join(20)
        assert rows > count * len(value) and not sender.is_alive()


def waits(wire):
    wire.socket.setblocking(False)
    try:
        return len(wire.socket.recv(65536, socket.MSG_PEEK)) > 0
    except BlockingIOError:
        return False
    finally:
        wire.socket.settimeout(60)


def resident(process):
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_dumps_are_those_of_a_direct_connection(port, postgres):
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("create schema dumped authorization app")
        behind.execute("create table dumped.goods (id int primary key, name text); alter table dumped.goods owner to app")
        behind.execute("insert into dumped.goods select n, repeat('g', n % 50) from generate_series(1, 3000) n")
    command = ["pg_dump", "--schema=dumped"]
    direct = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "app", "PGDATABASE": "app",
              "PGPASSWORD": postgres.direct()["password"]}
    through = subprocess.run(command, env=port.environment(), capture_output=True, timeout=60)
    assert through.returncode == 0, through.stderr
    expected = subprocess.run(command, env=os.environ | direct, capture_output=True, timeout=60)
    # Each dump has a random key in these two lines.
    texts = [[line for line in dump.splitlines() if b"restrict" not in line] for dump in (through.stdout, expected.stdout)]
    assert texts[0] == texts[1] and len(texts[0]) > 3000
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop schema dumped cascade")


def test_many_connections_at_once_share_what_they_can(port):
    failures = []

    def use():
        try:
            with port.tcp() as connection:
                connection.execute("select pg_sleep(0.1)")
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


# Receipts


def begin_copy(wire):
    """Reads up to CopyInResponse."""
    while wire.receive()[0] != "G":
        pass


def receipts_of(gateway, tmp_path, scenario):
    """What `connect` says of the sessions of one scenario."""
    made = Port(jobs.with_token(gateway), tmp_path)
    try:
        scenario(made)
    finally:
        said = made.stop()
    return said


def test_copies_in_the_extended_protocol_leave_an_idle_session(gateway, tmp_path):
    def scenario(made):
        with Wire.unix(made.path) as wire:
            wire.send(startup())
            wire.until_ready()
            wire.send(query("create temp table extended (id int)"))
            wire.until_ready()
            # The Sync behind Execute is read over by a server that waits for copy data.
            wire.send(parse("copy extended from stdin") + bind() + execute() + SYNC)
            begin_copy(wire)
            wire.send(copy_data(b"1\n") + COPY_DONE + SYNC)
            wire.until_ready()
            wire.send(TERMINATE)
            assert wire.rest() == b""

    said = receipts_of(gateway, tmp_path, scenario)
    assert "1 session as app on app: 2 statements" in said and "without a receipt" not in said


def test_a_driver_that_ended_its_side_hears_what_it_is_owed(gateway, tmp_path):
    def scenario(made):
        with Wire.unix(made.path) as wire:
            wire.send(startup())
            wire.until_ready()
            wire.send(query("select pg_sleep(0.3); select repeat('x', 3000000)") + query("select 'last'"))
            wire.socket.shutdown(socket.SHUT_WR)
            answer = wire.rest()
            assert len(answer) > 3_000_000 and b"last" in answer

    said = receipts_of(gateway, tmp_path, scenario)
    assert "1 session ended without a receipt" in said and "may still take effect" not in said


def test_sessions_that_end_in_the_middle_have_no_receipt(gateway, tmp_path):
    def scenario(made):
        with Wire.unix(made.path) as wire:
            wire.send(startup())
            wire.until_ready()
            wire.send(query("select pg_sleep(0.2)") + TERMINATE)
        with Wire.unix(made.path) as wire:
            wire.send(startup())
            wire.until_ready()
            wire.send(parse("select 1") + TERMINATE)

    said = receipts_of(gateway, tmp_path, scenario)
    assert "2 sessions ended without a receipt" in said
