"""A raw PostgreSQL client: exactly these bytes, in exactly these pieces."""

import fcntl
import itertools
import socket
import ssl
import struct
import termios

from .waiting import until

_sources = itertools.count()

SSL_REQUEST = struct.pack(">II", 8, 80877103)
GSSENC_REQUEST = struct.pack(">II", 8, 80877104)
VERSION_30 = 0x00030000
VERSION_32 = 0x00030002
TERMINATE = b"X\0\0\0\4"
SYNC = b"S\0\0\0\4"
FLUSH = b"H\0\0\0\4"
COPY_DONE = b"c\0\0\0\4"


class Closed(Exception):
    """The other side ended the connection where a message was expected."""


def message(kind, body=b""):
    """A message with its type byte; `kind` is a one-character string."""
    return kind.encode("latin-1") + struct.pack(">I", len(body) + 4) + body


def string(text):
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def packet(code, body=b""):
    """A packet of the startup phase, which has no type byte."""
    return struct.pack(">II", len(body) + 8, code) + body


def startup(parameters=(), version=VERSION_30, user="app", database="app"):
    """A StartupMessage; `parameters` are pairs, or a dictionary."""
    pairs = [("user", user), ("database", database)]
    pairs = [pair for pair in pairs if pair[1] is not None]
    pairs += parameters.items() if isinstance(parameters, dict) else parameters
    return packet(version, b"".join(string(name) + string(value) for name, value in pairs) + b"\0")


def password(token):
    return message("p", string(token))


def query(text):
    return message("Q", string(text))


def parse(text, name="", types=()):
    return message("P", string(name) + string(text) + struct.pack(f">H{len(types)}I", len(types), *types))


def bind(values=(), portal="", statement=""):
    body = string(portal) + string(statement) + struct.pack(">HH", 0, len(values))
    for value in values:
        body += struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value
    return message("B", body + struct.pack(">H", 0))


def describe(kind, name=""):
    return message("D", kind.encode() + string(name))


def execute(portal="", rows=0):
    return message("E", string(portal) + struct.pack(">I", rows))


def close(kind, name=""):
    return message("C", kind.encode() + string(name))


def copy_data(data):
    return message("d", data)


def function_call(oid, *arguments):
    """A FunctionCall; arguments and result are binary."""
    body = struct.pack(">IHHH", oid, 1, 1, len(arguments))
    for argument in arguments:
        body += struct.pack(">i", len(argument)) + argument
    return message("F", body + struct.pack(">H", 1))


def error_fields(body):
    """The fields of an ErrorResponse or NoticeResponse by their letters."""
    return {field[:1].decode(): field[1:].decode() for field in body.split(b"\0") if field}


class Wire:
    """One connection. Every read has a deadline: `socket.timeout` fails the test."""

    def __init__(self, connection, timeout=10):
        self.socket = connection
        self.socket.settimeout(timeout)
        self.parameters = {}
        self.cancel_key = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @classmethod
    def plain(cls, port, timeout=10):
        # Each connection comes from an address of its own: refusals are recorded at a bounded rate per address.
        number = next(_sources)
        source = (f"127.7.{number // 250 % 250}.{number % 250 + 1}", 0)
        connection = socket.create_connection(("127.0.0.1", port), timeout, source)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection, timeout)

    @classmethod
    def unix(cls, path, timeout=10):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        return cls(connection, timeout)

    @classmethod
    def tls(cls, port, ca, timeout=10, **options):
        """By way of SSLRequest."""
        wire = cls.plain(port, timeout)
        wire.send(SSL_REQUEST)
        answer = wire.exactly(1)
        if answer != b"S":
            raise AssertionError(f"the answer to SSLRequest is {answer!r}")
        wire.encrypt(ca, **options)
        return wire

    @classmethod
    def direct_tls(cls, port, ca, alpn=("postgresql",), timeout=10, **options):
        wire = cls.plain(port, timeout)
        wire.encrypt(ca, alpn=alpn, **options)
        return wire

    def encrypt(self, ca, alpn=(), minimum=None, maximum=None):
        context = ssl.create_default_context(cafile=ca)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if minimum or maximum:
            # The security level of the library would keep the client from offering old versions.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = minimum or ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = maximum or ssl.TLSVersion.MAXIMUM_SUPPORTED
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    # Bytes

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def send_bytewise(self, data, size=1):
        """Each piece in a write, and so with TCP_NODELAY in a segment, of its own."""
        for start in range(0, len(data), size):
            self.socket.sendall(data[start : start + size])

    def send_split(self, *pieces):
        """Each piece once the gateway has read the one before; on a Unix socket only."""
        for piece in pieces:
            self.socket.sendall(piece)
            until(self._is_consumed, 10, "reading of the bytes sent")

    def _is_consumed(self):
        # For a Unix socket the kernel counts what the other side has not read yet.
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0" * 4))[0] == 0

    def exactly(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(min(count - len(data), 1 << 20))
            if not piece:
                raise Closed(f"the connection ended after {len(data)} of {count} bytes: {bytes(data[:80])!r}")
            data += piece
        return bytes(data)

    def rest(self):
        """Everything up to the end of the connection; a reset counts as an end."""
        data = bytearray()
        while True:
            try:
                piece = self.socket.recv(1 << 16)
            except (ConnectionError, ssl.SSLError):
                return bytes(data)
            if not piece:
                return bytes(data)
            data += piece

    def shutdown_writes(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    # Messages

    def receive(self):
        """The next message as type and body."""
        header = self.exactly(5)
        (length,) = struct.unpack(">I", header[1:])
        return header[:1].decode("latin-1"), self.exactly(length - 4)

    def until_ready(self):
        """All messages up to and including ReadyForQuery."""
        found = []
        while not found or found[-1][0] != "Z":
            found.append(self.receive())
        return found

    def fatal(self):
        """The fields of the error that the connection ends with; nothing may follow it."""
        while True:
            kind, body = self.receive()
            if kind == "E":
                break
        fields = error_fields(body)
        if fields["S"] != "FATAL":
            raise AssertionError(f"not FATAL: {fields}")
        if rest := self.rest():
            raise AssertionError(f"bytes behind the FATAL error: {rest[:80]!r}")
        return fields

    # Sessions

    def log_in(self, token, parameters=(), **options):
        """Startup and password up to ReadyForQuery."""
        self.send(startup(parameters, **options))
        return self.give_password(token)

    def give_password(self, token):
        kind, body = self.receive()
        if (kind, body) != ("R", struct.pack(">I", 3)):
            raise AssertionError(f"not a password request: {kind} {body!r}")
        self.send(password(token))
        return self.welcome()

    def welcome(self):
        """Reads from AuthenticationOk to ReadyForQuery."""
        kind, body = self.receive()
        if (kind, body) != ("R", struct.pack(">I", 0)):
            raise AssertionError(f"not logged in: {kind} {body!r}")
        for kind, body in self.until_ready():
            if kind == "S":
                name, value = body.rstrip(b"\0").split(b"\0") if body.count(b"\0") == 2 else (body, b"")
                self.parameters[name.decode()] = value.decode()
            elif kind == "K":
                self.cancel_key = body
        return self

    def ask(self, text):
        """The first columns of a simple query's rows."""
        self.send(query(text))
        return first_columns(self.until_ready())


def first_columns(messages):
    rows = []
    for kind, body in messages:
        if kind == "E":
            raise AssertionError(error_fields(body))
        if kind == "D":
            (length,) = struct.unpack_from(">i", body, 2)
            rows.append(None if length < 0 else body[6 : 6 + length].decode())
    return rows
