"""Client certificates as a second factor: who is let in, what policies match, what the journal keeps."""

import hashlib
import json
import os
import re
import shutil
import signal
import ssl

import psycopg
import pytest
from cryptography import x509
from support import journal, outcomes
from support.certificates import Authority
from support.clients import run, succeed
from support.gateway import Gateway, plain_role
from support.policy_verbs import policy
from support.waiting import until

from test_reload import reload

ONE_TEXT = re.compile(r"FATAL:  access refused \(session ([0-9a-z]{16})\)")
NAMES = [
    x509.DNSName("Runner-1.CI.acme.internal"),
    x509.UniformResourceIdentifier("spiffe://acme/ns/ci/sa/runner"),
    x509.RFC822Name("ops@acme.test"),
]


def certified(certificate, login="app"):
    return plain_role() | {
        "login": login, "shared_login": True,
        "who": [{"issuer": "ci", "claims": {"repository": "acme/app"}, "certificate": certificate}],
    }


ROLES = {
    "app": plain_role() | {"shared_login": True},
    "runner": certified({"subject": "CN=runner-1,O=Acme"}),
    "pool": certified({"subject": {"glob": "CN=runner-*,O=Acme"}, "dns": ["other", {"glob": "*.ci.acme.internal"}]}),
    "spiffe": certified({"uri": {"glob": "spiffe://acme/ns/ci/sa/*"}}),
    "mail": certified({"email": "ops@acme.test"}),
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Another authority than the servers'."""
    return Authority(tmp_path_factory.mktemp("clients"), "Acme runners")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, postgres, issuer, authority, clients):
    process = Gateway(tmp_path_factory.mktemp("certificates"), postgres, issuer, authority, start=False, roles=ROLES)
    shutil.copy(clients.ca, f"{process.folder}/clients.crt")
    process.configuration["listeners"][1]["tls"]["client_ca"] = "clients.crt"
    process.write()
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def good(clients):
    return clients.issue_client("good", names=NAMES)


def session_of(connection):
    return connection.execute("select current_setting('application_name')").fetchone()[0].rpartition("/")[2]


def log_in(gateway, **changes):
    """The record of the start of a session that could begin."""
    with psycopg.connect(**gateway.tls(**changes)) as connection:
        session = session_of(connection)
    return outcomes.records_of(gateway, session, "session.start")[0]


def refusal(gateway, **changes):
    """The record of a job that heard the one text."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**gateway.tls(**changes))
    session = ONE_TEXT.search(str(caught.value)).group(1)
    (record,) = outcomes.records_of(gateway, session, "session.refused")
    return record


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_psql_with_a_certificate_logs_in_and_the_journal_names_it(gateway, good, version):
    versions = {"ssl_min_protocol_version": version, "ssl_max_protocol_version": version}
    parameters = gateway.tls(**good, **versions)
    application = succeed(parameters, "psql", "-XAtc", "show application_name").strip()
    start = outcomes.records_of(gateway, application.rpartition("/")[2], "session.start")[0]
    with open(good["sslcert"]) as file:
        der = ssl.PEM_cert_to_DER_cert(file.read())
    assert start["client"]["tls"] == version
    # An e-mail address is kept only where the role asks for one.
    assert start["client"]["certificate"] == {
        "subject": "CN=runner-1,O=Acme",
        "dns": ["runner-1.ci.acme.internal"],
        "uri": ["spiffe://acme/ns/ci/sa/runner"],
        "sha256": hashlib.sha256(der).hexdigest(),
    }


UNUSABLE = {
    "none": (lambda *_: {}, "peer did not return a certificate", "certificate required|handshake failure"),
    "expired": (lambda clients, _: clients.issue_client("old", expired=True), "certificate has expired", "certificate expired"),
    "stranger": (
        lambda _, authority: authority.issue_client("stranger"), "self-signed certificate in certificate chain",
        "unknown ca",
    ),
    "usage": (
        lambda clients, _: clients.issue_client("server", usage="server"), "unsuitable certificate purpose",
        "unsupported certificate",
    ),
}


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("case", UNUSABLE)
def test_without_a_good_certificate_no_token_is_asked_for(gateway, clients, authority, case, version):
    make, reason, alert = UNUSABLE[case]
    before = len(journal.records(gateway.journal_folder, "session.refused"))
    # libpq would look for a certificate of its own in the home directory.
    parameters = gateway.tls() | {"sslcert": "", "ssl_max_protocol_version": version} | make(clients, authority)
    code, _, errors = run(parameters, "psql", "-c", "select 1")
    assert code == 2
    # The alert may be lost where the client was still writing; that it is over is not.
    assert re.search(alert + "|server closed the connection|Connection reset|Broken pipe|SSL SYSCALL", errors), errors
    records = until(lambda: journal.records(gateway.journal_folder, "session.refused")[before:])
    assert [(record["stage"], record["reason"]) for record in records] == [("tls", f"handshake: {reason}")]


def test_a_policy_matches_subject_and_alternative_names(gateway, clients, good):
    for role in ("runner", "pool", "spiffe", "mail"):
        assert log_in(gateway, user=role, **good)["role"] == role
    assert log_in(gateway, user="mail", **good)["client"]["certificate"]["email"] == ["ops@acme.test"]
    other = clients.issue_client("other", subject="CN=runner-2,O=Acme", names=[x509.DNSName("a.b.ci.acme.internal")])
    reasons = {
        "runner": "certificate `subject` does not match",
        "pool": "certificate `dns` does not match",
        "spiffe": "certificate `uri` does not match",
        "mail": "certificate `email` does not match",
    }
    for role, reason in reasons.items():
        record = refusal(gateway, user=role, **other)
        assert (record["stage"], record["reason"]) == ("grant", reason)
        assert record["client"]["certificate"]["subject"] == "CN=runner-2,O=Acme"
        assert record["identity"]["subject"]


@pytest.mark.parametrize(
    "subject", [r"CN=runner-1\,O=Acme", "CN=runner-1,O=Evil", "CN=runner-1,OU=x,O=Acme", "CN=runner-1,O=Acme,C=DE"]
)
def test_a_subject_that_only_looks_like_another_does_not_match(gateway, clients, subject):
    forged = clients.issue_client("forged", subject=subject, names=NAMES)
    for role in ("runner", "pool"):
        record = refusal(gateway, user=role, **forged)
        assert record["reason"] == "certificate `subject` does not match"
        assert record["client"]["certificate"]["subject"] == subject


def test_a_certificate_is_no_token_and_a_token_no_certificate(gateway, issuer, good):
    assert refusal(gateway, user="runner", token=issuer.forged(), **good)["reason"] == "signature"
    # The listeners that ask for no certificate: the claims alone are not enough.
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**gateway.plain(user="runner"))
    session = ONE_TEXT.search(str(caught.value)).group(1)
    (record,) = outcomes.records_of(gateway, session, "session.refused")
    assert record["reason"] == "certificate is missing" and "certificate" not in record["client"]


def test_names_that_cannot_be_read_whole_are_no_names(gateway, clients):
    many = clients.issue_client("many", names=[x509.DNSName(f"host-{number}.test") for number in range(65)])
    before = len(journal.records(gateway.journal_folder, "session.refused"))
    code, _, errors = run(gateway.tls(**many), "psql", "-c", "select 1")
    assert code == 2 and "the client certificate's names cannot be read" in errors
    records = until(lambda: journal.records(gateway.journal_folder, "session.refused")[before:])
    assert records[0]["reason"].endswith("it has too many alternative names")


def test_a_replaced_authority_holds_for_the_next_connection(gateway, clients, authority, good):
    theirs = authority.issue_client("theirs")
    path = f"{gateway.folder}/clients.crt"

    def enters(certificate):
        return run(gateway.tls(**certificate), "psql", "-c", "select 1")[0] == 0

    with psycopg.connect(**gateway.tls(**good)) as connection:
        shutil.copy(authority.ca, f"{path}.new")
        os.rename(f"{path}.new", path)
        try:
            # Nobody has to say so: the file is watched as the other certificates are.
            until(lambda: enters(theirs), what="the new authority")
            assert not enters(good)
            assert connection.execute("select 1").fetchone() == (1,)
        finally:
            shutil.copy(clients.ca, f"{path}.new")
            os.rename(f"{path}.new", path)
            until(lambda: enters(good), what="the old authority")


def test_a_file_without_certificates_keeps_the_old_ones(gateway, good):
    path = f"{gateway.folder}/clients.crt"
    failed = 'postern_config_reloads_total{result="failure"}'
    before = gateway.metrics()[failed]
    shutil.copy(path, f"{path}.good")
    with open(path, "w") as file:
        file.write("nothing\n")
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.metrics()[failed] > before)
    os.rename(f"{path}.good", path)
    assert log_in(gateway, **good)["role"] == "app"


def test_a_name_that_leaves_the_policy_ends_its_sessions(gateway, good):
    with psycopg.connect(**gateway.tls(user="spiffe", **good), autocommit=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        entry = gateway.roles["spiffe"]["who"][0]
        named, entry["certificate"] = entry["certificate"], {"uri": "spiffe://acme/ns/ci/sa/other"}
        gateway.write()
        reload(gateway)
        try:
            with pytest.raises(psycopg.errors.AdminShutdown, match="revoked"):
                connection.execute("select 1")
        finally:
            entry["certificate"] = named
            gateway.write()
            reload(gateway)


def test_check_says_what_listeners_ask_for(gateway):
    code, output, _ = run({}, gateway.binary, "check", "--config", f"{gateway.folder}/postern.yaml")
    assert code == 0 and f"127.0.0.1:{gateway.tls_port} (TLS, client certificates)" in output


def test_audit_show_names_the_certificate(gateway, good):
    session = log_in(gateway, user="runner", **good)["session"]
    code, output, _ = run({}, gateway.binary, "audit", "show", session, gateway.journal_folder)
    assert code == 0 and re.search('^ +certificate +"CN=runner-1,O=Acme"$', output, re.M), output


def test_explain_and_test_decide_by_certificate_too(gateway, good, tmp_path):
    with open(f"{tmp_path}/job.json", "w") as file:
        json.dump({"repository": "acme/app"}, file)

    def explain(*arguments):
        return policy(
            gateway.folder, "explain", "--claims", f"{tmp_path}/job.json", "--issuer", "ci", "--role", "pool",
            "--database", "app", "--sql", "select 1", *arguments,
        )

    assert explain("--client-certificate", good["sslcert"]).returncode == 0
    without = explain()
    assert without.returncode == 1 and "may not be role pool: certificate is missing" in without.stdout
    assert "no certificate" in explain("--client-certificate", f"{tmp_path}/job.json").stderr
    common = {"role": "pool", "issuer": "ci", "claims": {"repository": "acme/app"}}
    good_names = {"subject": "CN=runner-7,O=Acme", "dns": ["x.test", "a.ci.acme.internal"]}
    tests = [
        {"name": "with", "certificate": good_names, "expect": "allow"},
        {"name": "other", "certificate": good_names | {"subject": "CN=runner-7,O=Evil"}, "expect": "refused",
         "reason": "certificate `subject` does not match"},
        {"name": "nameless", "certificate": {"subject": "CN=runner-7,O=Acme"}, "expect": "refused",
         "reason": "certificate `dns` does not match"},
        {"name": "without", "expect": "refused", "reason": "certificate is missing"},
    ]
    path = f"{tmp_path}/pool_test.yaml"
    with open(path, "w") as file:
        json.dump({"tests": [test | common for test in tests]}, file)
    result = policy(gateway.folder, "test", "--config", f"{gateway.folder}/postern.yaml", path)
    assert result.returncode == 0 and "PASS: 4/4" in result.stdout, result.stdout + result.stderr


def test_who_asks_for_a_certificate_that_nobody_is_asked_for_is_a_mistake(gateway):
    folder = f"{gateway.folder}/unasked"
    os.makedirs(f"{folder}/policies")
    configuration = json.loads(json.dumps(gateway.configuration))
    del configuration["listeners"][1]["tls"]["client_ca"]
    with open(f"{folder}/postern.yaml", "w") as file:
        json.dump(configuration, file)
    with open(f"{folder}/policies/app.yaml", "w") as file:
        json.dump({"roles": {"runner": ROLES["runner"]}}, file, indent=1)
    code, _, errors = run({}, gateway.binary, "check", "--config", f"{folder}/postern.yaml")
    assert code == 1 and "an entry with `certificate` never matches: no listener asks for one" in errors
