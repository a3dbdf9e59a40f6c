"""How many may come in, how long they may take, and how long they may stay."""

import copy
import select
import time

import psycopg
import pytest
from support import journal
from support.gateway import plain_role
from support.rawclient import RawClient, query, startup
from support.waiting import until


def database(gateway, **changes):
    """The gateway's database entry with other settings."""
    databases = copy.deepcopy(gateway.configuration["databases"])
    databases["app"] |= changes
    return databases


def refused(gateway, reason):
    return sum(value for name, value in gateway.metrics().items()
               if name.startswith("postern_refusals_total{") and f'reason="{reason}"' in name)


def fatal(parameters):
    """The text with which a login is refused."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**parameters, connect_timeout=10)
    return str(caught.value)


def waiting_for_password(port, source=None):
    """A connection that has sent its startup packet and no more."""
    client = RawClient(port, source)
    client.send(startup()).until(b"R")
    return client


def enters_soon(gateway):
    """Waits until a place is free: a job logs in."""
    def enters():
        try:
            psycopg.connect(**gateway.plain(), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            assert "too many" in str(error)
            return False
        return True
    until(enters, 5, "a free place")


def ending(gateway, session):
    def reason():
        return [record["reason"] for record in journal.of_session(gateway.journal_folder, session)
                if record["event"] == "session.end"]
    return until(reason, what="session.end")[0]


def name_of(connection):
    return connection.execute("select current_setting('application_name')").fetchone()[0].split("/")[2]


def test_connections_beyond_the_limit_are_refused_and_a_place_becomes_free_again(make_gateway):
    gateway = make_gateway(limits={"connections": 2})
    with psycopg.connect(**gateway.plain()), psycopg.connect(**gateway.tls()):
        with RawClient(gateway.plain_port) as client:
            words = client.last_words()
        assert (words["S"], words["C"]) == ("FATAL", "53300")
        assert "too many connections to the gateway" in words["M"]
        assert "too many connections to the gateway" in fatal(gateway.plain())
        assert refused(gateway, "connections") >= 2
    enters_soon(gateway)


def test_a_connection_that_was_turned_away_is_not_counted_as_open(make_gateway):
    gateway = make_gateway(limits={"connections": 1})
    with RawClient(gateway.plain_port):
        until(lambda: gateway.metrics()["postern_connections"] == 1, what="the connection")
        with RawClient(gateway.plain_port) as client:
            assert client.last_words()["C"] == "53300"
    until(lambda: gateway.metrics()["postern_connections"] == 0, 5, "the end of both connections")


def test_unauthenticated_connections_beyond_the_total_are_refused(make_gateway):
    gateway = make_gateway(limits={"unauthenticated": 3, "unauthenticated_per_address": 3})
    held = [waiting_for_password(gateway.plain_port) for _ in range(3)]
    with RawClient(gateway.plain_port) as client:
        words = client.last_words()
    assert words["C"] == "53300" and "have not logged in" in words["M"]
    held.pop().close()
    enters_soon(gateway)
    for client in held:
        client.close()


def test_at_the_total_the_oldest_connection_without_a_startup_packet_makes_room(make_gateway):
    gateway = make_gateway(limits={"unauthenticated": 3, "unauthenticated_per_address": 3})
    silent = []
    for count in range(1, 4):
        silent.append(RawClient(gateway.plain_port))
        until(lambda: gateway.metrics()["postern_connections"] == count, what="the connection")
    psycopg.connect(**gateway.plain(), connect_timeout=10).close()
    until(silent[0].is_over, 5, "the end of the oldest")
    assert not silent[2].is_over()
    for client in silent:
        client.close()


def test_unauthenticated_connections_of_one_address_do_not_keep_others_out(make_gateway):
    gateway = make_gateway(limits={"unauthenticated": 50, "unauthenticated_per_address": 2})
    held = [waiting_for_password(gateway.plain_port, "127.0.0.9") for _ in range(2)]
    with RawClient(gateway.plain_port, "127.0.0.9") as client:
        assert client.last_words()["C"] == "53300"
    assert refused(gateway, "unauthenticatedPerAddress") + refused(gateway, "unauthenticated_per_address") == 1
    psycopg.connect(**gateway.plain()).close()
    for client in held:
        client.close()


def test_a_session_does_not_count_as_unauthenticated(make_gateway):
    gateway = make_gateway(limits={"unauthenticated": 2, "unauthenticated_per_address": 1})
    open_sessions = [psycopg.connect(**gateway.plain()) for _ in range(5)]
    for connection in open_sessions:
        assert connection.execute("select 1").fetchone() == (1,)
        connection.close()


@pytest.mark.parametrize("stage", ["silent", "after the startup packet", "half a startup packet", "mid TLS"])
def test_a_login_that_takes_too_long_ends(make_gateway, stage):
    gateway = make_gateway(limits={"login_timeout": "1s"})
    client = RawClient(gateway.tls_port if stage == "mid TLS" else gateway.plain_port)
    began = time.monotonic()
    if stage == "after the startup packet":
        client.send(startup())
    elif stage == "half a startup packet":
        client.send(startup()[:10])
    elif stage == "mid TLS":
        client.send(b"\x00\x00\x00\x08\x04\xd2\x16\x2f\x16\x03\x01\x02\x00\x01")
        assert client.read(1) == b"S"
    words = client.last_words()
    assert 0.8 < time.monotonic() - began < 6
    client.close()
    if stage == "after the startup packet":
        assert words["S"] == "FATAL" and "took too long" in words["M"]
    until(lambda: gateway.metrics()["postern_connections"] == 0, what="the connection's end")
    psycopg.connect(**gateway.plain()).close()


def test_a_session_outlives_the_login_timeout(make_gateway):
    gateway = make_gateway(limits={"login_timeout": "500ms"})
    with psycopg.connect(**gateway.plain()) as connection:
        connection.execute("select pg_sleep(1.2)")


def test_sessions_of_a_role_beyond_its_limit_are_refused(make_gateway):
    gateway = make_gateway(roles={"app": plain_role(sessions=2)})
    first = psycopg.connect(**gateway.plain())
    with psycopg.connect(**gateway.plain()):
        with RawClient(gateway.plain_port) as client:
            client.send(startup()).until(b"R")
            token = gateway.issuer.token().encode()
            client.send(b"p" + (len(token) + 5).to_bytes(4, "big") + token + b"\0")
            words = client.last_words()
        assert words["C"] == "53300" and "sessions of this role" in words["M"]
        first.close()
        # Its place is free at once: a pipeline's next step must not be refused.
        psycopg.connect(**gateway.plain()).close()
    (record,) = journal.records(gateway.journal_folder, "session.refused")
    assert (record["stage"], record["reason"]) == ("limit", "sessions")
    assert record["identity"]["subject"] == "repo:acme/app:ref:refs/heads/main"


def test_connections_to_a_database_beyond_its_limit_are_refused(make_gateway):
    gateway = make_gateway(start=False)
    gateway.configuration["databases"] = database(gateway, connections=1)
    gateway.write()
    gateway.start()
    with psycopg.connect(**gateway.plain()):
        assert "too many connections to this database" in fatal(gateway.plain())
    enters_soon(gateway)


LIMITS = {
    "idle": ("57P05", "limit idle", ""),
    "idle_in_transaction": ("25P03", "limit idle_in_transaction", "begin"),
    "session": ("57P01", "limit session", ""),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("listener", ["plain", "tls"])
def test_a_session_that_stays_too_long_hears_why_and_ends(make_gateway, postgres, limit, listener):
    code, reason, statement = LIMITS[limit]
    gateway = make_gateway(roles={"app": plain_role(**{limit: "1s"})})
    client = RawClient(gateway.tls_port if listener == "tls" else gateway.plain_port)
    if listener == "tls":
        client.start_tls(gateway.authority.ca)
    client.log_in(gateway.issuer.token())
    if statement:
        client.send(query(statement)).until(b"Z")
    began = time.monotonic()
    words = client.last_words()
    assert words["S"] == "FATAL" and words["C"] == code
    assert 0.7 < time.monotonic() - began < 5
    session = words["M"].rpartition("(session ")[2].rstrip(")")
    assert ending(gateway, session) == reason
    with postgres.superuser() as connection:
        until(lambda: connection.execute(
            "select count(*) from pg_stat_activity where application_name like %s", (f"%/{session}",)
        ).fetchone() == (0,), what="the upstream session's end")


def test_every_statement_begins_the_idle_time_anew(make_gateway):
    gateway = make_gateway(roles={"app": plain_role(idle="700ms", idle_in_transaction="700ms")})
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            connection.execute("select pg_sleep(0.1)")


def test_a_long_statement_is_not_idle(make_gateway):
    gateway = make_gateway(roles={"app": plain_role(idle="500ms", idle_in_transaction="500ms")})
    with psycopg.connect(**gateway.plain()) as connection:
        assert connection.execute("select pg_sleep(2), 7").fetchone()[1] == 7


def test_the_session_limit_ends_a_statement_that_runs(make_gateway, postgres):
    gateway = make_gateway(roles={"app": plain_role(session="1s")})
    with psycopg.connect(**gateway.plain()) as connection:
        session = name_of(connection)
        with pytest.raises(psycopg.errors.AdminShutdown):
            connection.execute("select pg_sleep(20), 'of the session'")
    assert ending(gateway, session) == "limit session"
    # On the server as well, which would notice the end of the connection only when it is done.
    with postgres.superuser("app", autocommit=True) as behind:
        still = "select 1 from pg_stat_activity where query like '%of the session%' and pid <> pg_backend_pid()"
        until(lambda: behind.execute(still).fetchone() is None, 5, "the statement's end")


def test_an_idle_limit_is_not_the_servers_own(make_gateway):
    gateway = make_gateway(roles={"app": plain_role(idle="1s")})
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        connection.execute("set idle_session_timeout = 0")
        assert connection.execute("show idle_session_timeout").fetchone() == ("0",)
        until(lambda: connection.pgconn.socket >= 0 and _gone(connection), 5, "the end of the idle session")


def _gone(connection):
    """Whether the last word of the gateway has arrived."""
    return bool(select.select([connection.pgconn.socket], [], [], 0)[0])
