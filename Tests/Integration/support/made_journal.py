"""Journals that no gateway wrote, of any size and content. As a program: one for measuring how fast it is read."""

import hashlib
import json
import os
import sys
import time as clock

ZEROS = "0" * 64
EPOCH = 1_790_000_000


def moment(microseconds):
    """RFC 3339 of microseconds after the first record."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return clock.strftime("%Y-%m-%dT%H:%M:%S", clock.gmtime(EPOCH + seconds)) + f".{rest:06d}Z"


class Chain:
    """One chain's files; hashes are right, nothing is signed."""

    def __init__(self, folder, name="loop-0", identity="0" * 32):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.name, self.identity = str(folder), name, identity
        self.seq, self.prev, self.number, self.now = 0, ZEROS, 0, 0
        self.file = None
        self.rotate()

    @property
    def path(self):
        return f"{self.folder}/{self.name}-{self.number:06d}.jsonl"

    def rotate(self):
        self.close()
        self.number += 1
        self.file = open(self.path, "ab")

    def add(self, event, **members):
        self.raw(event, json.dumps(members, separators=(",", ":"), ensure_ascii=False)[1:-1])

    def raw(self, event, members):
        """A record whose own members are this text."""
        self.now += 1000
        more = f",{members}" if members else ""
        body = (
            f'{{"v":1,"chain":"{self.identity}","seq":{self.seq},"time":"{moment(self.now)}","event":"{event}"{more}'
            f',"prev":"{self.prev}"'
        ).encode()
        self.prev = hashlib.sha256(body).hexdigest()
        self.file.write(body + f',"hash":"{self.prev}"}}\n'.encode())
        self.seq += 1

    def bytes(self, data):
        """What is no record."""
        self.file.write(data)

    def flush(self):
        self.file.flush()

    def close(self):
        if self.file:
            self.file.close()

    # A session's records.

    def start(self, session, role="app", repository="acme/app", ref="refs/heads/main", sha="a" * 40, run="1",
              subject="repo:acme/app", **more):  # fmt: skip
        self.add(
            "session.start", session=session, role=role, database="app", login="app",
            client={"address": "127.0.0.1:5"}, identity={"issuer": "ci", "subject": subject, "claims": {"ref": ref}},
            run={"repository": repository, "ref": ref, "sha": sha, "id": run}, policy_hash="c" * 64,
            upstream={"host": "db", "port": 5432, "login": "app", "connected_at": moment(self.now)}, **more,
        )  # fmt: skip

    def decide(self, session, number, tag="SELECT", name="public.t", decision="allow", transaction=1, **more):
        self.add(
            "statement.decision", session=session, statement=number, transaction=transaction, tag=tag, **{"class": "read"},
            sql=f"{tag.lower()} {name}", text_mac=hashlib.sha256(tag.encode()).hexdigest(),
            accesses=[{"class": "read", "tag": tag, "object": name, "rule": "r"}], decision=decision, rule="r",
            file="policies/app.yaml", line=3, forwarded=decision == "allow", **more,
        )  # fmt: skip

    def outcome(self, session, number, result="ok", tag="SELECT", rows=1):
        self.add("statement.outcome", session=session, statement=number, result=result, tag=tag, rows=rows, bytes=9,
                 duration_us=120)  # fmt: skip

    def transaction(self, session, number=1, result="commit"):
        self.add("transaction.end", session=session, transaction=number, result=result)

    def end(self, session, statements=1, denied=0):
        self.add("session.end", session=session, reason="the job closed the session", statements=statements,
                 denied=denied, rows=1, bytes_in=10, bytes_out=20, duration_us=1000)  # fmt: skip


def session_id(number):
    digits = ""
    for _ in range(16):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def make_large(folder, size, file_size=256 << 20, statements=40):
    """Sessions of a busy gateway: reads and writes of a hundred tables, now and then a migration or a denial."""
    chain = Chain(folder)
    written = 0
    number = 0
    while written < size:
        number += 1
        session = session_id(number)
        chain.start(session, repository=f"acme/app-{number % 50}", run=str(number), sha=f"{number:040x}")
        for statement in range(1, statements + 1):
            name = f"public.table_{(number + statement) % 100}"
            fingerprint = f"{number % 997:016x}"
            if number % 100 == 0 and statement == 1:
                chain.decide(session, 1, "ALTER TABLE", "public.orders", fingerprint=fingerprint)
            elif number % 50 == 0 and statement == 2:
                chain.decide(session, 2, "DROP TABLE", name, "deny", fingerprint=fingerprint)
                continue
            else:
                chain.decide(session, statement, "SELECT" if statement % 3 else "UPDATE", name, transaction=statement,
                             fingerprint=fingerprint)  # fmt: skip
            chain.outcome(session, statement)
            chain.transaction(session, statement)
        chain.end(session, statements)
        if chain.file.tell() > file_size:
            written += chain.file.tell()
            chain.rotate()
        elif written + chain.file.tell() >= size:
            break
    chain.close()
    return number


if __name__ == "__main__":
    print(make_large(sys.argv[1], int(float(sys.argv[2]) * (1 << 20))), "sessions")
