"""How long a job waits for each kind of refusal: whoever listens to the time should learn nothing from it."""

import argparse
import os
import statistics
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f"{ROOT}/Tests/Integration")

from support import attacks_tokens  # noqa: E402
from support.certificates import Authority  # noqa: E402
from support.gateway import Gateway  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.rawclient import RawClient, password, startup  # noqa: E402
from support.tokens import AUDIENCE, ISSUER, Issuer  # noqa: E402


def kinds(forge):
    """One token of each reason in the table, and good tokens that may not be what they ask for."""
    found = {}
    for row in attacks_tokens.table():
        # Whether a key is unknown is asked of the issuer once in a while: this one has been asked by then.
        found.setdefault(row["reason"], forge.token(row))
    found["claims of another branch"] = forge.good(ref='"refs/heads/other"')
    return found


def refusal(gateway, token, role="app"):
    """Milliseconds from the token to the last byte of the answer, on a connection that is there already."""
    with RawClient(gateway.plain_port) as client:
        client.send(startup(user=role)).until(b"R")
        begin = time.perf_counter()
        client.send(password(token))
        words = client.last_words()
        taken = (time.perf_counter() - begin) * 1000
    if words.get("C") != "28000":
        sys.exit(f"refusals: a token was answered with {words}")
    return taken


def measure(folder, turns):
    authority = Authority(f"{folder}/authority")
    os.chmod(authority.folder, 0o755)
    postgres = Postgres(f"{folder}/postgres", authority)
    try:
        forge = attacks_tokens.Forge(folder, ISSUER, AUDIENCE)
        entry = {"profile": "generic", "audience": AUDIENCE, "trust": "all"}
        issuers = {
            "ci": entry | {"issuer": ISSUER, "jwks_file": forge.jwks},
            "other": entry | {"issuer": attacks_tokens.OTHER, "jwks_file": forge.other_jwks},
        }
        gateway = Gateway(f"{folder}/gateway", postgres, Issuer(folder), authority, issuers=issuers)
        try:
            tokens = kinds(forge)
            samples = {kind: [] for kind in tokens}
            for token in tokens.values():
                refusal(gateway, token)
            for _ in range(turns):
                for kind, token in tokens.items():
                    samples[kind].append(refusal(gateway, token))
            return samples
        finally:
            gateway.stop()
    finally:
        postgres.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=30, help="refusals of each kind (30)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postern-refusals-") as folder:
        os.chmod(folder, 0o755)
        samples = measure(folder, max(3, min(chosen.turns, 1000)))
    print(f"Milliseconds from a token to its refusal, {len(next(iter(samples.values())))} of each kind: median, and the "
          "middle half.\n")
    medians = []
    for kind, taken in sorted(samples.items()):
        low, median, high = statistics.quantiles(taken, n=4)
        medians.append(median)
        print(f"  {kind:<30}{median:>8.2f}{low:>10.2f} - {high:.2f}")
    noise = statistics.median(statistics.quantiles(taken, n=4)[2] - statistics.quantiles(taken, n=4)[0]
                              for taken in samples.values())
    print(f"\nThe medians lie within {max(medians) - min(medians):.2f} ms; the noise of one kind is {noise:.2f} ms.")


if __name__ == "__main__":
    main()
