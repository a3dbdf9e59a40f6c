"""A PostgreSQL that misbehaves as each test wants."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import threading

from . import wire
from .postgres import PASSWORD

PARAMETERS = {
    "server_version": "15.99", "server_encoding": "UTF8", "client_encoding": "UTF8", "is_superuser": "off",
    "in_hot_standby": "off", "default_transaction_read_only": "off", "standard_conforming_strings": "on",
}


def authentication(code, data=b""):
    return wire.message("R", struct.pack(">I", code) + data)


def parameter(name, value):
    return wire.message("S", wire.string(name) + wire.string(value))


def failure(message, state=None, severity="FATAL"):
    """An ErrorResponse; without a state it has no SQLSTATE."""
    fields = [("S", severity), ("V", severity), *([("C", state)] if state else []), ("M", message)]
    return wire.message("E", b"".join(name.encode() + wire.string(text) for name, text in fields) + b"\0")


def ready(status=b"I"):
    return wire.message("Z", status)


def key(length=4, process=77):
    return wire.message("K", struct.pack(">I", process) + b"k" * length)


def row(text):
    data = text if isinstance(text, bytes) else text.encode()
    return wire.message("D", struct.pack(">HI", 1, len(data)) + data)


def rows(*texts):
    """The answer to a query with one column, up to ReadyForQuery."""
    column = wire.string("a") + struct.pack(">IHIhih", 0, 0, 25, -1, -1, 0)
    description = wire.message("T", struct.pack(">H", 1) + column)
    tag = wire.message("C", wire.string(f"SELECT {len(texts)}"))
    return description + b"".join(map(row, texts)) + tag + ready()


class Peer(wire.Wire):
    """The server's side of one connection; `sessions` gets the gateway's name of each session that begins, `cancels` the
    keys of cancel requests."""

    sessions = None
    cancels = None

    def startup(self, tls=None):
        """Reads up to the StartupMessage; with a context an SSLRequest leads to TLS. Returns version and settings."""
        while True:
            length, code = struct.unpack(">II", self.exactly(8))
            body = self.exactly(length - 8)
            if code == 80877103:
                self.send(b"S" if tls else b"N")
                if tls:
                    self.socket = tls.wrap_socket(self.socket, server_side=True)
                continue
            if code == 80877102:
                self.cancels.append(body)
                raise wire.Closed("a cancel request is all there is")
            words = body[:-2].split(b"\0")
            settings = dict(zip((word.decode() for word in words[::2]), words[1::2]))
            self.sessions.append(settings["application_name"].decode()[-16:])
            return code, settings

    def scram(self, iterations=4096, nonce=None, signature=None, final=True, salt=b"0123456789abcdef"):
        """SCRAM-SHA-256 up to AuthenticationOk; the client's proof must be right."""
        self.send(authentication(10, b"SCRAM-SHA-256\0\0"))
        kind, body = self.receive()
        mechanism, _, rest = body.partition(b"\0")
        assert (kind, mechanism) == ("p", b"SCRAM-SHA-256")
        bare = rest[4:].split(b",", 2)[2]
        theirs = bare.rpartition(b"r=")[2]
        whole = theirs + base64.b64encode(os.urandom(18)) if nonce is None else nonce(theirs)
        first = b"r=" + whole + b",s=" + base64.b64encode(salt) + b",i=" + str(iterations).encode()
        self.send(authentication(11, first))
        _, answer = self.receive()
        without_proof, _, proof = answer.rpartition(b",p=")
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, iterations)
        text = bare + b"," + first + b"," + without_proof
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        mask = hmac.digest(hashlib.sha256(client_key).digest(), text, "sha256")
        assert base64.b64decode(proof) == bytes(a ^ b for a, b in zip(client_key, mask)), "the proof is wrong"
        if final:
            right = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), text, "sha256")
            self.send(authentication(12, b"v=" + base64.b64encode(signature or right)))
        self.send(authentication(0))

    def welcome(self, key_length=4, **changes):
        """ParameterStatus, BackendKeyData and ReadyForQuery in one piece."""
        parameters = PARAMETERS | changes
        self.send(*(parameter(*pair) for pair in parameters.items()), key(key_length), ready())

    def trust(self, **changes):
        """A whole login without a password."""
        self.startup()
        self.send(authentication(0))
        self.welcome(**changes)

    def serve(self):
        """Answers every query with one row until the other side leaves."""
        while True:
            kind, _ = self.receive()
            if kind == "X":
                return
            if kind == "Q":
                self.send(rows("1"))


class FakePostgres:
    """Listens on a loopback port; each connection is handled by `behaviour(peer)` in a thread of its own."""

    def __init__(self, behaviour=None):
        self.behaviour = behaviour
        self.connections = 0
        self.sessions = []
        self.cancels = []
        self.failures = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._handle, args=(connection, self.behaviour), daemon=True).start()

    def _handle(self, connection, behaviour):
        peer = Peer(connection, timeout=20)
        peer.sessions = self.sessions
        peer.cancels = self.cancels
        self.open.add(peer)
        try:
            behaviour(peer)
        except (wire.Closed, OSError, ssl.SSLError):
            pass  # The gateway left: the test says whether it should have.
        except Exception as error:
            self.failures.append(error)
        finally:
            self.open.discard(peer)
            peer.close()

    def stop(self):
        # Wakes `accept` up, which a close alone does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for peer in list(self.open):
            peer.close()
