"""What the command line says of itself: help with examples, completion in real shells, the manual page."""

import json
import os
import shlex
import subprocess

import pytest
from support.gateway import executable
from support.policy_verbs import ROOT


def postern(*arguments):
    return subprocess.run([executable(), *arguments], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def tree():
    return json.loads(postern("--experimental-dump-help").stdout)["command"]


def verbs(command, path=()):
    """Every command below, with its words; not the parser's own `help`."""
    path = (*path, command["commandName"])
    yield path, command
    for child in command.get("subcommands", []):
        if child["commandName"] != "help":
            yield from verbs(child, path)


def examples(discussion):
    """Command lines of a help text: behind `Example:`, or indented under `Examples:`."""
    found = []
    in_list = False
    # A command may go on in the next line.
    for line in discussion.replace("\\\n", " ").splitlines():
        if line.startswith("Example: "):
            found.append(line.removeprefix("Example: "))
        elif line in ("Examples:", "Example:"):
            in_list = True
        elif in_list and line.startswith("  "):
            found.append(line.strip())
        else:
            in_list = False
    return found


def test_every_verb_has_an_example_of_its_own(tree):
    wrong = []
    for path, command in verbs(tree):
        found = examples(command.get("discussion", ""))
        # A pipe may stand before it: `… | postern policy explain`.
        if not any(" ".join(path) in line for line in found):
            wrong.append(" ".join(path))
    assert wrong == []


def test_examples_have_only_options_that_there_are(tree):
    held = set()
    for path, command in verbs(tree):
        options = {
            ("-" if name["kind"] == "short" else "--") + name["name"]
            for argument in command["arguments"] for name in argument.get("names", [])
        }
        for line in examples(command.get("discussion", "")):
            words = shlex.split(line, comments=True)
            start = next((n for n in range(len(words)) if tuple(words[n:n + len(path)]) == path), None)
            if start is None or command.get("subcommands"):
                continue
            held.add(path)
            own = words[start + len(path):]
            for end in ("--", "|", ">", "&&", "&"):
                own = own[:own.index(end)] if end in own else own
            used = {word.split("=")[0] for word in own if word.startswith("-") and word != "-"}
            assert used <= options, (line, used - options)
    assert held == {path for path, command in verbs(tree) if not command.get("subcommands")}


def test_help_is_printed_for_every_verb(tree):
    for path, command in verbs(tree):
        done = postern(*path[1:], "--help")
        assert done.returncode == 0 and command["abstract"] in " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def completion(tmp_path_factory):
    """Completion scripts by shell, in a folder with some files."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        done = postern("--generate-completion-script", shell)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / f"postern.{shell}").write_text(done.stdout)
    os.symlink(executable(), folder / "postern")
    (folder / "compose.yaml").write_text("")
    return folder


COMPLETE = r"""
set -u
source ./postern.bash
COMP_LINE=$1
read -ra COMP_WORDS <<<"$1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_POINT=${#COMP_LINE}
COMP_TYPE=9
COMP_KEY=9
COMPREPLY=()
function=$(complete -p postern | sed 's/.*-F \([^ ]*\) .*/\1/')
"$function" postern "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]+"${COMPREPLY[@]}"}"
"""


def completed(folder, line):
    """What bash offers behind a line."""
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", line], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    return {word.strip() for word in done.stdout.splitlines() if word.strip()}


def test_bash_completes_commands_options_values_and_files(completion, tree):
    commands = {command["commandName"] for command in tree["subcommands"]}
    assert completed(completion, "postern ") >= commands - {"help"}
    assert completed(completion, "postern lint") == {"lint-deploy"}
    assert completed(completion, "postern policy ") >= {"lint", "test", "explain"}
    assert completed(completion, "postern lint-deploy --fo") == {"--format"}
    assert completed(completion, "postern lint-deploy --format ") == {"pretty", "json", "github", "sarif"}
    assert completed(completion, "postern check --config com") == {"compose.yaml"}
    assert "compose.yaml" in completed(completion, "postern lint-deploy com")


def test_what_takes_a_file_or_one_of_some_words_is_completed(completion, tree):
    for path, command in verbs(tree):
        for argument in command["arguments"]:
            names = [f"--{name['name']}" for name in argument.get("names", []) if name["kind"] == "long"]
            value = argument.get("valueName", "")
            if not names or argument["kind"] != "option" or not (value == "file" or value.endswith(("-file", "config"))):
                continue
            line = " ".join([*path, names[0], "com"])
            assert "compose.yaml" in completed(completion, line), line
    assert "compose.yaml" in completed(completion, "postern audit match com")
    assert completed(completion, "postern serve --log-level w") == {"warning"}
    assert completed(completion, "postern exec --ci git") == {"github", "gitlab"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_their_scripts(completion, shell):
    subprocess.run([f"{ROOT}/.ci/install", shell], check=True, timeout=600)
    done = subprocess.run([shell, "-n", f"postern.{shell}"], cwd=completion, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_completes_commands(completion):
    subprocess.run([f"{ROOT}/.ci/install", "fish"], check=True, timeout=600)
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source ./postern.fish; complete --do-complete 'postern lint'"], cwd=completion,
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "HOME": str(completion), "PATH": f"{completion}:{os.environ['PATH']}"},
    )
    assert done.stdout.split()[:1] == ["lint-deploy"], done.stderr


def test_the_manual_page_is_current_and_has_every_verb(tree):
    done = subprocess.run(
        ["python3", f"{ROOT}/docs/man/generate.py", "--check", executable()], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    subprocess.run([f"{ROOT}/.ci/install", "groff-base"], check=True, timeout=600)
    warnings = subprocess.run(
        ["groff", "-man", "-ww", "-z", f"{ROOT}/docs/man/postern.1"], capture_output=True, text=True, timeout=60
    )
    assert (warnings.returncode, warnings.stderr) == (0, "")
    shown = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-c", "-P-u", "-P-b", "-P-o", f"{ROOT}/docs/man/postern.1"],
        capture_output=True, text=True, timeout=60,
    ).stdout
    lines = {line.strip() for line in shown.splitlines()}
    for path, _ in verbs(tree):
        assert len(path) == 1 or " ".join(path) in lines, path
