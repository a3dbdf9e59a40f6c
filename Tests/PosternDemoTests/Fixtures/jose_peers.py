"""Verifies tokens that Postern's code has signed, with PyJWT and with joserfc.

usage: jose_peers.py FILE, a JSON object with `key_set` and `tokens` by algorithm. Prints one line for each token and
library: library, algorithm, and the claim `ref`. Ends with 1 and the reason when one does not verify.
"""
import json
import sys

import jwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

AUDIENCE = "postern.example"

with open(sys.argv[1]) as file:
    made = json.load(file)
for algorithm, token in made["tokens"].items():
    header = jwt.get_unverified_header(token)
    assert header["alg"] == algorithm, header
    key = {key.key_id: key for key in jwt.PyJWKSet.from_dict(made["key_set"]).keys}[header["kid"]]
    claims = jwt.decode(token, key.key, algorithms=[algorithm], audience=AUDIENCE, leeway=10**9)
    print("PyJWT", algorithm, claims["ref"])

    keys = KeySet.import_key_set(made["key_set"])
    claims = joserfc_jwt.decode(token, keys, algorithms=[algorithm]).claims
    assert claims["aud"] == AUDIENCE, claims
    print("joserfc", algorithm, claims["ref"])

    # Both must notice a changed token, or their word above is worth nothing.
    head, payload, signature = token.split(".")
    changed = f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for refuse in (
        lambda: jwt.decode(changed, key.key, algorithms=[algorithm], audience=AUDIENCE, leeway=10**9),
        lambda: joserfc_jwt.decode(changed, keys, algorithms=[algorithm]),
    ):
        try:
            refuse()
        except Exception:
            continue
        sys.exit(f"{algorithm}: a changed signature was accepted")
