"""Journals of any age, written without Postern's code, for tests of those who read them."""

import base64
import copy
import datetime
import hashlib
import json
import os
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ZEROS = "0" * 64


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Journal:
    """A folder with its own key."""

    def __init__(self, folder, start="2026-11-21T01:29:40"):
        self.folder, self.key = str(folder), Ed25519PrivateKey.generate()
        self.start = datetime.datetime.fromisoformat(start)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with open(os.open(f"{self.folder}/signing.key", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(pem)
        with open(f"{self.folder}/checkpoint.pub", "wb") as file:
            file.write(public_pem(self.key))

    def chain(self, name):
        return Chain(self, name)


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(key):
    return hashlib.sha256(raw(key)).hexdigest()


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Chain:
    """One chain, written line by line; it begins with `chain.start`."""

    def __init__(self, journal, name):
        self.journal, self.name, self.id = journal, name, secrets.token_hex(16)
        self.seq, self.prev, self.file = 0, ZEROS, 1
        self.time = journal.start
        self.add("chain.start", gateway="gw-test", public_key=base64.b64encode(raw(journal.key)).decode())

    def elsewhere(self, journal):
        """The same chain where it stands, to be continued in another folder."""
        other = copy.copy(self)
        other.journal = journal
        return other

    @property
    def path(self):
        return f"{self.journal.folder}/{self.name}-{self.file:06}.jsonl"

    @property
    def head(self):
        """Where the last record stands, as `--expect` takes it."""
        return f"{self.id}:{self.seq - 1}:{self.prev}"

    def add(self, event, members="", **more):
        """Appends a record; `members` is JSON text without its brackets."""
        text = members or compact(more)[1:-1]
        line = (f'{{"v":1,"chain":"{self.id}","seq":{self.seq},"time":"{self.time.isoformat(timespec="microseconds")}Z",'
                f'"event":"{event}"{"," if text else ""}{text},"prev":"{self.prev}"')
        self.prev = hashlib.sha256(line.encode()).hexdigest()
        with open(self.path, "a") as file:
            file.write(f'{line},"hash":"{self.prev}"}}\n')
        self.seq += 1
        self.time += datetime.timedelta(seconds=1)

    def sessions(self, count):
        for _ in range(count):
            self.add("session.start", session=secrets.token_hex(8))

    def checkpoint(self, *others, key=None, named=None):
        """Signs the chain; `others` are the chains whose heads it names, `named` is the key that it claims."""
        key = key or self.journal.key
        heads = compact({
            other.id: {"name": other.name, "seq": other.seq - 1, "hash": other.prev}
            for other in sorted(others, key=lambda chain: chain.id)})
        digest = hashlib.sha256(heads.encode()).hexdigest()
        message = f"postern-checkpoint-v1\n{self.id}\n{self.seq}\n{self.prev}\n{digest}\n"
        signature = base64.b64encode(key.sign(message.encode())).decode()
        named = key_id(named or key)
        self.add("journal.checkpoint", f'"key_id":"{named}","heads":{heads},"signature":"{signature}"')

    def rotate(self):
        self.file += 1

    def _state(self, words, key=None):
        self.signed_file("state", f"postern-state-v1\n{self.id}\n{words}\n", key)

    def signed_file(self, suffix, text, key=None):
        signature = base64.b64encode((key or self.journal.key).sign(text.encode())).decode()
        with open(f"{self.journal.folder}/{self.name}.{suffix}", "w") as file:
            file.write(f"{text}{signature}\n")

    def close(self, key=None):
        self._state(f"closed {self.seq - 1} {self.prev}", key)

    def leave_open(self, after=None):
        self._state("open" if after is None else f"open {after}")
