#!/usr/bin/env python3
"""Writes docs/man/postern.1 from what the executable says of itself: generate.py [EXECUTABLE].

Run it when a command, an option or a help text has changed; a test compares. `--check` writes nothing and exits with 1 when
the page would be another one.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/man/postern.1"


def escaped(text):
    """Text of roff: nothing of it is a request or an escape, and what ASCII lacks is named."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", text)
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def paragraphs(text):
    """A help text: paragraphs that are filled, and indented lines as they are."""
    output = []
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        output.append(".PP")
        literal = False
        for line in lines:
            if line.startswith("  ") != literal:
                literal = not literal
                output.append(".EX" if literal else ".EE")
            output.append(escaped(line))
        if literal:
            output.append(".EE")
    return output


def spelled(name):
    return ("-" if name["kind"] != "long" else "--") + name["name"]


def value(argument):
    return f"\\fI{escaped(argument['valueName'])}\\fR"


def synopsis(command, path):
    parts = [f"\\fB{escaped(' '.join(path))}\\fR"]
    for argument in shown(command):
        if argument["kind"] == "positional":
            text = value(argument) + ("..." if argument["isRepeating"] else "")
        else:
            text = f"\\fB{escaped(spelled(argument['preferredName']))}\\fR"
            if argument["kind"] == "option":
                text += " " + value(argument)
        parts.append(f"[{text}]" if argument["isOptional"] else text)
    return " ".join(parts)


def shown(command):
    # Every command has these two, and the end of the page says so.
    common = {"help", "version"}
    return [
        argument for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("preferredName", {}).get("name") not in common
    ]


def options(command):
    output = []
    for argument in shown(command):
        if argument["kind"] == "positional":
            title = value(argument)
        else:
            title = ", ".join(f"\\fB{escaped(spelled(name))}\\fR" for name in argument["names"])
            if argument["kind"] == "option":
                title += " " + value(argument)
        text = argument.get("abstract", "")
        if "defaultValue" in argument and argument["kind"] != "flag":
            text += f" The default is {argument['defaultValue']}."
        output += [".TP", title, escaped(text)]
    return output


def verbs(command, path):
    """A command's own section, and those below it."""
    path = [*path, command["commandName"]]
    output = [f".SS \"{escaped(' '.join(path))}\"", escaped(command.get("abstract", ""))]
    if not command.get("subcommands"):
        output += [".PP", synopsis(command, path)]
    output += options(command)
    if command.get("discussion"):
        output += paragraphs(command["discussion"])
    for child in children(command):
        output += verbs(child, path)
    return output


def children(command):
    return [child for child in command.get("subcommands", []) if child["commandName"] != "help"]


def page(executable):
    def ask(option):
        return subprocess.run([executable, option], capture_output=True, text=True, check=True, timeout=60).stdout

    root = json.loads(ask("--experimental-dump-help"))["command"]
    name = root["commandName"]
    lines = [
        '.\\" Written by docs/man/generate.py.',
        f'.TH {name.upper()} 1 "" "{name} {ask("--version").strip()}" "User commands"',
        # Commands are to be copied: no line of them is hyphenated or stretched.
        ".nh", ".ad l",
        ".SH NAME", f"{name} \\- {escaped(root['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", f"\\fB{name}\\fR \\fIcommand\\fR [\\fIoptions\\fR]",
        ".SH DESCRIPTION", *paragraphs(root.get("discussion", "")),
        ".SH COMMANDS",
    ]
    for child in children(root):
        lines += verbs(child, [name])
    lines += [
        ".SH OPTIONS OF EVERY COMMAND", ".TP", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Say what the command does.",
        ".TP", "\\fB\\-\\-version\\fR", "Print the version.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments):
    check = "--check" in arguments
    rest = [argument for argument in arguments if argument != "--check"]
    text = page(rest[0] if rest else str(ROOT / ".build/release/postern"))
    if not check:
        PAGE.write_text(text)
        return 0
    if PAGE.read_text() == text:
        return 0
    print("docs/man/postern.1 is not what the executable says: run docs/man/generate.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
