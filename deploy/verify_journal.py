#!/usr/bin/env python3
"""Verifies Postern's journals without any of Postern's code: python3 and the package `cryptography`, for Ed25519.

    verify_journal.py [--public-key FILE]... [--expect CHAIN:SEQ:HASH]... DIR...

Prints each problem with its file and line, then a line for each chain. Exits 0 when all chains are whole, 1 when one is
not, 2 when something cannot be read. docs/journal.md says what the files hold; `postern audit verify` answers the same.
Where a gateway was started or stopped meanwhile, run it once more.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

HASH, CHAIN, NUMBER = rb"([0-9a-f]{64})", rb"([0-9a-f]{32})", rb"(0|[1-9][0-9]{0,19})"
POSITION = NUMBER + b" " + HASH
RECORD = re.compile(b'{"v":1,"chain":"%b","seq":%b,"time":"[0-9:.TZ-]{27}","event":"([a-z._]+)"'
                    b'(?:,(.+))?,"prev":"%b","hash":"%b"}' % (CHAIN, NUMBER, HASH, HASH), re.DOTALL)
CHECKPOINT = re.compile(b'"key_id":"%b","heads":({.*}),"signature":"([^"]{88})"' % HASH, re.DOTALL)
STATE = re.compile(b"(postern-state-v1\n%b\n(?:(open)|(open|closed) %b)\n)(.+)\n" % (CHAIN, POSITION))
RETAINED = re.compile(b"(postern-retained-v1\n%b\nremoved %b\nrecord %b\n)(.+)\n" % (CHAIN, POSITION, POSITION))
KEY = re.compile(b"(postern-key-v1\n.+\n(.{44})\n)((?:%b %b\n)*)(.+)\n" % (CHAIN, POSITION))


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


def is_signed(key, signature, message):
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message)
        return base64.b64encode(raw) == signature
    except (InvalidSignature, ValueError):
        return False


def shown(text):
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def read(path):
    """A small file; empty when it is not there, and nothing that could be right when it is a link."""
    if os.path.islink(path) or not os.path.exists(path):
        return b"-" if os.path.islink(path) else b""
    with open(path, "rb") as file:
        return file.read(1 << 21)


def members(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


class Trust:
    """Whose signatures count where: the keys given everywhere, an endorsed one from its endorsement up to the next."""

    def __init__(self, folder, paths):
        self.roots, self.endorsed, self.marks, self.required, self.problems = {}, {}, {}, [], []
        for path in paths or [f"{folder}/checkpoint.pub"]:
            with open(path, "rb") as file:
                key = load_pem_public_key(file.read())
            self.roots[sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw))] = key
        for name in sorted(os.listdir(f"{folder}/keys")) if os.path.isdir(f"{folder}/keys") else ():
            found = KEY.fullmatch(read(f"{folder}/keys/{name}")) if name.endswith(".key") else None
            message = found and found[1] + sha256(found[3]) + b"\n"
            if found and any(is_signed(key, found[7], message) for key in self.roots.values()):
                raw, heads = base64.b64decode(found[2]), [line.split() for line in found[3].splitlines()]
                self.endorsed[sha256(raw)] = Ed25519PublicKey.from_public_bytes(raw), {c: int(n) for c, n, _ in heads}
                for chain, seq, digest in heads:
                    self.marks.setdefault(chain, set()).add(int(seq))
                    self.required.append((chain, int(seq), digest, f"keys/{name}"))
            elif name.endswith(".key"):
                self.problems.append((f"keys/{name}", "the file is not a key that one of the keys given endorsed"))

    def key(self, key_id, chain, seq):
        if key_id in self.roots or key_id not in self.endorsed:
            return self.roots.get(key_id)
        key, heads = self.endorsed[key_id]
        start = heads.get(chain, -1)
        return key if start < seq <= min((m for m in self.marks.get(chain, ()) if m > start), default=seq) else None

    def signed(self, signature, message, chain, seq):
        keys = (self.key(key_id, chain, seq) for key_id in [*self.roots, *self.endorsed])
        return any(key and is_signed(key, signature, message) for key in keys)


class Chain:
    def __init__(self, folder, name, files, trust, required, sizes):
        self.name, self.trust, self.sizes, self.required = name, trust, sizes, {}
        self.problems, self.checkpoints, self.claims, self.sessions = [], {}, {}, set()
        self.id = self.first = self.last = self.removed = self.torn = None
        self.intact = False
        self.next, self.records, self.uncovered, self.place = (0, b"0" * 64), 0, 0, f"{name}.state"
        for record in required:
            self.require(*record)
        self.read_state(read(f"{folder}/{name}.state"), read(f"{folder}/{name}.retained"))
        for file in files:
            self.read_file(f"{folder}/{file}", file)
        self.finish()

    def note(self, text, place=None):
        self.problems.append((place or self.place, text))

    def require(self, chain, seq, digest, source):
        self.required.setdefault((chain, seq), []).append((digest, source))

    def read_state(self, state, retained):
        self.state = found = STATE.fullmatch(state)
        if found and not self.trust.signed(found[7], found[1], found[2], int(found[5] or -1) + (b"closed" != found[4])):
            self.state = found = None
        if found and found[4] == b"open":
            self.require(found[2], int(found[5]), found[6], f"{self.name}.state")
        found = RETAINED.fullmatch(retained)
        if found and self.trust.signed(found[7], found[1], found[2], int(found[5])):
            self.removed = found[2], int(found[3]), found[4]
            self.require(*self.removed, f"{self.name}.retained")
            self.require(found[2], int(found[5]), found[6], f"{self.name}.retained")
        self.unsigned = retained and not self.removed

    def read_file(self, path, name):
        self.refuse_torn()
        self.place, end = name, 0
        if os.path.islink(path) or not os.path.isfile(path):
            return self.note("the file is not a regular file")
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                self.place, end = f"{name}:{number}", end + len(line)
                if line.endswith(b"\n"):
                    self.take(line[:-1], end <= self.sizes.get(name, 0))
                else:
                    self.torn = self.place

    def refuse_torn(self):
        if self.torn:
            self.note("the file ends with half a record", self.torn)
        self.torn = None

    def take(self, line, settled):
        found = RECORD.fullmatch(line) if len(line) <= 1 << 20 else None
        self.intact = False
        if not found or int(found[2]) >= 1 << 64:
            return self.note("the line is not a record")
        (chain, _, event, fields, prev, digest), seq = found.groups(), int(found[2])
        if sha256(line[:-75]) != digest:
            return self.note(f"record {seq} was changed: its bytes do not have the hash that it states")
        if self.id not in (None, chain):
            return self.note(f"record {seq} is one of another chain")
        if self.first is None and self.removed and seq > 0:
            # The beginning may be missing up to this record: it leads to that one's hash, or goes on from it.
            self.next = (seq, prev) if seq <= self.removed[1] else (self.removed[1] + 1, self.removed[2])
        if self.next != (seq, prev):
            self.note(f"record {seq} does not follow: record {self.next[0]} was expected after {self.next[1].decode()}")
        self.id, self.intact, self.first = chain, True, seq if self.first is None else self.first
        self.last, self.next = (chain, seq, digest), (seq + 1, digest)
        self.records, self.uncovered = self.records + 1, self.uncovered + 1
        for named, source in self.required.pop((chain, seq), ()):
            if named != digest:
                self.note(f"record {seq} is not the one that {source} names")
        try:
            record = json.loads(line, object_pairs_hook=members)
        except ValueError:
            return self.note(f"record {seq} is not JSON that can be read in one way only")
        if (event == b"chain.start") != (seq == 0):
            self.note("`chain.start` is record 0, and no other")
        if event == b"chain.start" and not self.knows(base64.b64decode(record["public_key"])):
            self.note("the chain began with a key that is none of those given")
        if event == b"session.start" and record["session"] in self.sessions:
            self.note(f"the session {record['session']} starts a second time")
        if event == b"session.start":
            self.sessions.add(record["session"])
        if event == b"journal.checkpoint":
            self.take_checkpoint(CHECKPOINT.fullmatch(fields or b""), seq, prev, settled)

    def knows(self, key):
        return sha256(key) in self.trust.roots or sha256(key) in self.trust.endorsed

    def take_checkpoint(self, found, seq, prev, settled):
        message = found and b"postern-checkpoint-v1\n%b\n%d\n%b\n%b\n" % (self.id, seq, prev, sha256(found[2]))
        key = found and self.trust.key(found[1], self.id, seq)
        if not key or not is_signed(key, found[3], message):
            return self.note("the checkpoint is forged, or its key is none of those that count here")
        self.checkpoints[seq], self.uncovered = self.last[2], 0
        for chain, head in json.loads(found[2]).items() if settled else ():
            self.claims.setdefault((head["name"], (chain.encode(), head["seq"], head["hash"].encode())), self.place)

    def is_removed(self, position):
        through = self.removed if self.first else None
        return through and position[0] == self.id and position[1] < self.first and (
            position[1] < through[1] or position == through)

    def finish(self):
        if self.unsigned:
            self.note("what says which records were removed is not signed", f"{self.name}.retained")
        if self.removed and self.id not in (None, self.removed[0]):
            self.note("what was removed is of another chain", f"{self.name}.retained")
        if not self.state and (self.last or self.problems or self.torn):
            self.note("the state file is missing, or none of the keys given signed it", f"{self.name}.state")
        if self.state and self.id not in (None, self.state[2]):
            self.note("the state file is one of another chain", f"{self.name}.state")
        if not self.state or self.state[4] == b"closed":
            self.refuse_torn()
        if self.state and self.state[4] == b"closed":
            if not self.last or not self.intact or self.last[1:] != (int(self.state[5]), self.state[6]):
                self.note(f"the chain does not end with record {int(self.state[5])}, with which it was closed")
        for (chain, seq), named in self.required.items():
            for digest, source in named if chain == (self.id or self.state and self.state[2]) else ():
                if not self.is_removed((chain, seq, digest)):
                    self.note(f"record {seq} is not there: {source} names it")


def verify(folder, keys=(), expected=()):
    """All chains of a folder by name, and the problems that concern no chain. `expected` are (chain, seq, hash)."""
    files = {}
    for name in sorted(os.listdir(folder)):
        if found := re.fullmatch(r"(.+)(?:-(\d{6,})\.jsonl|\.state)", name):
            files.setdefault(found[1], []).extend([(int(found[2]), name)] if found[2] else [])
    files = {name: [file for _, file in sorted(numbered)] for name, numbered in sorted(files.items())}
    if not files:
        raise OSError(f"{folder} holds no journal")
    # What a gateway at work writes later may speak of records that were not there when their chain was read.
    sizes = {file: os.lstat(f"{folder}/{file}").st_size for names in files.values() for file in names}
    trust = Trust(folder, keys)
    required = trust.required + [(*record, "--expect") for record in expected]
    chains = {name: Chain(folder, name, files[name], trust, required, sizes) for name in files}
    problems, ids = list(trust.problems), [chain.id for chain in chains.values()]
    for (name, position), place in (claim for source in chains.values() for claim in source.claims.items()):
        target = chains.get(name)
        if not target:
            problems.append((place, f"the chain {name} is not there"))
        elif target.id != position[0] or (
                target.checkpoints.get(position[1]) != position[2] and not target.is_removed(position)):
            target.note(f"{name} has lost its checkpoint {position[1]}, at which it stood when this was signed", place)
    for gone in {record[0] for record in trust.required} - set(ids):
        problems.append(("keys", f"the chain {gone.decode()} is not there, which stood there when a key was endorsed"))
    for index, chain in enumerate(chains.values()):
        if chain.id and chain.id in ids[:index]:
            chain.note("another chain has the same id", f"{chain.name}.state")
    return chains, problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Verifies Postern's journals.")
    parser.add_argument("--public-key", metavar="FILE", action="append", default=[])
    parser.add_argument("--expect", metavar="CHAIN:SEQ:HASH", action="append", default=[])
    parser.add_argument("folders", metavar="DIR", nargs="+")
    options = parser.parse_args(arguments)
    try:
        records = [record.split(":") for record in options.expect]
        expected = [(chain.encode(), int(seq), digest.encode()) for chain, seq, digest in records]
        results = [verify(folder, options.public_key, expected) for folder in options.folders]
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    chains = [chain for found, _ in results for chain in found.values()]
    problems = [problem for _, own in results for problem in own] + [p for chain in chains for p in chain.problems]
    for chain in {record[0] for record in expected} - {chain.id for chain in chains}:
        problems.append(("--expect", f"there is no chain {chain.decode()}"))
    for place, text in problems:
        print(shown(f"{place}: {text}"))
    for chain in chains:
        print(f"{shown(chain.name)}: {'BROKEN' if chain.problems else 'whole'}, {chain.records} records, "
              f"{chain.uncovered} after the last checkpoint")
    if not options.public_key:
        print("self-attested")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
