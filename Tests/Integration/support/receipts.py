"""A receipt, checked without any of Postern's own code."""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from . import journal

CLASSES = ["read", "write", "ddl", "role", "function", "misc", "unparsed"]


def verify(text, folder):
    """Checks signature, place in the journal and totals, and returns what it says."""
    data = text.encode()
    receipt = json.loads(data)
    body, mark, _ = data.rpartition(b',"signature":')
    assert mark and list(receipt)[-3:] == ["journal", "key_id", "signature"]
    with open(f"{folder}/checkpoint.pub", "rb") as file:
        key = load_pem_public_key(file.read())
    assert receipt["key_id"] == hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    message = f"postern-receipt-v1\n{hashlib.sha256(body).hexdigest()}\n"
    key.verify(base64.b64decode(receipt["signature"]), message.encode())
    place = receipt["journal"]
    chain = [json.loads(line) for line in _chain(folder, place["chain"])]
    (record,) = [record for record in chain if record["seq"] == place["seq"]]
    assert (record["hash"], record["event"]) == (place["hash"], "session.receipt")
    assert record["session"] == receipt["session"] and record["policy_hash"] == receipt["policy_hash"]
    assert record["digest"] == hashlib.sha256(data.rpartition(b',"journal":')[0]).hexdigest()
    own = [r for r in chain if r.get("session") == receipt["session"] and r["seq"] < place["seq"]]
    compare(receipt, own)
    return receipt


def _chain(folder, chain):
    for name in journal.chains(folder):
        found = [line for _, line in journal.lines(folder, name)]
        if found and json.loads(found[0])["chain"] == chain:
            return found
    raise AssertionError(f"no chain {chain}")


def compare(receipt, records):
    """The totals are those of the session's records."""
    decisions = [record for record in records if record["event"] == "statement.decision"]
    outcomes = [record for record in records if record["event"] == "statement.outcome"]
    ends = [record["result"] for record in records if record["event"] == "transaction.end"]
    classes = [record.get("class", "unparsed") for record in decisions if record["forwarded"]]
    assert receipt["statements"] == {name: classes.count(name) for name in CLASSES}
    assert receipt["outcomes"] == {
        name: sum(record["result"] == name for record in outcomes)
        for name in ["ok", "error", "skipped", "canceled", "unknown"]
    }
    assert receipt["transactions"] == {name: ends.count(name) for name in ["commit", "rollback", "unknown"]}
    assert receipt["rows"] == sum(record["rows"] for record in outcomes)
    assert receipt["notes"] == sum(record["event"] in ("session.note", "guard.result") for record in records)
    assert receipt["withheld"] == sum(not record["forwarded"] for record in decisions)
    denied = [record for record in decisions if record["decision"] == "deny"]
    assert receipt["denied"] == len(denied)
    for told, record in zip(receipt["denials"], denied, strict=False):
        assert {name: told.get(name) for name in ("statement", "tag", "rule", "reason")} == {
            name: record.get(name) for name in ("statement", "tag", "rule", "reason")
        }
    objects = {
        access["object"]
        for record in decisions if record["forwarded"]
        for access in record["accesses"] if "object" in access
    }
    assert {entry["object"] for entry in receipt["objects"]} == objects
    (start,) = [record for record in records if record["event"] == "session.start"]
    for name in ("role", "database", "login", "run"):
        assert receipt[name] == start[name]
    assert receipt["identity"] == {name: start["identity"][name] for name in ("issuer", "subject")}
