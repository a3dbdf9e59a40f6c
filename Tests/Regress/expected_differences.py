"""The tests whose results through the gateway differ from the direct ones, each with the reason.

The list is exact: a test that differs and is not here fails, and so does one that is here and no longer differs.
It is empty: the gateway's role bears the login's name, the gateway's database the database's, and no test shows the
client's address or `application_name`.
"""

EXPECTED: dict[str, str] = {}
