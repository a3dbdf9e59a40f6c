#!/usr/bin/env python3
"""Writes NodeType.swift, Field.swift and Schema.swift: every node of PostgreSQL's raw parse tree and its fields, from
libpg_query's schema.

Usage: generate.py [FOLDER [PROTO]]; the folder is that of this script, the schema that of the installed library.
"""

import os
import re
import sys

DEFAULT = "/usr/include/pg_query/pg_query.proto"
# Messages of the scanner, and envelopes that no tree holds.
LEFT_OUT = {"Node", "ScanResult", "ScanToken"}
SCALARS = {
    "string": "string",
    "bool": "bool",
    "int32": "number",
    "int64": "number",
    "uint32": "number",
    "uint64": "number",
    "double": "number",
}
RESERVED = {"as", "default", "extension", "func", "import", "in", "init", "inout", "is", "operator", "switch", "var", "where"}


def swift_case(name: str) -> str:
    """`A_Const` -> `aConst`, `subLinkType` -> `subLinkType`, `ns_uris` -> `nsUris`."""
    parts = [part for part in name.split("_") if part]
    words = [parts[0]] + [part[0].upper() + part[1:] for part in parts[1:]]
    joined = "".join(words)
    leading = len(re.match(r"[A-Z]*", joined).group())
    if leading > 1 and leading < len(joined):
        leading -= 1
    joined = joined[:leading].lower() + joined[leading:]
    return f"`{joined}`" if joined in RESERVED else joined


def read(path: str):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    enums = set(re.findall(r"^enum (\w+)", text, re.M))
    messages = {}
    for name, body in re.findall(r"^message (\w+)\s*\{(.*?)^\}", text, re.S | re.M):
        if name in LEFT_OUT:
            continue
        fields = []
        for repeated, kind, field, spelling in re.findall(
            r'^\s+(repeated )?([\w.]+) (\w+) = \d+(?: \[json_name="(\w+)"\])?;', body, re.M
        ):
            if kind in SCALARS:
                kind = SCALARS[kind]
            elif kind in enums:
                kind = "enum"
            fields.append((spelling or field, kind + ("*" if repeated else "")))
        messages[name] = fields
    return messages


def wrapped(words, indent: str, start: str, separator: str, end: str):
    """Lines of words, each line between `start` and `end`."""
    line = ""
    for word in words:
        if line and len(indent + start + line + separator + word + end) > 114:
            yield indent + start + line + end
            line = ""
        line += separator + word if line else word
    yield indent + start + line


def cases(kind: str, names, comment: str) -> str:
    taken = {swift_case(name) for name in names if "_" not in name}
    # Two nodes may spell the same word in two manners.
    words = [
        swift_case(name) + ("Underscored" if "_" in name and swift_case(name) in taken else "") for name in names
    ]
    lines = [f"/// {comment}", f"package enum {kind}: UInt16, Hashable, Sendable, CaseIterable {{"]
    lines += wrapped(words, "    ", "case ", ", ", "")
    lines += ["", "    /// As the schema spells them, in the order of the cases.", '    package static let spellings = """']
    lines += wrapped(names, "        ", "", " ", " \\")
    lines += ['        """.split(separator: " ").map { String($0) }']
    return "\n".join(lines + ["}"])


def schema(messages) -> str:
    lines = [
        "/// The nodes and their fields.",
        "package enum Schema {",
        "    /// A node a line: its name, then `field:type` each. A type is `string`, `bool`, `number`, `enum`, `Node`",
        "    /// (any node, under its name) or one node's name; `*` marks a list.",
        '    package static let text = """',
    ]
    for name, entries in messages.items():
        words = [name] + [f"{field}:{kind}" for field, kind in entries]
        first, *rest = wrapped(words, "        ", "", " ", " \\")
        lines += [first] + ["    " + line for line in rest]
    return "\n".join(lines + ['        """', "}"])


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    messages = read(sys.argv[2] if len(sys.argv) > 2 else DEFAULT)
    fields = sorted({field for entries in messages.values() for field, _ in entries})
    texts = {
        "NodeType": cases("NodeType", messages, "The nodes of PostgreSQL's parse tree, in the order of the schema."),
        "Field": cases("Field", fields, "The names of the nodes' fields; one name may stand in several nodes."),
        "Schema": schema(messages),
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name + ".swift"), "w", encoding="utf-8") as file:
            file.write("// Written by generate.py from libpg_query's pg_query.proto. Do not edit.\n\n" + text + "\n")


main()
