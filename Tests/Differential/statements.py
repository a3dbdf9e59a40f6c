"""Cuts scripts of psql into statements, as psql does: its own commands and the data of COPY are left out."""

import re

# The order matters: a string's prefix belongs to the string, and a dollar inside a word quotes nothing.
TOKEN = re.compile(
    r"""
    (?P<line>--[^\n]*)
  | (?P<comment>/\*)
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*'?)
  | (?P<text>'(?:[^']|'')*'?)
  | (?P<name>"(?:[^"]|"")*"?)
  | (?P<dollar>\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
  | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
  | (?P<command>\\[^\n]*)
  | (?P<mark>[();])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
BACKSLASHES = re.compile(r"'(?:[^'\\]|\\.|'')*'?", re.DOTALL)
CONFORMING = re.compile(r"set\s+(?:local\s+|session\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(\w+)", re.IGNORECASE)
COPY_DATA = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
ROUTINE = re.compile(r"create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.IGNORECASE)
DATA_END = re.compile(r"^\\\.$\n?", re.MULTILINE)
# Commands that send what was written before them.
SENDING = re.compile(r"\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|bind)\b")


class _Scanner:
    """Where a script is being read, and what is known of the statement there."""

    def __init__(self, script):
        self.script = script
        self.position = 0
        self.conforming = True
        self._begin()

    def _begin(self):
        self.text = []
        self.depth = 0  # of brackets
        self.blocks = 0  # of BEGIN ATOMIC and CASE in a routine's body
        self.code = []  # without comments

    def take(self):
        """The statement that ends here, whole and without comments."""
        found = "".join(self.text).strip(), "".join(self.code).strip()
        self._begin()
        return found

    def statements(self):
        while self.position < len(self.script):
            done = self._step()
            if done:
                text, code = self.take()
                if setting := CONFORMING.match(code):
                    self.conforming = setting.group(1).lower() not in ("off", "false", "0")
                if COPY_DATA.match(code) and done == ";":
                    self._skip_data()
                if code:
                    yield text
        text, code = self.take()
        if code:
            yield text

    def _step(self):
        """Reads a token; what ends the statement comes back."""
        match = TOKEN.match(self.script, self.position)
        kind, token = match.lastgroup, match.group()
        if kind == "text" and not self.conforming:
            token = BACKSLASHES.match(self.script, self.position).group()
        elif kind == "comment":
            token = self._comment()
        elif kind == "dollar":
            end = self.script.find(token, match.end())
            token = self.script[self.position : end + len(token) if end >= 0 else len(self.script)]
        self.position += len(token)
        if kind == "command":
            return self._command(token)
        if token == ";" and self.depth == 0 and self.blocks == 0:
            return ";"
        self.text.append(token)
        if kind not in ("line", "comment"):
            self.code.append(token)
        if kind == "mark":
            self.depth = max(0, self.depth + {"(": 1, ")": -1}.get(token, 0))
        elif kind == "word":
            self._word(token.lower())
        return None

    def _word(self, word):
        """As psql counts them, so that the semicolons of a body do not end its statement."""
        if word in ("begin", "case") and ROUTINE.match("".join(self.code).lstrip()):
            self.blocks += 1 if word == "begin" or self.blocks else 0
        elif word == "end" and self.blocks:
            self.blocks -= 1

    def _comment(self):
        depth, end = 0, self.position
        while True:
            mark = re.compile(r"/\*|\*/").search(self.script, end)
            if mark is None:
                return self.script[self.position :]
            depth += 1 if mark.group() == "/*" else -1
            end = mark.end()
            if depth == 0:
                return self.script[self.position : end]

    def _command(self, line):
        """A command ends with its line, or where `\\;` and `\\\\` go on with SQL."""
        if line.startswith("\\;"):
            self.position -= len(line) - 2
            return "\\;"
        if (more := line.find("\\\\", 1)) > 0:
            self.position -= len(line) - more - 2
        if re.match(r"\\r(eset)?\b", line):
            self.take()
        if COPY_DATA.match(line[1:]):
            self._skip_data()
        return line if SENDING.match(line) else None

    def _skip_data(self):
        end = DATA_END.search(self.script, self.position)
        if end:
            self.position = end.end()


def split(script):
    """The statements of a script, without the semicolons."""
    return list(_Scanner(script).statements())
