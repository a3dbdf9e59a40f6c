"""`postern exec` as a process: signals, what it leaves behind, receipts, and what it says when it cannot."""

import contextlib
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
from support import jobs, receipts
from support.certificates import Authority
from support.gateway import executable
from support.policies import CLASSES, allow, deny, role
from support.waiting import free_port, until

ROLES = {
    "app": role([allow(CLASSES, "any", name="all"), deny("DROP TABLE", name="no-drop", message="ask first")],
                functions=["pg_catalog.pg_sleep"]),
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory, postgres, issuer, authority):
    """A gateway whose role may not drop tables."""
    from support.gateway import Gateway

    made = Gateway(tmp_path_factory.mktemp("strict"), postgres, issuer, authority, roles=ROLES)
    yield made
    made.stop()


@pytest.fixture
def job(strict, tmp_path):
    return jobs.with_token(strict, TMPDIR=str(tmp_path))


class TLSServer:
    """Does handshakes, and nothing else."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["postgresql"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _serve(self):
        try:
            while True:
                client, _ = self.listener.accept()
                with contextlib.suppress(OSError):
                    self.context.wrap_socket(client, server_side=True).recv(1)
        except OSError:
            return


def until_line(process, text):
    """The child's first line, which must be this."""
    assert process.stdout.readline() == text + "\n"


def children(process):
    """Its children, whichever thread started them."""
    found = []
    for task in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{task}/children") as file:
            found += [int(number) for number in file.read().split()]
    return found


def test_signals_reach_the_child_and_nothing_is_left(job, tmp_path):
    script = "trap 'echo got it; exit 5' TERM; echo up; while :; do sleep 0.05; done"
    process = jobs.start(job, "sh", "-c", script)
    until_line(process, "up")
    assert len(os.listdir(tmp_path)) == 1
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (5, "got it\n")
    assert os.listdir(tmp_path) == []
    # A child that is killed, and one that takes no notice.
    process = jobs.start(job, "sh", "-c", "echo up; exec sleep 60")
    until_line(process, "up")
    os.kill(until(lambda: children(process), what="the child")[0], signal.SIGKILL)
    process.communicate(timeout=10)
    assert process.returncode == 128 + 9 and os.listdir(tmp_path) == []


def test_the_terminals_signals_are_left_to_the_terminal(job):
    # The whole group is told, as by Ctrl-C: the child hears it once, from a process as well as exec does.
    script = "n=0; trap 'n=$((n+1)); echo $n' USR1; echo up; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; done"
    process = jobs.start(job, "sh", "-c", script, start_new_session=True)
    until_line(process, "up")
    process.send_signal(signal.SIGUSR1)
    output, _ = process.communicate(timeout=10)
    assert output == "1\n"


def group(number):
    """Who is in the process group and runs."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                state, _, its_group = file.read().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == number and state != "Z":
            found.append(int(name))
    return found


def test_a_run_that_has_not_begun_ends_by_a_signal(job, tmp_path):
    script = tmp_path / "token"
    script.write_text("#!/bin/sh\nsleep 60 &\nwait\n")
    script.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        waiting = job | {
            "POSTERN_TOKEN_COMMAND": str(script),
            "POSTERN_GATEWAY": f"127.0.0.1:{silent.getsockname()[1]}",
        }
        # The signal comes while libraries are just made ready, and more than once: their destructors crashed here.
        for _ in range(20):
            process = jobs.start(waiting, "true")
            command = until(lambda: children(process), what="the token's command")[0]
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            assert process.returncode == 128 + 15 and time.monotonic() - began < 5
            until(lambda: not group(command), what="the end of the token's command and its children")


def test_input_and_odd_bytes_go_through(job):
    done = jobs.run(job, "cat", input="line\n")
    assert done.stdout == "line\n"
    done = subprocess.run(
        [executable().encode(), b"exec", b"--", b"sh", b"-c", b'printf %s "$1$ODD"', b"x", b"caf\xe9"],
        env={name.encode(): value.encode() for name, value in job.items()} | {b"ODD": b"\xff\xfe"},
        capture_output=True, timeout=30,
    )
    assert done.stdout == b"caf\xe9\xff\xfe"


def test_scripts_without_an_interpreter_and_inherited_descriptors(job, tmp_path):
    script = tmp_path / "script"
    script.write_text("echo from $0\n")
    script.chmod(0o755)
    assert jobs.run(job, str(script)).stdout == f"from {script}\n"
    on_path = job | {"PATH": f"{tmp_path}:{job['PATH']}"}
    assert jobs.run(on_path, "script").stdout == f"from {script}\n"
    # A folder of that name is not it.
    (tmp_path / "other" / "script").mkdir(parents=True)
    behind = job | {"PATH": f"{tmp_path}/other:{on_path['PATH']}"}
    assert jobs.run(behind, "script").stdout == f"from {script}\n"
    read, write = os.pipe()
    done = subprocess.run(
        [executable(), "exec", "--", "bash", "-c", f"echo through >&{write}"], env=job, pass_fds=[write], timeout=30,
        capture_output=True,
    )
    os.close(write)
    assert done.returncode == 0 and os.read(read, 100) == b"through\n"
    os.close(read)


def test_a_log_that_nobody_reads_does_not_end_the_command(job):
    read, write = os.pipe()
    os.close(read)
    script = "psql -XAtc 'select 1' && echo done; trap - PIPE; kill -PIPE $$"
    done = subprocess.run([executable(), "exec", "--", "sh", "-c", script], env=job, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=write, text=True, timeout=30)  # fmt: skip
    os.close(write)
    # The child has SIGPIPE as it was, and dies of it; exec says so.
    assert (done.returncode, done.stdout) == (128 + 13, "1\ndone\n")
    assert jobs.run(job, "sh", "-c", "exit 3").returncode == 3


def test_the_command_has_the_limits_of_its_parent(job):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    process = jobs.start(job, "sh", "-c", "ulimit -Sn", preexec_fn=few)
    assert process.communicate(timeout=20)[0] == "200\n"


def test_control_c_in_psql_cancels_the_statement(job, postgres):
    process = jobs.start(job, "psql", "-XAtc", "select pg_sleep(60), 'exec cancel'")
    asleep = "select count(*) from pg_stat_activity where query like '%exec cancel%' and wait_event = 'PgSleep'"

    def sleeps():
        with postgres.superuser() as behind:
            return behind.execute(asleep).fetchone()[0]

    until(sleeps, what="the statement")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=15)
    assert "canceling statement due to user request" in errors and process.returncode == 1
    assert "1 statement (1 read), 0 rows, 0 committed, 1 rolled back" in errors


def test_variables_that_mislead_are_replaced(job, strict):
    done = jobs.run(
        job | {"PGHOSTADDR": "192.0.2.1", "PGSERVICE": "other", "PGSSLROOTCERT": "system", "PGCHANNELBINDING": "require",
               "PGREQUIREAUTH": "scram-sha-256", "PGSSLMODE": "verify-full", "PGUSER": "someone"},
        "psql", "-XAtc", "select current_user",
    )
    assert done.stdout == "app\n", done.stderr


def test_templates_make_variables_of_other_kinds(job):
    done = jobs.run(
        job, "sh", "-c", 'echo "$JDBC"; psql "$OTHER" -XAtc "select 1"; echo "$BRACES"',
        options=["--env", "JDBC={jdbc_url}", "--env", "BRACES={{{user}}}",
                 "--env", "OTHER=host={host} port={port} user={user} password={password} dbname={database} sslmode=disable"],
    )
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"jdbc:postgresql://127.0.0.1:\d+/app\?user=app&password=[0-9a-f]{32}&sslmode=disable", lines[0])
    assert lines[1:] == ["1", "{app}"]
    unknown = jobs.run(job, "true", options=["--env", "X={passwort}"])
    assert unknown.returncode == 125 and "`{passwort}` of `--env` stands for nothing" in unknown.stderr
    none = jobs.run(job, "true", options=["--socket", "--env", "X={jdbc_url}"])
    assert none.returncode == 125 and "does not exist with `--socket`" in none.stderr


def test_one_kind_of_address_alone(job):
    only = 'env; psql -XAtc "select 1"; psql "$DATABASE_URL" -XAtc "select 2"'
    tcp = jobs.run(job, "sh", "-c", only, options=["--tcp"])
    assert "PGHOST=127.0.0.1" in tcp.stdout and tcp.stdout.endswith("1\n2\n"), tcp.stderr
    unix = jobs.run(job | {"POSTERN_SOCKET": "1"}, "sh", "-c", only)
    assert "PGPASSWORD" not in unix.stdout and unix.stdout.endswith("1\n2\n"), unix.stderr
    assert re.search(r"^DATABASE_URL=postgresql://app@%2F", unix.stdout, re.M)


def test_receipts_are_kept_and_verified(job, strict, tmp_path):
    bundle = tmp_path / "receipts.jsonl"
    script = """
        psql -Xqc 'create table if not exists kept (id int)' -c 'insert into kept values (1), (2)'
        psql -Xqv ON_ERROR_STOP=1 -c 'begin; insert into kept values (3); select 1 / 0'
        psql -Xq -c 'begin' -c 'delete from kept' -c 'drop table kept'
        psql -Xqc 'begin' -c 'delete from kept'
        python3 -c "
import os, socket, struct
s = socket.socket(socket.AF_UNIX); s.connect(os.environ['PGHOST'] + '/.s.PGSQL.' + os.environ['PGPORT'])
body = struct.pack('!i', 196608) + b'user\\0app\\0database\\0app\\0\\0'
s.sendall(struct.pack('!i', len(body) + 4) + body); s.recv(4096)"
        exit 3
    """
    done = jobs.run(job, "sh", "-c", script, options=["--receipt", str(bundle)])
    assert done.returncode == 3
    texts = bundle.read_text().splitlines()
    found = [receipts.verify(text, strict.journal_folder) for text in texts]
    assert [receipt["transactions"]["rollback"] for receipt in found] == [0, 1, 1, 1, 0]
    assert [receipt["denied"] for receipt in found] == [0, 0, 1, 0, 0]
    assert "denied: DROP TABLE on public.kept, rule no-drop (session " in done.stderr
    assert "5 sessions as app on app" in done.stderr and "3 rolled back" in done.stderr
    assert oct(os.stat(bundle).st_mode & 0o777) == "0o600"
    audit = [executable(), "audit", "verify", "--receipt", str(bundle), "--public-key", f"{strict.journal_folder}/checkpoint.pub"]
    checked = subprocess.run(audit, capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0 and checked.stdout.count("the receipt holds") == 5
    bundle.write_text("\n".join([*texts[:-1], texts[-1].replace('"rows":0', '"rows":1')]) + "\n")
    checked = subprocess.run([*audit, "--json"], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 1
    assert [json.loads(line)["holds"] for line in checked.stdout.splitlines()] == [True] * 4 + [False]
    unwritable = jobs.run(job, "true", options=["--receipt", "/nowhere/file"])
    assert unwritable.returncode == 125 and "cannot write `/nowhere/file`" in unwritable.stderr


def test_what_a_driver_reads_when_the_gateway_cannot_be_used(job, strict, issuer, tmp_path):
    psql = ["psql", "-XAtc", "select 1"]
    port = free_port()
    away = jobs.run(job | {"POSTERN_GATEWAY": f"127.0.0.1:{port}"}, *psql)
    assert away.returncode == 2
    assert f"postern: warning: cannot reach the gateway 127.0.0.1:{port}" in away.stderr
    assert "FATAL:  postern exec: cannot reach the gateway" in away.stderr
    unknown = jobs.run(job | {"POSTERN_GATEWAY": "gateway.invalid"}, *psql)
    assert unknown.returncode == 125 and "cannot resolve `gateway.invalid`" in unknown.stderr
    stranger = Authority(tmp_path / "stranger", "A stranger")
    untrusted = jobs.run(job | {"POSTERN_CA_FILE": stranger.ca}, *psql)
    assert untrusted.returncode == 2 and f"the certificate of localhost:{strict.tls_port} is not trusted" in untrusted.stderr
    assert "POSTERN_CA_FILE" in untrusted.stderr
    plain = jobs.run(job | {"POSTERN_GATEWAY": f"localhost:{strict.plain_port}"}, *psql)
    assert "it does not speak TLS there" in plain.stderr
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        threading.Thread(target=lambda: other.accept()[0].sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n"), daemon=True).start()
        web = jobs.run(job | {"POSTERN_GATEWAY": f"127.0.0.1:{number}"}, *psql)
        assert "what answers there is no PostgreSQL server or gateway" in web.stderr
    # The right authority signed it, for another name.
    certificate, key = strict.authority.issue("elsewhere", "elsewhere", ["elsewhere.example.com"], [])
    with TLSServer(certificate, key) as elsewhere:
        name = jobs.run(job | {"POSTERN_GATEWAY": f"localhost:{elsewhere.port}", "POSTERN_TLS": "direct"}, *psql)
        assert "it does not bear the name `localhost`" in name.stderr
    refused = jobs.run(job | {"POSTERN_ID_TOKEN": issuer.token(ref="refs/heads/x")}, *psql)
    assert refused.returncode == 2 and re.search(r"FATAL:  access refused \(session \w{16}\)", refused.stderr)
    assert "postern exec --diagnose" in refused.stderr
    unreadable = jobs.run(job | {"POSTERN_CA_FILE": "/nowhere.crt"}, *psql)
    assert unreadable.returncode == 125 and "reading the certificate authorities of `/nowhere.crt`" in unreadable.stderr
    direct = jobs.run(job | {"POSTERN_TLS": "direct"}, *psql)
    assert direct.stdout == "1\n", direct.stderr


def test_what_is_missing_on_the_command_line(job):
    for name, message in [("GATEWAY", "`--gateway` is missing"), ("ROLE", "`--role` is missing"), ("DATABASE", "`--database` is missing")]:
        done = jobs.run({key: value for key, value in job.items() if key != f"POSTERN_{name}"}, "true")
        assert done.returncode == 125 and message in done.stderr and f"POSTERN_{name}" in done.stderr
    assert "is not HOST:PORT" in jobs.run(job | {"POSTERN_GATEWAY": "https://x"}, "true").stderr
    assert "is none of" in jobs.run(job, "true", options=["--ci", "jenkins"]).stderr


def test_a_background_process_that_outlives_the_command_is_cut_off(job):
    script = "psql -XAtc 'select 1' -c '\\! sleep 3' >/dev/null 2>&1 & sleep 0.5; exit 0"
    began = time.monotonic()
    done = jobs.run(job, "sh", "-c", script)
    assert done.returncode == 0 and time.monotonic() - began < 3
    assert "1 session as app on app: 1 statement" in done.stderr


def test_nothing_secret_is_printed_or_left_readable(job):
    process = jobs.start(job, "sh", "-c", "echo up; cat", stdin=subprocess.PIPE)
    until_line(process, "up")
    child = children(process)[0]
    with open(f"/proc/{child}/environ") as file:
        variables = file.read()
    assert "eyJ" not in variables and "POSTERN_ID_TOKEN" not in variables and "PGPASSWORD=" in variables
    password = re.search(r"PGPASSWORD=([0-9a-f]{32})", variables)[1]
    # Nobody but root reads exec's own variables, where the token still is.
    assert os.stat(f"/proc/{process.pid}/environ").st_uid == 0
    output, errors = process.communicate("", timeout=10)
    assert password not in output + errors and "eyJ" not in output + errors


def test_postern_job_needs_glibc_alone(job, gateway):
    program = os.path.join(os.path.dirname(__file__), "..", "..", ".build-job", "release", "postern-job")
    if not os.path.exists(program):
        pytest.skip("`make postern-job` has not run")
    headers = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", headers))
    assert needed <= {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
    assert os.stat(program).st_size < 40 << 20
    began = time.perf_counter()
    assert subprocess.run([program, "--version"], capture_output=True, timeout=10).returncode == 0
    first = time.perf_counter() - began
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        subprocess.run([program, "--version"], capture_output=True, timeout=10)
        spent.append(time.perf_counter() - began)
    assert min(first, *spent) < 0.03
    done = jobs.run(job, "psql", "-XAtc", "select 1", binary=program)
    assert done.stdout == "1\n" and "1 session as app on app" in done.stderr, done.stderr
    # A token service over TLS, with what OpenSSL has of its own linked in.
    assert jobs.run(job, options=["--diagnose"], binary=program).returncode == 0
