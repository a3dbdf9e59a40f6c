"""The tokens of `PosternIdentityTests/Fixtures/attacks.json`, made by libraries that are not Postern's.

What a row may say stands in `PosternIdentityTests/AttackTable.swift`, which makes the same tokens for the verifier alone.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import time

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

TABLE = os.path.join(os.path.dirname(__file__), "..", "..", "PosternIdentityTests", "Fixtures", "attacks.json")
OTHER = "https://other.postern.test"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HEADER = '{"alg":"ES256","kid":"ec","typ":"JWT"}'


def table():
    with open(TABLE) as file:
        return json.load(file)


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _respelt(text):
    """The same bytes by a lenient decoder: the bits behind the last one are not zero."""
    assert len(text) % 4, "there are no unused bits"
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


class Forge:
    """Two issuers' keys of all kinds, and every token of the table."""

    def __init__(self, folder, issuer, audience):
        self.issuer = issuer
        self.audience = audience
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.keys = {
            "ec": ec.generate_private_key(ec.SECP256R1()),
            "rsa": self.rsa,
            "weak": rsa.generate_private_key(65537, 1024),
        }
        self.stranger = ec.generate_private_key(ec.SECP256R1())
        self.jwks = self._write(f"{folder}/attacked.json", self._key_set())
        other = self._jwk(ec.generate_private_key(ec.SECP256R1()), "ec")
        self.other_jwks = self._write(f"{folder}/other.json", [other])

    def _write(self, path, keys):
        with open(path, "w") as file:
            json.dump({"keys": keys}, file)
        return path

    def _jwk(self, key, kid, **more):
        algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        return json.loads(algorithm.to_jwk(key.public_key())) | {"kid": kid} | more

    def _key_set(self):
        one = self._jwk(self.keys["ec"], "ec")
        two = self._jwk(self.rsa, "rsa", alg="RS256")
        return [
            one, self._jwk(ec.generate_private_key(ec.SECP384R1()), "p384"), two,
            self._jwk(rsa.generate_private_key(65537, 2048), "rsa2", alg="RS256"), self._jwk(self.keys["weak"], "weak"),
            two | {"kid": "three", "e": "Aw"}, one | {"kid": "leaked", "d": "AA"},
            {"kty": "oct", "kid": "shared", "k": _encode(self._secret())},
        ]

    def _secret(self):
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def token(self, row):
        header = self._fill(row.get("header", HEADER))
        payload = self._payload(row)
        signing = f"{_encode(header)}.{_encode(payload)}".encode()
        signature = self._signature(row.get("signature", "good"), signing, row.get("key", "ec"))
        parts = {"{h}": _encode(header), "{p}": _encode(payload), "{s}": _encode(signature)}
        text = row.get("shape", "{h}.{p}.{s}")
        for mark, part in [("{s~}", "{s}"), ("{p~}", "{p}")]:
            if mark in text:
                parts[mark] = _respelt(parts[part])
        for mark, part in parts.items():
            text = text.replace(mark, part)
        return text

    def good(self, **claims):
        return self.token({"claims": claims})

    def _payload(self, row):
        if "payload" in row:
            return self._fill(row["payload"])
        claims = {
            "iss": '"$issuer"', "aud": '"$audience"', "sub": '"repo:acme/app:ref:refs/heads/main"',
            "iat": "$now-10", "nbf": "$now-10", "exp": "$now+290", "jti": '"id-1"', "repository": '"acme/app"',
            "ref": '"refs/heads/main"',
        } | row.get("claims", {})
        text = "{" + ",".join(f'"{name}":{value}' for name, value in claims.items() if value is not None) + "}"
        for filler in ("", "x", "xx"):
            payload = self._fill(text.replace("$align", filler))
            if len(payload) % 3:
                break
        return payload

    def _fill(self, text):
        now = int(time.time())
        text = re.sub(r"\$now([+-]\d+)?", lambda found: str(now + int(found[1] or 0)), text)
        text = re.sub(r"\$pad:(\d+)", lambda found: "a" * int(found[1]), text)
        for word, meaning in [
            ("$issuer", self.issuer), ("$ISSUER", self.issuer.upper()), ("$other", OTHER), ("$audience", self.audience),
            ("$AUDIENCE", self.audience.upper()), ("$homoglyph", self.issuer.replace("ci.", "c\u0456.")),
        ]:
            text = text.replace(word, meaning)
        return re.sub(rb"\$byte:(..)", lambda found: bytes.fromhex(found[1].decode()), text.encode())

    def _signature(self, kind, data, key):
        key = self.keys[key]
        if kind == "good":
            return self._sign(key, data)
        if kind == "empty":
            return b""
        if kind == "stranger":
            return self._sign(self.stranger, data)
        if kind == "hmac":
            return hmac.new(self._secret(), data, hashlib.sha256).digest()
        if kind == "pss":
            return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        if kind == "der":
            return key.sign(data, ec.ECDSA(hashes.SHA256()))
        if kind == "long":
            return self._sign(key, data) + b"\0"
        if kind == "short":
            return self._sign(key, data)[:-1]
        if kind == "bit":
            good = bytearray(self._sign(key, data))
            good[len(good) // 2] ^= 1
            return bytes(good)
        if kind == "other":
            return self._sign(key, data + b"\0")
        assert kind.startswith("hex:"), kind
        return bytes.fromhex(kind.removeprefix("hex:"))

    def _sign(self, key, data):
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
