"""`postern issuer serve` as a process, and requests as Drone and Woodpecker sign them, by other people's code."""

import base64
import email.utils
import hashlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
import types

import http_message_signatures
import httpsig
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .gateway import executable
from .waiting import free_port, until

ENV_V1 = "application/vnd.drone.env.v1+json"
ENV_V2 = "application/vnd.drone.env.v2+json"
SECRET_V1 = "application/vnd.drone.secret.v1+json"
SIGNED = ["accept", "accept-encoding", "content-type", "date", "digest"]
AUDIENCE = "postern.test"
REPOSITORY_SECRET = "PLANTED-REPOSITORY-SECRET-0123456789"


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    os.chmod(path, 0o600)


class TokenIssuer:
    """An issuer behind TLS, with a Drone secret and a Woodpecker key of its own."""

    def __init__(self, folder, authority, **drone):
        self.folder = str(folder)
        os.makedirs(self.folder)
        self.authority = authority
        self.secret = os.urandom(24).hex()
        write_private(f"{self.folder}/drone.secret", self.secret + "\n")
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.woodpecker = ed25519.Ed25519PrivateKey.generate()
        pem = self.woodpecker.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_private(f"{self.folder}/woodpecker.pem", pem.decode())
        certificate, key = authority.issue(f"issuer-{self.port}")
        self.configuration = {
            "issuer": self.url,
            "listen": {"address": f"127.0.0.1:{self.port}", "tls": {"certificate": certificate, "key": key}},
            "audience": AUDIENCE,
            "keys": {"directory": "keys"},
            "journal": {"directory": "journal", "min_free": "1MiB"},
            "drone": {"host": "drone.test", "secrets": [{"file": "drone.secret"}], "environment": {"PGHOST": "127.0.0.1"}}
            | drone,
            "woodpecker": {"host": "woodpecker.test", "public_key": {"file": "woodpecker.pem"}},
        }
        self.path = f"{self.folder}/issuer.yaml"
        self.log = f"{self.folder}/issuer.log"
        self.journal_folder = f"{self.folder}/journal"
        self.process = None
        self.binary = executable()
        self.write()

    def write(self):
        with open(self.path, "w") as file:
            json.dump(self.configuration, file, indent=2)

    def start(self, until_up=True):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "issuer", "serve", "--config", self.path, "--log-level", "debug"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )
        if until_up:
            until(self._is_up, 20, "the issuer's start")
        return self

    def answers(self):
        """Whether it listens, ready or not."""
        try:
            return self.get("/jwks")[0] == 200
        except OSError:
            return False

    def _is_up(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the issuer ended with {self.process.returncode}:\n{self.log_text()}")
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    # HTTP

    def connection(self):
        context = ssl.create_default_context(cafile=self.authority.ca)
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)

    def get(self, path, **headers):
        connection = self.connection()
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()

    def post(self, path, headers, body):
        """Sends exactly these headers: http.client would add an Accept-Encoding of its own."""
        connection = self.connection()
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()

    def jwks(self):
        return json.loads(self.get("/jwks")[2])

    # Requests

    def drone(self, path="/drone/env", accept=ENV_V2, body=None, **options):
        headers, body = drone_request(options.pop("secret", self.secret), accept, body or drone_body(**options))
        return self.post(path, headers, body)

    def token(self, **options):
        """The token of a build that gets one, from the environment extension."""
        status, headers, reply = self.drone(**options)
        assert status == 200, (status, reply, self.log_text())
        return token_in(decrypted(reply, headers, options.get("secret", self.secret)))


def drone_body(repo=None, build=None, **members):
    """The body of a push to main, or of what the changes make of it."""
    repository = {
        "id": 42, "uid": "158392", "user_id": 1, "namespace": "acme", "name": "app", "slug": "acme/app",
        "default_branch": "main", "private": True, "visibility": "private", "active": True, "trusted": False,
        "protected": False, "timeout": 60, "secret": REPOSITORY_SECRET,
    }
    push = {
        # The number changes, so that two requests of the same second differ.
        "id": 1007, "repo_id": 42, "trigger": "@hook", "number": time.monotonic_ns() // 1000, "status": "pending",
        "event": "push", "after": "0123456789abcdef0123456789abcdef01234567", "ref": "refs/heads/main",
        "source_repo": "", "source": "main", "target": "main", "author_login": "octo", "sender": "octo", "debug": False,
    }
    return json.dumps(members | {"repo": repository | (repo or {}), "build": push | (build or {})}).encode()


def drone_request(secret, accept, body, date=None, scheme="signature"):
    """Headers as Drone's client makes them, signed by httpsig."""
    headers = {
        "Accept": accept, "Accept-Encoding": "identity", "Content-Type": "application/json",
        "Date": email.utils.formatdate(time.time() if date is None else date, usegmt=True),
        "Digest": "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    signer = httpsig.HeaderSigner(
        key_id="hmac-key", secret=secret, algorithm="hmac-sha256", headers=SIGNED, sign_header=scheme,
    )
    return dict(signer.sign(headers, method="POST", path="/")), body


def woodpecker_body(**pipeline):
    build = {
        "id": 77, "number": time.monotonic_ns() // 1000, "event": "push", "ref": "refs/heads/main", "branch": "main",
        "commit": "0123456789abcdef0123456789abcdef01234567", "author": "octo", "sender": "octo", "from_fork": False,
        "parent": 0,
    }
    repository = {
        "id": 42, "forge_remote_id": "158392", "owner": "acme", "name": "app", "full_name": "acme/app",
        "visibility": "private", "timeout": 60, "trusted": {"network": False, "volumes": False, "security": False},
    }
    return json.dumps({"repo": repository, "pipeline": build | pipeline, "netrc": {"password": REPOSITORY_SECRET}}).encode()


def woodpecker_request(key, url, body, created=None):
    """Headers as Woodpecker's server makes them, signed by http-message-signatures."""
    class Keys(http_message_signatures.HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id):
            return key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )

        def resolve_public_key(self, key_id):
            raise NotImplementedError

    message = types.SimpleNamespace(method="POST", url=url, headers={"Content-Type": "application/json"})
    signer = http_message_signatures.HTTPMessageSigner(
        signature_algorithm=http_message_signatures.algorithms.ED25519, key_resolver=Keys(),
    )
    signer.sign(
        message, key_id="woodpecker-ci-extensions", label="woodpecker-ci-extensions", created=created,
        covered_component_ids=("@request-target", "content-digest"), body=body,
    )
    return dict(message.headers)


def decrypted(reply, headers, secret):
    """The reply as Drone's client reads it."""
    if headers["Content-Encoding"] != "aesgcm":
        return json.loads(reply)
    assert headers["Content-Type"] == "application/octet-stream"
    return json.loads(AESGCM(secret.encode()[:32]).decrypt(reply[:12], reply[12:], None))


def token_in(variables):
    (token,) = [variable["data"] for variable in variables if variable["name"] == "POSTERN_ID_TOKEN"]
    return token
