"""Where the two grammars or walks differ, with the reason. Each of them has to occur, and nothing else may.

`aspect` is what differs; `postern` and `pglast` are what only one of them has.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    aspect: str
    postern: frozenset
    pglast: frozenset
    reason: str


def _difference(aspect, reason, postern=(), pglast=()):
    return Expected(aspect, frozenset(postern), frozenset(pglast), reason)


FACTS = [
    _difference(
        "functions",
        "16 made a keyword of JSON_OBJECT, and its grammar writes pg_catalog before the calls that are left",
        postern=[("json_object",)],
        pglast=[("pg_catalog", "json_object")],
    ),
    _difference(
        "tag",
        "INTO inside a subquery: both grammars take it and every server refuses it; Postern calls it by the worse name",
        postern=["SELECT INTO"],
        pglast=["SELECT"],
    ),
]

# What newer grammars take and 15 refuses, by a part of the text. `unparsed` decides on these.
ONLY_PGLAST = {
    "from json_table(": "17 has JSON_TABLE",
    "SELECT 1_2_3": "16 allows underscores in numbers",
    "PREPARE p1 AS SELECT $1a": "a slip of libpg_query for 18: the servers refuse it, from 15 on",
    "\tDELETE\nRETURNING *": "17 has MERGE … RETURNING",
    "ALTER CONSTRAINT fktable_fk_fkey NO INHERIT": "18 has ALTER CONSTRAINT … [NO] INHERIT",
}

# What 15 takes and newer grammars refuse.
ONLY_POSTERN = {
    "PARTITION BY MAGIC": "the strategy's name was checked in analysis, and is since 16 in the grammar",
}

# Built-in functions that are told in a string or number which relation to touch.
STRINGS = set()

# Scripts that have nothing for a server to tell, with the reason.
SCRIPTS_LEFT_OUT = {}
