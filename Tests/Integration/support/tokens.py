"""An issuer for tests: keys, a key set on disk, and tokens of every kind."""

import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://ci.postern.test"
AUDIENCE = "postern.test"


class Issuer:
    """Signs with RS256. `jwks` is the file with its public keys."""

    def __init__(self, folder, issuer=ISSUER, audience=AUDIENCE):
        self.issuer = issuer
        self.audience = audience
        self.key = rsa.generate_private_key(65537, 2048)
        self.stranger = rsa.generate_private_key(65537, 2048)
        self.jwks = f"{folder}/jwks.json"
        self.publish([("k1", self.key)])

    def publish(self, keys):
        """Writes the key set anew."""
        entries = []
        for kid, key in keys:
            entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            entries.append(entry | {"kid": kid, "use": "sig", "alg": "RS256"})
        with open(self.jwks, "w") as file:
            json.dump({"keys": entries}, file)

    def claims(self, **changes):
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": "repo:acme/app:ref:refs/heads/main",
            "iat": now - 1,
            "exp": now + 3600,
            "jti": f"t{time.monotonic_ns()}",
            "repository": "acme/app",
            "ref": "refs/heads/main",
            "sha": "0123456789abcdef0123456789abcdef01234567",
            "run_id": "4711",
        }
        claims |= changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, kid="k1", algorithm="RS256", **changes):
        """A good token, or one with some claims changed (None leaves a claim out)."""
        return jwt.encode(
            self.claims(**changes), key or self.key, algorithm=algorithm, headers={"kid": kid}
        )

    def forged(self):
        """Every claim is right; the signature is a stranger's."""
        return self.token(key=self.stranger)

    def unsigned(self):
        return jwt.encode(self.claims(), None, algorithm="none", headers={"kid": "k1"})
