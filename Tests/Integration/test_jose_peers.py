"""Tokens and key sets of two JOSE libraries, of every algorithm, let their jobs in.

The other direction, tokens that our code signs, is `Tests/PosternDemoTests/Issuer/JOSEPeerTests.swift`.
"""

import json
import time

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from support.gateway import Gateway, plain_role
from support.tokens import AUDIENCE
from support.waiting import until

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


def kid(algorithm):
    return {"R": "rsa", "P": "rsa"}.get(algorithm[0], algorithm.lower())


def claims(issuer):
    now = int(time.time())
    return {
        "iss": issuer, "aud": AUDIENCE, "sub": "repo:acme/app", "iat": now - 1, "nbf": now - 1, "exp": now + 300,
        "jti": f"t{time.monotonic_ns()}", "repository": "acme/app", "ref": "refs/heads/main",
    }


class PyJWT:
    url = "https://pyjwt.postern.test"

    def __init__(self):
        self.keys = {"rsa": rsa.generate_private_key(65537, 2048), "eddsa": ed25519.Ed25519PrivateKey.generate()}
        self.keys |= {name.lower(): ec.generate_private_key(curve()) for name, curve in CURVES.items()}

    def key_set(self):
        kinds = jwt.algorithms
        entries = []
        for name, key in self.keys.items():
            kind = {"rsa": kinds.RSAAlgorithm, "eddsa": kinds.OKPAlgorithm}.get(name, kinds.ECAlgorithm)
            entries.append(json.loads(kind.to_jwk(key.public_key())) | {"kid": name})
        return {"keys": entries}

    def token(self, algorithm):
        name = kid(algorithm)
        return jwt.encode(claims(self.url), self.keys[name], algorithm=algorithm, headers={"kid": name})


class Joserfc:
    url = "https://joserfc.postern.test"

    def __init__(self):
        self.keys = {
            "rsa": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
            "es256": ECKey.generate_key("P-256", {"kid": "es256"}),
            "es384": ECKey.generate_key("P-384", {"kid": "es384"}),
            "es512": ECKey.generate_key("P-521", {"kid": "es512"}),
            "eddsa": OKPKey.generate_key("Ed25519", {"kid": "eddsa", "key_ops": ["sign", "verify"]}),
        }

    def key_set(self):
        return KeySet(list(self.keys.values())).as_dict(private=False)

    def token(self, algorithm):
        header = {"alg": algorithm, "kid": kid(algorithm), "typ": "JWT"}
        return joserfc_jwt.encode(header, claims(self.url), self.keys[kid(algorithm)], algorithms=[algorithm])


PEERS = [PyJWT, Joserfc]


@pytest.fixture(scope="module")
def peers(tmp_path_factory, postgres, issuer, authority):
    folder = tmp_path_factory.mktemp("peers")
    made = {kind.__name__: kind() for kind in PEERS}
    issuers, who = {}, []
    for name, peer in made.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(peer.key_set()))
        issuers[name.lower()] = {
            "profile": "generic", "issuer": peer.url, "audience": AUDIENCE, "jwks_file": str(path), "trust": "all",
        }
        who.append({"issuer": name.lower(), "claims": {"repository": "acme/app", "ref": "refs/heads/main"}})
    gateway = Gateway(
        folder / "gateway", postgres, issuer, authority, issuers=issuers,
        roles={"app": plain_role() | {"who": who}},
    )
    yield gateway, made
    gateway.stop()


# RFC 9864 has another name for it; issuers use the old one.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("library", [kind.__name__ for kind in PEERS])
def test_every_algorithm_of_another_library_gets_in(peers, library):
    gateway, made = peers
    name = f'postern_issuer_keys{{issuer="{library.lower()}"}}'
    until(lambda: gateway.metrics()[name] == 5, what="five keys, none skipped")
    for algorithm in ALGORITHMS:
        with psycopg.connect(**gateway.plain(made[library].token(algorithm))) as connection:
            assert connection.execute("select 1").fetchone() == (1,), algorithm


def test_the_libraries_keys_are_not_each_other_s(peers):
    gateway, made = peers
    token = jwt.encode(claims(Joserfc.url), made["PyJWT"].keys["rsa"], algorithm="RS256", headers={"kid": "rsa"})
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.plain(token))
