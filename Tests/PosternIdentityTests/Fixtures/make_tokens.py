"""Writes tokens.json: one token of each algorithm and the key set for them, made by joserfc.

Run once, by hand: python3 make_tokens.py > tokens.json
"""
import json
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

NOW = 1_795_224_580
CLAIMS = {
    "iss": "https://issuer.example",
    "aud": "postern.example",
    "sub": "repo:acme/orders:ref:refs/heads/main",
    "iat": NOW - 10,
    "nbf": NOW - 10,
    "exp": NOW + 290,
    "ref": "refs/heads/main",
}

rsa = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
keys = {
    "ES256": ECKey.generate_key("P-256", {"kid": "p256", "use": "sig"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "p384", "use": "sig"}),
    "ES512": ECKey.generate_key("P-521", {"kid": "p521", "use": "sig"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed25519", "use": "sig"}),
}
for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
    keys[name] = rsa

tokens = {
    name: jwt.encode({"typ": "JWT", "alg": name, "kid": key.kid}, CLAIMS, key, algorithms=[name])
    for name, key in keys.items()
}
unique = {key.kid: key for key in keys.values()}
print(json.dumps({
    "now": NOW,
    "jwks": {"keys": [key.as_dict(private=False) for key in unique.values()]},
    "tokens": tokens,
}, indent=1, sort_keys=True))
