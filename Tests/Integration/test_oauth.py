"""OAUTHBEARER: the token by SASL, from the libpq 18 that psycopg brings and from clients that do not keep to the rules."""

import json
import re
import struct

import psycopg
import pytest
from support import journal, libpq, outcomes, wire
from support.clients import run
from support.gateway import Gateway, plain_role
from support.tokens import ISSUER
from support.waiting import free_port, until
from support.wire import Wire

CONFIGURATION = f"{ISSUER}/.well-known/openid-configuration"
SCOPE = "openid postern"
ONE_TEXT = re.compile(r"FATAL:  access refused \(session ([0-9a-z]{16})\)")
ACKNOWLEDGEMENT = wire.message("p", b"\x01")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, postgres, issuer, authority):
    """Beside the listeners with passwords, two that ask for OAUTHBEARER: with TLS and without."""
    process = Gateway(
        tmp_path_factory.mktemp("oauth"), postgres, issuer, authority, start=False,
        roles={
            "app": plain_role(),
            "other": plain_role() | {"who": [{"issuer": "ci", "claims": {"ref": "x"}}]},
            "once": plain_role() | {"single_use": True},
        },
    )
    for role in process.roles.values():
        role["shared_login"] = True
    process.oauth_port, process.bare_port = free_port(), free_port()
    tls = process.configuration["listeners"][1]["tls"]
    process.configuration["listeners"] += [
        {"address": f"127.0.0.1:{process.oauth_port}", "tls": tls, "authentication": "oauthbearer",
         "oauth": {"issuer": "ci", "scope": SCOPE}},
        {"address": f"127.0.0.1:{process.bare_port}", "authentication": "oauthbearer"},
    ]
    process.write()
    process.start()
    yield process
    process.stop()


def parameters(gateway, **changes):
    return {
        "host": "localhost", "hostaddr": "127.0.0.1", "port": gateway.oauth_port, "user": "app", "dbname": "app",
        "sslmode": "verify-full", "sslrootcert": gateway.authority.ca, "oauth_issuer": ISSUER,
        "oauth_client_id": "ci",
    } | changes


def connections(gateway):
    return gateway.metrics()["postern_connections_total"]


def discoveries(gateway):
    return gateway.metrics()["postern_oauth_discoveries_total"]


def refusals(gateway):
    return journal.records(gateway.journal_folder, "session.refused")


def refused(gateway, token, **changes):
    """What libpq says of a token that is refused, and the records of it."""
    with libpq.tokens(token), pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**parameters(gateway, **changes))
    session = ONE_TEXT.search(str(caught.value)).group(1)
    return str(caught.value), outcomes.records_of(gateway, session, "session.refused")


# libpq 18


def test_libpq_is_told_where_to_get_a_token_and_logs_in_with_it(gateway, issuer):
    before = connections(gateway), discoveries(gateway), len(refusals(gateway))
    with libpq.tokens(issuer.token()) as asked, psycopg.connect(**parameters(gateway)) as connection:
        assert connection.execute("select current_user").fetchone() == ("app",)
        application = connection.execute("select current_setting('application_name')").fetchone()[0]
    assert asked == [(CONFIGURATION, SCOPE)]
    # One connection to find out, which is nobody who was refused, and one with the token.
    after = connections(gateway), discoveries(gateway), len(refusals(gateway))
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 0]
    session = application.rpartition("/")[2]
    events = [record["event"] for record in outcomes.records_of(gateway, session, "session.end")]
    assert (events[0], events[-1]) == ("session.start", "session.end")


def test_libpq_that_knows_where_spares_the_first_connection(gateway, issuer):
    before = connections(gateway)
    with libpq.tokens(issuer.token()), psycopg.connect(**parameters(gateway, oauth_issuer=CONFIGURATION)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert connections(gateway) - before == 1


def test_the_connection_that_finds_out_uses_up_no_token(gateway, issuer):
    token = issuer.token()
    with libpq.tokens(token), psycopg.connect(**parameters(gateway, user="once")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    _, records = refused(gateway, token, user="once")
    assert [record["reason"] for record in records] == ["token used before"]


def test_libpq_does_not_trust_another_issuer(gateway, issuer):
    with libpq.tokens(issuer.token()) as asked, pytest.raises(psycopg.OperationalError, match="is incompatible with oauth_issuer"):
        psycopg.connect(**parameters(gateway, oauth_issuer="https://elsewhere.test"))
    assert asked == []


REFUSED = {
    "signature": (lambda issuer: issuer.forged(), {}, "token", "signature"),
    "expired": (lambda issuer: issuer.token(iat=1_700_000_000, exp=1_700_000_600), {}, "token", "expired"),
    "no jwt": (lambda _: "abc", {}, "token", "malformed token"),
    "large": (lambda _: "e" * 20_000, {}, "token", "too large"),
    "role": (lambda issuer: issuer.token(), {"user": "other"}, "grant", "claim `ref` does not match"),
    "nobody": (lambda issuer: issuer.token(), {"user": "nobody"}, "grant", "unknown role"),
    "database": (lambda issuer: issuer.token(), {"dbname": "elsewhere"}, "grant", "database not granted"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_refused_token_hears_the_one_text_and_is_recorded_once_with_its_reason(gateway, issuer, case):
    token, changes, stage, reason = REFUSED[case]
    token = token(issuer)
    text, records = refused(gateway, token, **changes)
    assert [(record["event"], record["stage"], record["reason"]) for record in records] == [
        ("session.refused", stage, reason)
    ]
    assert token not in text and token not in gateway.log_text()
    if len(token) > 100:
        # Neither whole nor in parts.
        written = b"".join(line for name in journal.chains(gateway.journal_folder) for _, line in journal.lines(gateway.journal_folder, name))
        assert not any(part.encode() in written for part in token.split("."))


def test_a_token_beyond_what_a_message_may_hold_is_a_violation(gateway):
    with libpq.tokens("e" * 70_000), pytest.raises(psycopg.OperationalError, match="invalid SASL message length"):
        psycopg.connect(**parameters(gateway))


def test_a_password_is_no_answer_and_other_drivers_are_told(gateway, issuer):
    """libpq 15, as psql has it here, knows no OAUTHBEARER and says so."""
    old = {name: value for name, value in parameters(gateway).items() if not name.startswith("oauth_")}
    code, _, errors = run(old | {"password": issuer.token()}, "psql", "-c", "select 1")
    assert code == 2 and "SASL" in errors, errors
    assert "OAUTHBEARER" in errors or "none of the server's SASL authentication mechanisms are supported" in errors


def test_without_tls_no_token_is_asked_for(gateway):
    with Wire.plain(gateway.oauth_port) as job:
        job.send(wire.startup())
        assert "no encryption" in job.fatal()["M"]


# The bytes


def initial(data, mechanism=b"OAUTHBEARER"):
    body = mechanism + b"\0" + (struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data)
    return wire.message("p", body)


def bearer(token):
    return b"n,,\x01auth=Bearer " + token.encode() + b"\x01\x01"


def asked(gateway):
    job = Wire.plain(gateway.bare_port)
    job.send(wire.startup())
    assert job.receive() == ("R", struct.pack(">I", 10) + b"OAUTHBEARER\0\0")
    return job


def challenged(job):
    kind, body = job.receive()
    assert kind == "R" and struct.unpack(">I", body[:4]) == (11,) and len(body) + 4 <= 2000
    assert json.loads(body[4:]) == {
        "status": "invalid_token", "openid-configuration": CONFIGURATION, "scope": "openid",
    }


def test_discovery_and_a_refused_token_get_the_same_challenge_and_the_same_end(gateway, issuer):
    ends = []
    for data in (b"n,,\x01auth=\x01\x01", bearer(issuer.forged()), bearer(issuer.token(ref="x")), b"n,,\x01auth=Basic x\x01\x01"):
        with asked(gateway) as job:
            job.send(initial(data))
            challenged(job)
            job.send(ACKNOWLEDGEMENT)
            fields = job.fatal()
            fields["M"] = re.sub(r"[0-9a-z]{16}\)$", ")", fields["M"])
            ends.append(fields)
    assert ends[0]["C"] == "28000" and ends[0]["M"] == "access refused (session )"
    assert all(end == ends[0] for end in ends)


def test_success_is_authentication_ok_with_nothing_before_it(gateway, issuer):
    with asked(gateway) as job:
        job.send(initial(bearer(issuer.token())))
        assert job.welcome().ask("select 1") == ["1"]
    # A client that waits for an empty challenge first, whose pieces come one by one.
    with asked(gateway) as job:
        job.send_bytewise(initial(None))
        assert job.receive() == ("R", struct.pack(">I", 11))
        job.send_bytewise(wire.message("p", b"y,,\x01host=x\x01auth=bearer   " + issuer.token().encode() + b"\x01\x01"), 100)
        assert job.welcome().ask("select 1") == ["1"]


@pytest.mark.parametrize(
    ("messages", "state", "text"),
    [
        ([wire.password("token")], "08P01", "invalid SASL initial response"),
        ([wire.query("select 1")], "08P01", "expected SASL response"),
        ([wire.startup()], "08P01", "expected SASL response"),
        ([initial(b"n,,\x01auth=\x01\x01", b"SCRAM-SHA-256")], "08P01", "only the SASL mechanism OAUTHBEARER"),
        ([initial(b"p=tls-exporter,,\x01auth=\x01\x01")], "08P01", "malformed OAUTHBEARER message"),
        ([initial(b"n,a=me,\x01auth=\x01\x01")], "0A000", "authorization identity"),
        ([initial(b"n,,\x01auth=Bearer a.b.c\x01\x01") + ACKNOWLEDGEMENT], "08P01", "message before the login is done"),
        ([initial(b"n,,\x01auth=\x01\x01"), wire.message("p", b"\x02")], "08P01", "answered by one separator"),
        ([initial(b"n,,\x01auth=\x01\x01"), wire.message("p", b"")], "08P01", "invalid SASL message length"),
        ([initial(b"n,,\x01auth=\x01\x01"), wire.message("p", b"\x01\x01")], "08P01", "invalid SASL message length"),
        ([initial(b"n,,\x01auth=\x01\x01"), wire.query("select 1")], "08P01", "expected SASL response"),
        ([b"p" + struct.pack(">I", 65536)], "08P01", "invalid SASL message length"),
        ([b"p" + struct.pack(">I", 0xFFFFFFFF)], "08P01", "invalid SASL message length"),
    ],
)
def test_whoever_does_not_keep_to_the_rules_is_turned_away(gateway, messages, state, text):
    with asked(gateway) as job:
        job.send(messages[0])
        for message in messages[1:]:
            challenged(job)
            job.send(message)
        fields, record = outcomes.refused(gateway, job, state)
        assert text in fields["M"] and text in record["reason"]


def test_a_refused_job_is_recorded_once_whatever_it_says_then(gateway, issuer):
    for last in (wire.query("select 1"), ACKNOWLEDGEMENT, None):
        before = len(refusals(gateway))
        with asked(gateway) as job:
            job.send(initial(bearer(issuer.forged())))
            challenged(job)
            if last is None:
                job.shutdown_writes()
                assert job.rest() == b""
            else:
                job.send(last)
                assert job.fatal()["C"] in ("28000", "08P01")
        until(lambda: len(refusals(gateway)) == before + 1)


def test_a_job_that_never_answers_the_challenge_is_sent_away_in_time(gateway, make_gateway, issuer):
    quick = make_gateway(start=False, limits={"login_timeout": "500ms"})
    quick.configuration["listeners"][0]["authentication"] = "oauthbearer"
    quick.write()
    quick.start()
    for data, reason in ((b"n,,\x01auth=\x01\x01", "login_timeout"), (bearer(issuer.forged()), "signature")):
        with Wire.plain(quick.plain_port) as job:
            job.send(wire.startup())
            job.receive()
            job.send(initial(data))
            fields = job.fatal()
            assert fields["C"] == "28000"
            (record,) = outcomes.records_of(quick, outcomes.session_of(fields), "session.refused")
            assert record["reason"] == reason


def test_limits_are_told_as_they_are(gateway, make_gateway, issuer):
    """What is no refusal of the token needs no challenge."""
    full = make_gateway(start=False, roles={"app": plain_role(sessions=1)})
    full.configuration["listeners"][0]["authentication"] = "oauthbearer"
    full.write()
    full.start()
    with Wire.unix(f"{full.socket_folder}/.s.PGSQL.{full.plain_port}") as first, Wire.plain(full.plain_port) as second:
        first.log_in(issuer.token())
        second.send(wire.startup())
        second.receive()
        second.send(initial(bearer(issuer.token())))
        assert second.fatal()["C"] == "53300"
