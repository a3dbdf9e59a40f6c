"""Issuers over HTTPS, each under a path of one server, that can be made to misbehave while a gateway asks them."""

import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .tokens import AUDIENCE

DISCOVERY = "/.well-known/openid-configuration"


def jwk(key, kid, **more):
    """The public half of a key as it is published."""
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return json.loads(algorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"} | more


class Site:
    """One issuer. `manner` is how it answers: a name of a method of the handler, `well` at first."""

    def __init__(self, url, name):
        self.url = f"{url}/{name}"
        self.name = name
        self.keys = {"k1": ec.generate_private_key(ec.SECP256R1())}
        self.published = None
        self.manner = "well"
        self.tag = None
        self.asked = 0
        self.released = threading.Event()

    def document(self):
        """What is served: the keys, or whatever `published` is set to."""
        keys = self.published or [jwk(key, kid) for kid, key in self.keys.items()]
        return json.dumps({"keys": keys}).encode()

    def token(self, kid="k1", key=None, **changes):
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": AUDIENCE, "sub": "repo:acme/app", "iat": now - 1, "exp": now + 3000,
            "jti": f"t{time.monotonic_ns()}", "repository": "acme/app", "ref": "refs/heads/main",
        } | changes
        key = key or self.keys[kid]
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name, _, rest = self.path.lstrip("/").partition("/")
        site = self.server.sites.get(name)
        if site is None:
            return self.answer(404)
        if f"/{rest}" == DISCOVERY:
            keys = {"issuer": site.url, "jwks_uri": f"{site.url}/jwks"}
            if site.manner == "lying":
                keys["issuer"] = f"{site.url}/"
            return self.answer(200, json.dumps(keys).encode())
        site.asked += 1
        getattr(self, site.manner)(site)

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def well(self, site):
        headers = [("ETag", site.tag)] if site.tag else []
        if site.tag and self.headers["If-None-Match"] == site.tag:
            return self.answer(304, headers=headers)
        self.answer(200, site.document(), headers)

    lying = well

    def empty(self, site):
        self.answer(200)

    def keyless(self, site):
        self.answer(200, b'{"keys":[]}')

    def failing(self, site):
        self.answer(503, site.document())

    def html(self, site):
        self.answer(200, b"<html>down for maintenance</html>", [("Content-Type", "text/html")])

    def oversized(self, site):
        self.answer(200, site.document() + b" " * 262144)

    def redirecting(self, site):
        self.answer(302, headers=[("Location", f"{site.url}/elsewhere")])

    def inward(self, site):
        self.answer(302, headers=[("Location", "http://169.254.169.254/latest/meta-data/")])

    def cut(self, site):
        body = site.document()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + 1))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def dripping(self, site):
        """A byte now and then: never silent, never done."""
        self.send_response(200)
        self.send_header("Content-Length", "200000")
        self.end_headers()
        while not site.released.wait(0.2):
            self.wfile.write(b" ")
        self.close_connection = True

    def log_message(self, *arguments):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


class IssuerServer:
    """The server of all sites, and a proxy before it that leads every host's name there."""

    def __init__(self, authority, hosts=("localhost",)):
        certificate, key = authority.issue("issuers", hosts=hosts)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.sites = {}
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def site(self, name, url=None):
        self.sites[name] = Site(url or self.url, name)
        return self.sites[name]

    def start(self):
        self.server = _Server(("127.0.0.1", self.port), _Handler)
        self.server.sites = self.sites
        self.port = self.server.server_port
        self.server.socket = self.context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        """Nothing listens any more; the port stays its own."""
        for site in self.sites.values():
            site.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


class Proxy:
    """An HTTP proxy that takes CONNECT alone and leads every host to one port of this machine."""

    def __init__(self, port):
        self.target = port
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as reader:
            self.seen.append(reader.readline().decode().strip())
            while reader.readline().strip():
                pass
            with socket.create_connection(("127.0.0.1", self.target)) as upstream:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(upstream, connection), daemon=True)
                back.start()
                _pump(connection, upstream)
                back.join(10)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def _pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
