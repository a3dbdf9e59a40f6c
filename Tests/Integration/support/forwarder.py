"""A TCP forwarder between a client and a server, whose connections can be broken at will, and which can refuse them."""

import contextlib
import socket
import struct
import threading


class Forwarder:
    def __init__(self, port):
        self.target = port
        self.pairs = []
        #: While it refuses: connections are accepted, and reset when they have said something.
        self.refuses = False
        self.refused = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
                if self.refuses:
                    self._refuse(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.pairs.append((client, server))
            for source, drain in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, drain), daemon=True).start()

    def _refuse(self, client):
        client.settimeout(5)
        with contextlib.suppress(OSError):
            client.recv(1)
        self._reset(client)
        self.refused += 1

    @staticmethod
    def _reset(client):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    @staticmethod
    def _pass(source, drain):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                drain.sendall(data)
            drain.shutdown(socket.SHUT_WR)

    def break_all(self):
        """Resets the connections of the clients, while the server's stay open."""
        for client, _ in self.pairs:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RD)
                self._reset(client)

    def stop(self):
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.close()
