"""A session with a server that runs scripts: libpq as it is, so that nothing is added to what is run."""

import psycopg
from psycopg import pq

from support.postgres import SUPERUSER_PASSWORD


class Refused(Exception):
    """The server's error."""


class Session:
    """One connection. Rows are texts; None is NULL."""

    def __init__(self, server, database):
        self.connection = pq.PGconn.connect(
            f"host=127.0.0.1 port={server.port} user=postgres password={SUPERUSER_PASSWORD} dbname={database} "
            "client_encoding=UTF8".encode()
        )
        if self.connection.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(self.connection.error_message.decode())

    def run(self, text):
        """The rows of the text's last statement."""
        result = self.connection.exec_(text.encode("utf-8", "surrogateescape"))
        if result.status in (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT):
            raise RuntimeError(f"a COPY was not to be run: {text}")
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY):
            raise Refused((result.error_message or b"").decode(errors="replace").strip())
        return [
            [self._text(result.get_value(row, column)) for column in range(result.nfields)]
            for row in range(result.ntuples)
        ]

    @staticmethod
    def _text(value):
        return None if value is None else value.decode("utf-8", "surrogateescape")

    def literal(self, text):
        """The text as SQL, in whatever way the session reads backslashes."""
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    @property
    def in_transaction(self):
        return self.connection.transaction_status != pq.TransactionStatus.IDLE

    @property
    def has_failed(self):
        """In a transaction that takes nothing but its end."""
        return self.connection.transaction_status == pq.TransactionStatus.INERROR

    @property
    def is_alive(self):
        return self.connection.status == pq.ConnStatus.OK

    def close(self):
        self.connection.finish()
