"""Who may come in, and what the others hear."""

import re

import psycopg
import pytest
from support import journal
from support.waiting import until

ONE_TEXT = re.compile(r"FATAL:  access refused \(session ([0-9a-z]{16})\)")


def refusal(parameters):
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**parameters)
    return str(caught.value)


@pytest.mark.parametrize("listener", ["plain", "tls", "unix"])
def test_a_good_token_logs_in(gateway, listener):
    with psycopg.connect(**getattr(gateway, listener)()) as connection:
        user, application = connection.execute(
            "select current_user, current_setting('application_name')"
        ).fetchone()
    assert user == "app"
    role, session = re.fullmatch(r"postern/([^/]+)/([0-9a-z]{16})", application).groups()
    assert role == "app"

    def events():
        found = [record["event"] for record in journal.of_session(gateway.journal_folder, session)]
        return [event for event in found if event.startswith("session.")]

    # The end is written when the server has closed its side.
    until(lambda: "session.end" in events())
    assert events() == ["session.start", "session.end"]


BAD_TOKENS = {
    "audience": lambda issuer: issuer.token(aud="somebody-else"),
    "expired": lambda issuer: issuer.token(iat=1_700_000_000, exp=1_700_000_600),
    "signature": lambda issuer: issuer.forged(),
    "algorithm": lambda issuer: issuer.unsigned(),
    "unknown issuer": lambda issuer: issuer.token(iss="https://elsewhere.test"),
    "missing claim": lambda issuer: issuer.token(sub=None),
    "malformed token": lambda issuer: "not-a-token",
}


@pytest.mark.parametrize("reason", BAD_TOKENS)
def test_every_bad_token_gets_the_one_text_and_the_journal_the_reason(gateway, issuer, reason):
    token = BAD_TOKENS[reason](issuer)
    session = ONE_TEXT.search(refusal(gateway.tls(token))).group(1)
    (record,) = journal.of_session(gateway.journal_folder, session)
    assert (record["event"], record["stage"], record["reason"]) == ("session.refused", "token", reason)
    assert token not in open(f"{gateway.folder}/gateway.log").read()


@pytest.mark.parametrize(
    ("changes", "parameters", "reason"),
    [
        ({"ref": "refs/heads/other"}, {}, "claim `ref` does not match"),
        ({"repository": None}, {}, "claim `repository` is missing"),
        ({}, {"user": "nobody"}, "unknown role"),
        ({}, {"dbname": "elsewhere"}, "database not granted"),
    ],
)
def test_what_is_not_granted_gets_the_one_text_too(gateway, issuer, changes, parameters, reason):
    session = ONE_TEXT.search(refusal(gateway.plain(issuer.token(**changes), **parameters))).group(1)
    (record,) = journal.of_session(gateway.journal_folder, session)
    assert (record["stage"], record["reason"]) == ("grant", reason)
    assert record["identity"]["subject"] == "repo:acme/app:ref:refs/heads/main"


def test_a_token_is_not_asked_for_without_tls(gateway):
    assert "no encryption" in refusal(gateway.tls(sslmode="disable"))


def test_replication_is_refused(gateway):
    assert "replication connections are not allowed" in refusal(gateway.plain(replication="database"))


def test_the_upstream_password_and_tokens_are_nowhere_on_disk(gateway, issuer):
    token = issuer.token()
    with psycopg.connect(**gateway.tls(token)) as connection:
        connection.execute("select 1")
    written = gateway.log_text() + "".join(
        line.decode() for name in journal.chains(gateway.journal_folder)
        for _, line in journal.lines(gateway.journal_folder, name)
    )
    for secret in (token, token.split(".")[2], "s3cret-upstream-password"):
        assert secret not in written


def test_the_journal_of_all_this_verifies(gateway):
    assert sum(journal.verify(gateway.journal_folder).values()) > 3
