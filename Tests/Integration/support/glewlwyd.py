"""glewlwyd, the OpenID provider that Debian ships, with a database, a client and keys of one test's own."""

import contextlib
import gzip
import http.cookiejar
import json
import shutil
import sqlite3
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from .waiting import free_port, is_listening, until

SCHEMA = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
CONFIGURATION = """
port = {port}
bind_address = "127.0.0.1"
external_url = "https://localhost:{port}"
login_url = "login.html"
api_prefix = "api"
log_mode = "console"
log_level = "WARNING"
session_key = "GLEWLWYD2_SESSION_ID"
session_expiration = 3600
cookie_secure = 0
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
use_secure_connection = true
secure_connection_key_file = "{key}"
secure_connection_pem_file = "{certificate}"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3"; path = "{folder}/glewlwyd.db"; }};
"""
REDIRECT = "https://127.0.0.1/callback"


def is_installed():
    return shutil.which("glewlwyd") is not None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Glewlwyd:
    """`client` is the client's id, and so the audience of its tokens."""

    def __init__(self, folder, authority, client):
        self.folder = str(folder)
        self.client = client
        self.port = free_port()
        self.issuer = f"https://localhost:{self.port}/api/oidc"
        self.is_set_up = False
        certificate, key = authority.issue("glewlwyd")
        path = f"{self.folder}/glewlwyd.db"
        with contextlib.closing(sqlite3.connect(path)) as database, gzip.open(SCHEMA, "rt") as schema:
            database.executescript(schema.read())
        with open(f"{self.folder}/glewlwyd.conf", "w") as file:
            file.write(CONFIGURATION.format(port=self.port, key=key, certificate=certificate, folder=self.folder))
        self.opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority.ca)),
        )
        with open(f"{self.folder}/glewlwyd.log", "wb") as log:
            self.process = subprocess.Popen(
                ["glewlwyd", f"--config-file={self.folder}/glewlwyd.conf"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )
        until(lambda: is_listening(self.port), 20, "glewlwyd's start")

    def call(self, method, path, body=None):
        """A request to its API: the status and the headers of the answer."""
        request = urllib.request.Request(
            f"https://localhost:{self.port}/api{path}", method=method,
            data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
        )
        try:
            with self.opener.open(request, timeout=10) as reply:
                return reply.status, reply.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers

    def _done(self, method, path, body):
        status, _ = self.call(method, path, body)
        assert status == 200, f"{method} {path} answered {status}"

    def sign_with(self, *keys):
        """Publishes these joserfc keys from now on, and signs with the first."""
        parameters = {
            "iss": self.issuer, "jwks-private": json.dumps({"keys": [key.as_dict(private=True) for key in keys]}),
            "default-kid": keys[0].kid, "jwt-type": "rsa", "jwt-key-size": "256", "jwks-show": True,
            "access-token-duration": 3600, "refresh-token-duration": 3600, "code-duration": 600,
            "auth-type-code-enabled": True, "auth-type-token-enabled": True, "auth-type-id-token-enabled": True,
            "subject-type": "public", "allowed-scope": ["openid"], "scope": [], "claims": [],
            "additional-parameters": [],
        }
        plugin = {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters}
        self._done("POST", "/auth/", {"username": "admin", "password": "password"})
        if self.is_set_up:
            self._done("PUT", "/mod/plugin/oidc", plugin)
            return self._done("PUT", "/mod/plugin/oidc/reset", {})
        self._done("POST", "/mod/plugin/", plugin)
        scopes = ["g_admin", "g_profile", "openid"]
        self._done("PUT", "/user/admin", {"name": "The Administrator", "enabled": True, "scope": scopes})
        client = {
            "client_id": self.client, "name": self.client, "confidential": False, "enabled": True,
            "redirect_uri": [REDIRECT], "authorization_type": ["id_token", "code"], "scope": [],
        }
        self._done("POST", "/client/", client)
        self._done("PUT", f"/auth/grant/{self.client}", {"scope": "openid"})
        self.is_set_up = True

    def token(self):
        """An ID token by the implicit flow, as a browser would get it."""
        query = urllib.parse.urlencode(
            {
                "response_type": "id_token", "client_id": self.client, "redirect_uri": REDIRECT, "nonce": "n",
                "scope": "openid", "state": "s",
            }
        )
        status, headers = self.call("GET", f"/oidc/auth?{query}&g_continue")
        assert status == 302, f"glewlwyd answered {status}"
        fragment = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).fragment)
        assert "id_token" in fragment, headers["Location"]
        return fragment["id_token"][0]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
