"""Reload: one snapshot of everything or nothing, on SIGHUP and when files change."""

import copy
import os
import signal
import socket
import ssl

import psycopg
import pytest
from support import journal
from support.gateway import plain_role
from support.rawclient import RawClient, query
from support.tokens import Issuer
from support.waiting import until


def reloads(gateway, result="success"):
    return gateway.metrics()[f'postern_config_reloads_total{{result="{result}"}}']


def reload(gateway, result="success"):
    """Sends SIGHUP and waits until the reload is over."""
    before = reloads(gateway, result)
    gateway.signal(signal.SIGHUP)
    until(lambda: reloads(gateway, result) > before, what="the reload")


def log_in(gateway, **options):
    return RawClient(gateway.plain_port).log_in(gateway.issuer.token(), **options)


def served_certificate(gateway):
    """The certificate that the TLS listener shows now."""
    context = ssl.create_default_context(cafile=gateway.authority.ca)
    with socket.create_connection(("127.0.0.1", gateway.tls_port), timeout=10) as plain:
        plain.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
        assert plain.recv(1) == b"S"
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.getpeercert()["serialNumber"]


def replace(path, contents):
    """Puts a file in another's place at once, as careful programs do."""
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(contents)
    os.rename(f"{path}.new", path)


def read(path):
    with open(path, "rb") as file:
        return file.read()


@pytest.mark.parametrize("statement", ["", "begin"])
def test_a_session_whose_role_is_gone_ends_at_its_next_statement(make_gateway, statement):
    gateway = make_gateway()
    with log_in(gateway) as client:
        if statement:
            client.send(query(statement)).until(b"Z")
        gateway.roles = {"other": plain_role()}
        gateway.write()
        reload(gateway)
        assert not client.is_over()
        client.send(query("create table must_not_be_there ()"))
        words = client.last_words()
    assert (words["S"], words["C"]) == ("FATAL", "57P01") and "revoked" in words["M"]
    session = words["M"].rpartition("(session ")[2].rstrip(")")
    (end,) = until(lambda: [record for record in journal.of_session(gateway.journal_folder, session)
                            if record["event"] == "session.end"], what="session.end")
    assert end["reason"] == "revoked"
    (record,) = journal.records(gateway.journal_folder, "policy.reload")
    assert sorted(record["changed_roles"]) == ["app", "other"]
    (start,) = journal.records(gateway.journal_folder, "gateway.start")
    assert record["policy_hash"] != start["policy_hash"]
    assert os.path.isdir(f"{gateway.journal_folder}/policies/{record['policy_hash']}")
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.plain())
    psycopg.connect(**gateway.plain(user="other")).close()
    with psycopg.connect(**gateway.postgres.direct()) as connection:
        assert connection.execute("select to_regclass('must_not_be_there')").fetchone() == (None,)


@pytest.mark.parametrize("change", ["who", "login", "database"])
def test_a_session_that_would_no_longer_be_granted_ends(make_gateway, change):
    gateway = make_gateway()
    with log_in(gateway) as client:
        role = plain_role()
        if change == "who":
            role["who"][0]["claims"]["ref"] = "refs/heads/other"
        elif change == "login":
            logins = gateway.configuration["databases"]["app"]["logins"]
            logins["postgres"] = {"password": {"file": "app.password"}}
            role["login"] = "postgres"
        else:
            gateway.configuration["databases"]["second"] = copy.deepcopy(gateway.configuration["databases"]["app"])
            role["database"] = "second"
        gateway.roles = {"app": role}
        gateway.write()
        reload(gateway)
        client.send(query("select 1"))
        assert client.last_words()["C"] == "57P01"


def test_a_session_that_is_still_granted_goes_on(make_gateway):
    gateway = make_gateway()
    with log_in(gateway) as client:
        gateway.roles = {"app": plain_role(sessions=3), "another": plain_role() | {"login": "second"}}
        gateway.configuration["databases"]["app"]["logins"]["second"] = {"password": {"file": "app.password"}}
        gateway.write()
        reload(gateway)
        client.send(query("select 1")).until(b"Z")


def test_a_shorter_limit_holds_for_sessions_that_run(make_gateway):
    gateway = make_gateway()
    with log_in(gateway) as client:
        gateway.roles = {"app": plain_role(session="1s")}
        gateway.write()
        reload(gateway)
        client.send(query("select pg_sleep(0.01)"))
        assert client.last_words()["C"] == "57P01"


def test_changed_files_are_loaded_without_a_signal(make_gateway):
    gateway = make_gateway()
    before = reloads(gateway)
    gateway.roles = {"other": plain_role()}
    gateway.write()
    until(lambda: reloads(gateway) > before, 10, "the reload")
    psycopg.connect(**gateway.plain(user="other")).close()


def test_files_of_others_in_the_same_folder_do_not_hold_a_reload_up(make_gateway):
    gateway = make_gateway()
    before = reloads(gateway)
    gateway.roles = {"other": plain_role()}
    gateway.write()

    def reloaded():
        # Somebody's log beside the configuration, which is never quiet.
        with open(f"{gateway.folder}/policies/busy.log", "a") as file:
            file.write("a line\n")
        return reloads(gateway) > before
    until(reloaded, 6, "the reload")


def test_a_new_policy_file_is_noticed(make_gateway):
    gateway = make_gateway()
    before = reloads(gateway)
    gateway.configuration["databases"]["app"]["logins"]["second"] = {"password": {"file": "app.password"}}
    gateway.write()
    until(lambda: reloads(gateway) > before, 10, "the first reload")
    os.makedirs(f"{gateway.folder}/policies/deeper")
    with open(f"{gateway.folder}/policies/deeper/more.yaml", "w") as file:
        file.write("roles:\n  more:\n    database: app\n    login: second\n    rules: unrestricted\n"
                   "    who: [{issuer: ci, claims: {ref: refs/heads/main}}]\n")
    until(lambda: reloads(gateway) > before + 1, 10, "the second reload")
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(**gateway.plain(user="more"))
    assert "access refused" not in str(caught.value)


def test_a_swapped_symbolic_link_is_noticed(make_gateway):
    gateway = make_gateway(start=False)
    # As Kubernetes mounts a ConfigMap: the files are links into a folder that is a link itself.
    mount = f"{gateway.folder}/mounted"
    for version, name in (("v1", "app"), ("v2", "other")):
        os.makedirs(f"{mount}/..{version}")
        gateway.roles = {name: plain_role()}
        gateway.write()
        replace(f"{mount}/..{version}/app.yaml", read(f"{gateway.folder}/policies/app.yaml"))
    os.symlink("..v1", f"{mount}/..data")
    os.symlink("..data/app.yaml", f"{mount}/app.yaml")
    gateway.configuration["policies"] = "mounted/"
    gateway.write()
    gateway.start()
    psycopg.connect(**gateway.plain()).close()
    before = reloads(gateway)
    os.symlink("..v2", f"{mount}/..data_tmp")
    os.rename(f"{mount}/..data_tmp", f"{mount}/..data")
    until(lambda: reloads(gateway) > before, 10, "the reload")
    psycopg.connect(**gateway.plain(user="other")).close()


def test_a_bad_file_keeps_the_old_snapshot_and_says_where(make_gateway):
    gateway = make_gateway()
    with psycopg.connect(**gateway.plain(), autocommit=True) as connection:
        good = read(f"{gateway.folder}/policies/app.yaml")
        replace(f"{gateway.folder}/policies/app.yaml", b"roles:\n  app:\n    databse: app\n")
        reload(gateway, "failure")
        assert gateway.metrics()["postern_config_last_reload_successful"] == 0
        assert "policies/app.yaml:3:5" in gateway.log_text() and "database" in gateway.log_text()
        record = journal.records(gateway.journal_folder, "policy.reload")[-1]
        assert record["error"]
        assert connection.execute("select 1").fetchone() == (1,)
        psycopg.connect(**gateway.plain()).close()
        assert gateway.ready()[0] == 200
        replace(f"{gateway.folder}/policies/app.yaml", good)
        reload(gateway)
        assert gateway.metrics()["postern_config_last_reload_successful"] == 1


def test_an_address_cannot_change_without_a_restart(make_gateway):
    gateway = make_gateway()
    gateway.configuration["listeners"] = gateway.configuration["listeners"][:1]
    gateway.write()
    reload(gateway, "failure")
    assert "cannot change without a restart" in gateway.log_text()
    psycopg.connect(**gateway.tls()).close()


def test_a_replaced_certificate_is_served_without_a_restart(make_gateway, authority):
    gateway = make_gateway()
    before = served_certificate(gateway)
    with psycopg.connect(**gateway.tls(), autocommit=True) as connection:
        files = gateway.configuration["listeners"][1]["tls"]
        certificate, key = authority.issue("renewed")
        replace(files["key"], read(key))
        replace(files["certificate"], read(certificate))
        until(lambda: served_certificate(gateway) != before, 10, "the new certificate")
        assert connection.execute("select 1").fetchone() == (1,)
    psycopg.connect(**gateway.tls()).close()


def test_a_key_that_does_not_fit_keeps_the_old_certificate(make_gateway, authority):
    gateway = make_gateway()
    before = served_certificate(gateway)
    replace(gateway.configuration["listeners"][1]["tls"]["key"], read(authority.issue("stranger")[1]))
    reload(gateway, "failure")
    assert served_certificate(gateway) == before


def test_a_replaced_key_set_lets_new_tokens_in_and_the_old_ones_no_more(make_gateway, tmp_path):
    gateway = make_gateway(start=False)
    issuer = gateway.issuer = Issuer(tmp_path)
    gateway.configuration["issuers"]["ci"]["jwks_file"] = issuer.jwks
    gateway.write()
    gateway.start()
    old = issuer.token()
    new = issuer.token(key=issuer.stranger, kid="k2")
    psycopg.connect(**gateway.plain(old)).close()
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.plain(new))
    issuer.publish([("k2", issuer.stranger)])

    def enters(token):
        try:
            psycopg.connect(**gateway.plain(token)).close()
        except psycopg.OperationalError as error:
            assert "access refused" in str(error)
            return False
        return True
    until(lambda: enters(new), 15, "the new key")
    until(lambda: not enters(old), 15, "the end of the old key")
