"""The journal, read and verified without any of Postern's own code."""

import base64
import glob
import hashlib
import json
import os
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ZEROS = "0" * 64


class Broken(AssertionError):
    """The journal is not what its chains say."""


def chains(folder):
    """The names of the chains and their files, in order."""
    names = {}
    for path in sorted(glob.glob(f"{folder}/*-[0-9][0-9][0-9][0-9][0-9][0-9].jsonl")):
        names.setdefault(re.sub(r"-\d{6}\.jsonl$", "", os.path.basename(path)), []).append(path)
    return names


def lines(folder, name):
    """The whole lines of a chain with their place; a torn last line is left out."""
    for path in chains(folder)[name]:
        with open(path, "rb") as file:
            data = file.read()
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            yield f"{os.path.basename(path)}:{number}", line


def records(folder, event=None):
    """All records of all chains, in the order of their times."""
    found = [json.loads(line) for name in chains(folder) for _, line in lines(folder, name)]
    found.sort(key=lambda record: record["time"])
    return [record for record in found if event is None or record["event"] == event]


def session_events(records):
    """The session's own events, without those of its statements."""
    return [record["event"] for record in records if record["event"].startswith("session.")]


def of_session(folder, session):
    return [record for record in records(folder) if record.get("session") == session]


def verify(folder):
    """Checks every chain with the public key alone and returns how many records each has."""
    with open(f"{folder}/checkpoint.pub", "rb") as file:
        key = load_pem_public_key(file.read())
    return {name: _verify_chain(folder, name, key) for name in chains(folder)}


def _verify_chain(folder, name, key):
    previous, expected, chain, record = ZEROS, 0, None, None
    for place, line in lines(folder, name):
        body, mark, rest = line.rpartition(b',"hash":')
        record = json.loads(line)
        if list(record)[-2:] != ["prev", "hash"] or not mark:
            raise Broken(f"{place}: the last members are not prev and hash")
        if hashlib.sha256(body).hexdigest() != record["hash"]:
            raise Broken(f"{place}: the hash is not that of the line")
        if record["prev"] != previous or record["seq"] != expected or record["v"] != 1:
            raise Broken(f"{place}: prev or seq does not follow")
        chain = chain or record["chain"]
        if record["chain"] != chain:
            raise Broken(f"{place}: another chain")
        if record["event"] == "journal.checkpoint":
            _verify_checkpoint(place, body, record, key)
        previous, expected = record["hash"], expected + 1
    _verify_state(folder, name, record, key)
    return expected


def _verify_checkpoint(place, body, record, key):
    heads = re.search(rb',"heads":(.*),"signature":', body).group(1)
    digest = hashlib.sha256(heads).hexdigest()
    message = f"postern-checkpoint-v1\n{record['chain']}\n{record['seq']}\n{record['prev']}\n{digest}\n"
    try:
        key.verify(base64.b64decode(record["signature"]), message.encode())
    except InvalidSignature:
        raise Broken(f"{place}: the checkpoint is forged") from None


def _verify_state(folder, name, last, key):
    with open(f"{folder}/{name}.state", "rb") as file:
        statement, _, signature = file.read().rstrip(b"\n").rpartition(b"\n")
    try:
        key.verify(base64.b64decode(signature), statement + b"\n")
    except InvalidSignature:
        raise Broken(f"{name}.state is forged") from None
    words = statement.decode().split("\n")[2].split()
    if words[0] == "closed" and (int(words[1]), words[2]) != (last["seq"], last["hash"]):
        raise Broken(f"{name} does not end where its state says")
