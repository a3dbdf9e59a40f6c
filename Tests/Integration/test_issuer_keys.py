"""Issuers that rotate, lie, drip and go away, and what a gateway makes of their keys meanwhile."""

import base64
import concurrent.futures
import json
import os
import stat
import subprocess

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support import journal
from support.certificates import Authority
from support.gateway import Gateway, executable, plain_role
from support.issuer_site import IssuerServer, Proxy, jwk
from support.tokens import AUDIENCE
from support.waiting import until

NAMES = [
    "rotating", "replaced", "flooded", "calm", "tagged", "dripping", "hundred", "mixed", "proxied", "override",
    "inner", "stranger", "oversized", "redirecting", "inward", "empty", "keyless", "failing", "html", "cut", "lying",
]
MANNERS = {
    "oversized": "the reply has more than 262144 bytes", "redirecting": "answered 302", "inward": "answered 302",
    "empty": "the key set is malformed", "keyless": "the key set has no usable key", "failing": "answered 503",
    "html": "the key set is malformed", "cut": "", "lying": "names another issuer",
}


def entry(url, authority, **changes):
    return {
        "profile": "generic", "issuer": url, "audience": AUDIENCE, "trust": "all", "ca_file": authority.ca,
        "allow_private": True,
    } | changes


def role(names):
    claims = {"repository": "acme/app", "ref": "refs/heads/main"}
    return {"app": plain_role() | {"who": [{"issuer": name, "claims": claims} for name in names]}}


class World:
    """Many issuers, one gateway: what one of them does must not be felt by the others."""

    def __init__(self, folder, postgres, issuer, authority):
        self.server = IssuerServer(authority, hosts=("localhost", "issuer.proxied.test"))
        self.proxy = Proxy(self.server.port)
        sites = {name: self.server.site(name) for name in NAMES}
        sites["proxied"] = self.server.site("proxied", "https://issuer.proxied.test")
        sites["override"].url = "https://nowhere.postern.test/ci"
        sites["tagged"].tag = '"v1"'
        hundred = {f"k{number}": sites["hundred"].keys["k1"] for number in (1, 50, 97)}
        sites["hundred"].keys = hundred
        sites["hundred"].published = [
            jwk(hundred[kid], kid) if (kid := f"k{number}") in hundred else jwk(
                ec.generate_private_key(ec.SECP256R1()), kid
            )
            for number in range(1, 101)
        ]
        sites["mixed"].published = [
            {"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AAAA"},
            {"kty": "OKP", "crv": "X25519", "kid": "x", "x": "AAAA"},
            jwk(ec.generate_private_key(ec.SECP256R1()), "enc", use="enc"), 17,
            jwk(sites["mixed"].keys["k1"], "k1"),
        ]
        self.sites = sites
        stranger = Authority(folder / "stranger", "A stranger")
        issuers = {name: entry(site.url, authority) for name, site in sites.items()}
        issuers["proxied"]["proxy"] = f"http://127.0.0.1:{self.proxy.port}"
        issuers["proxied"]["allow_private"] = False
        issuers["override"]["jwks_uri"] = f"{self.server.url}/override/jwks"
        issuers["inner"]["allow_private"] = False
        issuers["stranger"]["ca_file"] = stranger.ca
        self.gateway = Gateway(
            folder / "gateway", postgres, issuer, authority, issuers=issuers, roles=role(NAMES), start=False
        )
        self.gateway.start()

    def stop(self):
        self.gateway.stop()
        self.server.stop()
        self.proxy.stop()

    def connect(self, token):
        return psycopg.connect(**self.gateway.plain(token))

    def enters(self, token):
        with self.connect(token) as connection:
            return connection.execute("select 1").fetchone() == (1,)

    def reason(self, token):
        """Why the token is refused, from the journal, which has some of a flood's refusals only."""
        with pytest.raises(psycopg.OperationalError, match="access refused") as caught:
            self.connect(token)
        session = str(caught.value).split("(session ")[1][:16]
        found = journal.of_session(self.gateway.journal_folder, session)
        return found[0]["reason"] if found else None

    def refused(self, token):
        return until(lambda: self.reason(token), 10, "a recorded refusal")

    def fetches(self, name, result):
        return self.gateway.metrics()[f'postern_issuer_fetches_total{{issuer="{name}",result="{result}"}}']


@pytest.fixture(scope="module")
def world(tmp_path_factory, postgres, issuer, authority):
    made = World(tmp_path_factory.mktemp("issuers"), postgres, issuer, authority)
    yield made
    made.stop()


def test_a_rotated_key_is_known_without_a_restart_and_one_that_is_gone_at_once(world):
    site = world.sites["rotating"]
    old = site.token()
    assert world.enters(old)
    site.keys["k2"] = ec.generate_private_key(ec.SECP256R1())
    del site.keys["k1"]
    assert world.enters(site.token("k2"))
    assert world.refused(old) == "unknown key"
    assert site.asked == 2


def test_another_key_under_the_same_id_is_found_with_javas_leading_zero(world):
    site = world.sites["replaced"]
    old = site.token()
    assert world.enters(old)
    key = rsa.generate_private_key(65537, 2048)
    published = jwk(key, "k1")
    n = base64.urlsafe_b64decode(published["n"] + "==")
    published["n"] = base64.urlsafe_b64encode(b"\0" + n).rstrip(b"=").decode()
    site.published = [published]
    site.keys = {"k1": key}
    # An RSA token under an id that names an EC key so far.
    assert world.enters(site.token())
    assert world.refused(old) == "unknown key"
    assert site.asked == 2


def test_a_flood_of_unknown_keys_asks_once_and_holds_nobody_up(world):
    site, calm = world.sites["flooded"], world.sites["calm"]
    assert world.enters(site.token()) and world.enters(calm.token())
    tokens = [site.token(f"random-{number}", key=site.keys["k1"]) for number in range(60)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        flood = [pool.submit(world.reason, token) for token in tokens]
        assert world.enters(calm.token()) and world.enters(site.token())
        reasons = {future.result() for future in flood}
    # At most ten of a second are recorded.
    assert reasons <= {"unknown key", None} and "unknown key" in reasons
    assert (site.asked, calm.asked) == (2, 1)


def test_a_dripping_issuer_costs_who_needs_its_answer_five_seconds_and_nobody_else_any(world):
    site, calm = world.sites["dripping"], world.sites["calm"]
    assert world.enters(site.token())
    site.manner = "dripping"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(world.refused, site.token("unknown", key=site.keys["k1"]))
        until(lambda: site.asked == 2, what="the fetch")
        for _ in range(5):
            assert world.enters(calm.token()) and world.enters(site.token())
        assert not slow.done()
        assert slow.result(20) == "unknown key"
    until(lambda: "issuer dripping: keys of" in world.gateway.ready()[1], what="the issuer's name")
    assert "no complete reply in time" in world.gateway.ready()[1]
    site.manner = "well"


@pytest.mark.parametrize("name", MANNERS)
def test_a_bad_reply_takes_no_good_set_s_place(world, name):
    site = world.sites[name]
    good = site.token()
    assert world.enters(good)
    site.manner = name
    # What asks for another fetch.
    assert world.refused(site.token("unknown", key=site.keys["k1"])) == "unknown key"
    assert world.enters(site.token())
    until(lambda: world.fetches(name, "failed") >= 1, what="the failure's count")
    assert world.fetches(name, "loaded") == 1
    line = until(
        lambda: next((line for line in world.gateway.ready()[1].splitlines() if f"issuer {name}: " in line), None),
        what="the issuer's name in /readyz",
    )
    assert MANNERS[name] in line and " s ago" in line
    assert world.gateway.ready()[0] == 200
    failing = world.gateway.admin("/metrics")[1]
    assert f'postern_issuer_last_failure_timestamp_seconds{{issuer="{name}"}}' in failing
    site.manner = "well"


def test_a_set_that_did_not_change_is_not_sent_again(world):
    site = world.sites["tagged"]
    assert world.enters(site.token())
    assert world.refused(site.token("unknown", key=site.keys["k1"])) == "unknown key"
    until(lambda: world.fetches("tagged", "unchanged") == 1, what="the count of confirmations")
    assert world.enters(site.token())


def test_a_hundred_keys_are_a_set_and_each_of_them_counts(world):
    site = world.sites["hundred"]
    for kid in ("k1", "k50", "k97"):
        assert world.enters(site.token(kid))
    assert world.gateway.metrics()['postern_issuer_keys{issuer="hundred"}'] == 100


def test_keys_of_unknown_kinds_are_skipped(world):
    assert world.enters(world.sites["mixed"].token())
    assert world.gateway.metrics()['postern_issuer_keys{issuer="mixed"}'] == 1


def test_a_proxy_leads_to_hosts_that_nobody_else_knows(world):
    assert world.enters(world.sites["proxied"].token())
    assert set(world.proxy.seen) == {"CONNECT issuer.proxied.test:443 HTTP/1.1"}


def test_a_url_of_keys_stands_in_for_an_issuer_that_cannot_be_asked(world):
    assert world.enters(world.sites["override"].token())


def test_an_issuer_on_this_machine_needs_leave_and_its_own_authority(world):
    for name, error in [("inner", "is not a public address"), ("stranger", "certificate")]:
        assert world.refused(world.sites[name].token()) == "no keys"
        until(lambda: f"issuer {name}: no keys" in world.gateway.ready()[1], what="the issuer's name")
        (line,) = [line for line in world.gateway.ready()[1].splitlines() if f"issuer {name}:" in line]
        assert error in line
        assert world.sites[name].asked == 0
    log = world.gateway.log_text()
    assert log.count("issuer=inner") == 1, "a failure that goes on is told once"


def check(gateway):
    result = subprocess.run(
        [executable(), "check", "--config", f"{gateway.folder}/postern.yaml", "--connect", "--json"],
        capture_output=True, text=True, timeout=60,
    )
    return {found["issuer"]: found for found in json.loads(result.stdout)["connect"]["issuers"]}


def test_check_tells_of_each_issuer_what_the_gateway_would_find(world):
    found = check(world.gateway)
    mixed = found["mixed"]
    assert mixed["keys"] == [{"key_id": "k1", "type": "P-256", "algorithm": None}]
    assert [(key["index"], key["key_id"], key["reason"]) for key in mixed["skipped"]] == [
        (0, "pq", "unknown key type"), (1, "x", "unknown key type"), (2, "enc", "not for signatures"),
        (3, None, "malformed"),
    ]
    assert mixed["kept"]["keys"] == mixed["keys"] and mixed["kept"]["age_seconds"] >= 0
    assert len(found["hundred"]["keys"]) == 100
    assert found["proxied"]["ok"] and found["override"]["ok"]
    assert not found["inner"]["ok"] and "is not a public address" in found["inner"]["error"]
    assert "kept" not in found["inner"]


# A gateway of its own for each: it is started again and again.


@pytest.fixture
def alone(make_gateway, authority):
    """One issuer, and a gateway that is not started."""
    server = IssuerServer(authority)
    site = server.site("ci")
    gateway = make_gateway(start=False, issuers={"ci": entry(site.url, authority)}, roles=role(["ci"]))
    yield server, site, gateway
    server.stop()


def enters(gateway, token):
    with psycopg.connect(**gateway.plain(token)) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def last_refusal(gateway, token):
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.plain(token))
    return journal.records(gateway.journal_folder, "session.refused")[-1]["reason"]


def verified(gateway):
    """The journal is whole, by Postern's word and by auditors' own program: what lies beside it is no part of it."""
    journal.verify(gateway.journal_folder)
    command = [executable(), "audit", "verify", "--public-key", f"{gateway.journal_folder}/checkpoint.pub"]
    result = subprocess.run([*command, gateway.journal_folder], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    return True


def test_a_gateway_that_starts_while_its_issuer_is_down_lets_in_by_the_keys_on_disk(alone):
    server, site, gateway = alone
    kept = f"{gateway.journal_folder}/key-sets/ci.json"
    gateway.start()
    assert enters(gateway, site.token())
    until(lambda: os.path.exists(kept), what="the kept keys")
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(kept)).st_mode) == 0o700
    gateway.stop()
    assert verified(gateway)

    server.stop()
    gateway.start()
    assert enters(gateway, site.token())
    assert last_refusal(gateway, site.token("unknown", key=site.keys["k1"])) == "unknown key"
    body = until(lambda: gateway.ready()[1] if "kept on disk" in gateway.ready()[1] else None, what="/readyz")
    assert body.startswith("ready\nissuer ci: keys of ")
    metrics = gateway.metrics()
    assert metrics['postern_issuer_keys{issuer="ci"}'] == 1
    assert metrics['postern_issuer_keys_age_seconds{issuer="ci"}'] > 0
    assert metrics['postern_issuer_stale_uses_total{issuer="ci"}'] >= 1
    found = check(gateway)["ci"]
    assert (found["ok"], found["kept"]["keys"][0]["key_id"]) == (False, "k1")
    assert "an issuer's keys cannot be fetched" in gateway.log_text()

    # The issuer comes back with another key: the gateway finds it by itself, and the one on disk counts no more.
    old = site.token()
    site.keys = {"k2": ec.generate_private_key(ec.SECP256R1())}
    server.start()
    until(lambda: 'result="loaded"} 1' in gateway.admin("/metrics")[1], 30, "the issuer's keys")
    assert enters(gateway, site.token("k2"))
    assert last_refusal(gateway, old) == "unknown key"
    until(lambda: "can be fetched again" in gateway.log_text(), what="the end of the failure in the log")
    until(lambda: '\\"k2\\"' in open(kept).read(), what="the new key on disk")
    assert verified(gateway)


def damaged(kept, _):
    with open(kept, "r+") as file:
        file.truncate(os.stat(kept).st_size // 2)


def foreign(kept, gateway):
    """The same issuer, asked under other authorities from now on."""
    path = f"{gateway.folder}/another-ca.crt"
    Authority(f"{gateway.folder}/another", "Another")
    os.rename(f"{gateway.folder}/another/ca.crt", path)
    gateway.configuration["issuers"]["ci"]["ca_file"] = path
    gateway.write()


def readable(kept, _):
    os.chmod(kept, 0o644)


def aged(change):
    def rewrite(kept, _):
        with open(kept) as file:
            contents = json.load(file)
        contents["fetched_at"] = change(contents["fetched_at"])
        with open(kept, "w") as file:
            json.dump(contents, file)

    return rewrite


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (damaged, "it is damaged"), (foreign, "other authorities"), (readable, "may be read by others"),
        (aged(lambda text: "2020" + text[4:]), "older than 24 hours"),
        (aged(lambda text: "2999" + text[4:]), "from the future"),
    ],
)
def test_kept_keys_that_may_not_be_believed_let_nobody_in(alone, spoil, words):
    server, site, gateway = alone
    kept = f"{gateway.journal_folder}/key-sets/ci.json"
    gateway.start()
    until(lambda: os.path.exists(kept), what="the kept keys")
    gateway.stop()
    server.stop()
    spoil(kept, gateway)
    gateway.start()
    assert last_refusal(gateway, site.token()) == "no keys"
    (line,) = [line for line in gateway.log_text().splitlines() if "key set on disk is not used" in line]
    assert words in line and kept in line
