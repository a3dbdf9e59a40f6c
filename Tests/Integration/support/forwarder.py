"""A TCP forwarder between a client and a server, whose connections can be broken at will."""

import contextlib
import socket
import struct
import threading


class Forwarder:
    def __init__(self, port):
        self.target = port
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.pairs.append((client, server))
            for source, drain in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, drain), daemon=True).start()

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
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.shutdown(socket.SHUT_RD)
                client.close()

    def stop(self):
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.close()
