"""An HTTPS server with the replies that an issuer may give, for the fetcher's tests.

usage: issuer_server.py FOLDER, which holds certificate.pem, key.pem and jwks.json. Prints its port. When its standard
input ends it removes the folder and ends too.
"""
import json
import shutil
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DISCOVERY = "/.well-known/openid-configuration"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        base = f"https://localhost:{self.server.server_port}"
        if self.path.endswith(DISCOVERY):
            name = self.path[: -len(DISCOVERY)]
            issuer = base + ("/somebody-else" if name == "/other" else name)
            keys = {
                "/plain": base.replace("https:", "http:") + "/jwks",
                "/near": base + "/guarded",
                "/far": base.replace("localhost", "LOCALHOST") + "/guarded",
            }
            self.reply(200, json.dumps({"issuer": issuer, "jwks_uri": keys.get(name, base + "/jwks")}).encode())
        elif self.path == "/guarded" and self.headers["Authorization"] != "Bearer s3cret":
            self.reply(401)
        elif self.path in ("/jwks", "/guarded"):
            cache = [("Cache-Control", "public, max-age=300"), ("Age", "20"), ("ETag", '"v1"')]
            if self.headers["If-None-Match"] == '"v1"':
                self.reply(304, headers=cache)
            else:
                with open(sys.argv[1] + "/jwks.json", "rb") as file:
                    self.reply(200, file.read(), cache)
        elif self.path == "/echo":
            self.reply(200, str(self.headers).encode(), [("Set-Cookie", "a=b")])
        elif self.path == "/redirect":
            self.reply(302, headers=[("Location", base + "/jwks")])
        elif self.path == "/large":
            self.reply(200, b" " * 262145)
        elif self.path == "/endless":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
            while True:
                self.wfile.write(chunk)
        elif self.path == "/largest":
            self.reply(200, b" " * 262144)
        elif self.path == "/silent":
            self.rfile.read(1)
        else:
            self.reply(404)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/certificate.pem", sys.argv[1] + "/key.pem")
server = Server(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
shutil.rmtree(sys.argv[1], ignore_errors=True)
