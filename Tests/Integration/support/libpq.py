"""The libpq 18 in psycopg's binary wheel, told by a hook what tokens there are: what an OAuth-aware driver does."""

import contextlib
import ctypes
import glob
import os

import psycopg
import psycopg_binary

# PGauthData, PQAUTHDATA_OAUTH_BEARER_TOKEN of libpq-fe.h.
BEARER_TOKEN = 1


class BearerRequest(ctypes.Structure):
    """PGoauthBearerRequest of libpq-fe.h."""

    _fields_ = [
        ("openid_configuration", ctypes.c_char_p),
        ("scope", ctypes.c_char_p),
        ("async_", ctypes.c_void_p),
        ("cleanup", ctypes.c_void_p),
        ("token", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
    ]


HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def _library():
    folder = os.path.join(os.path.dirname(os.path.dirname(psycopg_binary.__file__)), "psycopg_binary.libs")
    (path,) = glob.glob(f"{folder}/libpq-*.so*")
    # psycopg has loaded it: this is the same copy, with the same hook.
    library = ctypes.CDLL(path)
    assert library.PQlibVersion() == psycopg.pq.version() >= 180000
    library.PQsetAuthDataHook.argtypes = [HOOK]
    return library


@contextlib.contextmanager
def tokens(token):
    """While it lasts, whoever connects and is asked for a token gives this one. Yields what was asked for."""
    library = _library()
    kept = token.encode() if token is not None else None
    asked = []

    def hook(kind, _connection, data):
        if kind != BEARER_TOKEN or kept is None:
            return 0
        request = ctypes.cast(data, ctypes.POINTER(BearerRequest)).contents
        asked.append((
            (request.openid_configuration or b"").decode(), request.scope.decode() if request.scope else None,
        ))
        request.token = kept
        return 1

    callback = HOOK(hook)
    library.PQsetAuthDataHook(callback)
    try:
        yield asked
    finally:
        library.PQsetAuthDataHook(HOOK())
