"""A CI system's token service over HTTPS, and the proxy that a runner may have to go through."""

import http.server
import json
import select
import socket
import ssl
import threading
import time
import urllib.parse


class TokenService:
    """Answers with tokens. `requests` has (method, path, query, bearer) of each request.

    `answer` may be replaced: it is called with the audience and returns status, headers and body.
    """

    def __init__(self, authority, issuer, member="value"):
        self.issuer = issuer
        self.member = member
        self.requests = []
        # Seconds from now, where the issuer's own are not wanted.
        self.lifetime = None
        self.answer = self.good
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                parameters = dict(urllib.parse.parse_qsl(url.query))
                bearer = self.headers.get("Authorization", "")
                service.requests.append((self.command, url.path, parameters, bearer))
                status, headers, body = service.answer(parameters.get("audience"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        certificate, key = authority.issue("token-service")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        # A client that hangs up within the handshake is no matter.
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def good(self, audience):
        changes = {"exp": int(time.time()) + self.lifetime} if self.lifetime else {}
        if audience:
            changes["aud"] = audience
        return 200, {}, json.dumps({"count": 1, self.member: self.issuer.token(**changes)}).encode()

    def chunked(self, audience):
        body = self.good(audience)[2]
        pieces = [body[:7], body[7:]]
        data = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        return 200, {"Transfer-Encoding": "chunked"}, data

    @property
    def url(self):
        return f"https://localhost:{self.port}/token?v=1"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class ConnectProxy:
    """An HTTP proxy that knows CONNECT alone. `lines` has the heads of the requests."""

    def __init__(self):
        self.heads = []
        self.status = 200
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(4096)
                if not data:
                    return
                head += data
            self.heads.append(head.decode())
            if self.status != 200:
                client.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.status)
                return
            host, _, port = head.split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                ends = {client: server, server: client}
                while True:
                    for source in select.select(list(ends), [], [], 30)[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        ends[source].sendall(data)

    def stop(self):
        self.listener.close()
