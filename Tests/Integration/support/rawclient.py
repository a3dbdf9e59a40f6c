"""A client that can stop anywhere: for connections that say nothing, too little, or leave in the middle."""

import socket
import ssl
import struct

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def startup(user="app", database="app", version=196608, **settings):
    """The bytes of a startup packet."""
    pairs = {"user": user, "database": database} | settings
    body = struct.pack("!i", version)
    body += b"".join(f"{name}\0{value}\0".encode() for name, value in pairs.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def message(kind, body=b""):
    """The bytes of one message."""
    return kind + struct.pack("!i", len(body) + 4) + body


def password(token):
    return message(b"p", token.encode() + b"\0")


def query(text):
    return message(b"Q", text.encode() + b"\0")


def fields(body):
    """The fields of an ErrorResponse by their letters."""
    return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}


class RawClient:
    """One connection. Every read has a deadline."""

    def __init__(self, port, source=None, timeout=15):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout, source_address=(source, 0) if source else None
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def start_tls(self, ca):
        """SSLRequest and the handshake."""
        self.send(SSL_REQUEST)
        answer = self.socket.recv(1)
        assert answer == b"S", answer
        context = ssl.create_default_context(cafile=ca)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        return self

    def read(self, count):
        """Exactly so many bytes, or fewer at the end."""
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                break
            data += part
        return data

    def next(self):
        """The next message as kind and body; None at the end of the connection."""
        head = self.read(5)
        if len(head) < 5:
            return None
        return head[:1], self.read(struct.unpack("!i", head[1:])[0] - 4)

    def until(self, kind):
        """Skips to the next message of this kind and returns its body."""
        while True:
            found = self.next()
            assert found is not None, f"the connection ended before {kind}"
            if found[0] == kind:
                return found[1]
            assert found[0] != b"E", fields(found[1])

    def log_in(self, token, **options):
        self.send(startup(**options)).until(b"R")
        self.send(password(token)).until(b"Z")
        return self

    def last_words(self):
        """The fields of the error that ends the connection; empty if it ends without one."""
        error = {}
        try:
            while (found := self.next()) is not None:
                if found[0] == b"E":
                    error = fields(found[1])
        except ConnectionResetError:
            pass
        return error

    def is_over(self):
        """Whether the other side has closed, without waiting for it."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        finally:
            self.socket.settimeout(15)

    def reset(self):
        """Closes with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()
