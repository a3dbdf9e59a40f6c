#!/usr/bin/env python3
"""Writes Schema.swift: every node of PostgreSQL's raw parse tree and its fields, from libpg_query's schema.

Usage: generate.py [pg_query.proto] > Schema.swift
"""

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


def cases(kind: str, names, comment: str) -> str:
    lines = [f"/// {comment}", f"package enum {kind}: UInt16, Hashable, Sendable, CaseIterable {{"]
    taken = {swift_case(name) for name in names if "_" not in name}
    for name in names:
        case = swift_case(name)
        # Two nodes may spell the same word in two manners.
        lines.append(f"    case {case}Underscored" if "_" in name and case in taken else f"    case {case}")
    lines += ["", "    /// As the schema spells them, in the order of the cases.", '    package static let spellings = """']
    line = "       "
    for name in names:
        if len(line) + len(name) + 1 > 117:
            lines.append(line + " \\")
            line = "       "
        line += " " + name
    lines += [line, '        """.split(separator: " ").map { String($0) }']
    return "\n".join(lines + ["}"])


def main() -> None:
    messages = read(sys.argv[1] if len(sys.argv) > 1 else DEFAULT)
    fields = sorted({field for entries in messages.values() for field, _ in entries})
    print("// Written by generate.py from libpg_query's pg_query.proto. Do not edit.")
    print()
    print(cases("NodeType", messages, "The nodes of PostgreSQL's parse tree, in the order of the schema."))
    print()
    print(cases("Field", fields, "The names of the nodes' fields; one name may stand in several nodes."))
    print()
    print("package enum Schema {")
    print("    /// A node a line: its name, then `field:type` each. A type is `string`, `bool`, `number`, `enum`, `Node`")
    print("    /// (any node, under its name) or one node's name; `*` marks a list.")
    print('    package static let text = """')
    for name, entries in messages.items():
        line = "        " + name
        for field, kind in entries:
            word = f" {field}:{kind}"
            if len(line) + len(word) > 117:
                print(line + " \\")
                line = "           "
            line += word
        print(line)
    print('        """')
    print("}")


main()
