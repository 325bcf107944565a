"""What bench.hostile throws at Banken: seeded mutations of good files, expressions that reach out, names that lead out."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

from bench.mutations import MUTATIONS, ODD

_DOORS = ("check", "check", "check", "fmt", "translate")
SCENARIO, REGISTER, FORM, EXPRESSION, NAME = "scenario", "register", "form", "expression", "name"
_SHARE = (SCENARIO,) * 6 + (REGISTER,) * 3 + (FORM,)
_SLIPS = sorted({*MUTATIONS} - {"misspell", "unknown-name", "break-expression", "close"})
"""Mistakes that no reader of YAML may let pass, whatever the file is about."""


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile thing.  lines: where it may be named, counted from 1 (empty: anywhere in the file); door: what reads it."""

    kind: str
    how: str
    content: str | bytes
    path: str = ""
    lines: frozenset[int] = frozenset()
    files: Mapping[str, bytes] = field(default_factory=dict)
    door: str = "check"


def good_files(root: Path) -> dict[str, list[tuple[str, bytes, dict[str, bytes]]]]:
    """The gallery's files by kind: (path, content, the files beside it)."""
    found: dict[str, list[tuple[str, bytes, dict[str, bytes]]]] = {SCENARIO: [], FORM: []}
    for place in sorted((root / "scenarios").glob("*/*/scenario.yaml")):
        files = _beside(place.parent)
        found[SCENARIO].append(("scenario.yaml", files["scenario.yaml"], files))
        forms = [path for path in files if path.startswith("forms/") and path.endswith(".yaml")]
        found[FORM] += [(path, files[path], files) for path in forms]
    return {**found, REGISTER: [("registry.yaml", (root / "registry.yaml").read_bytes(), {})]}


def _beside(folder: Path) -> dict[str, bytes]:
    own = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        name: path.read_bytes()
        for path in own
        if not (name := path.relative_to(folder).as_posix()).startswith(("sample/", "expected/"))
    }


def broken_files(root: Path, count: int) -> Iterator[Case]:
    """``count`` mutated files; case n is the same in every run."""
    good = good_files(root)
    for number in range(count):
        dice = random.Random(f"hostile {number}")
        kind = _SHARE[number % len(_SHARE)]
        path, content, files = dice.choice(good[kind])
        hows = ("slip", "slip", "bytes", "lines", "indent", "keys", "unicode", "cut", "splice", "huge")
        # A register may be as long as it likes: ten thousand entries are no attack.
        how = dice.choice(hows[:-1] if kind == REGISTER else hows)
        if how == "slip":
            slip, made, lines = _slipped(content.decode().split("\n"), dice)
            door = dice.choice(_DOORS)
            # fmt asks only whether the file is YAML: 「押す：登録」 is a plain text to it.
            wanted = frozenset[int]() if door == "fmt" else frozenset(lines)
            yield Case(kind, slip, made.encode(), path, wanted, files, door)
            continue
        made_bytes = _MAKERS[how](content, dice, dice.choice(good[kind])[1])
        yield Case(kind, how, made_bytes, path, frozenset(), files, dice.choice(_DOORS))


def _slipped(lines: list[str], dice: random.Random) -> tuple[str, str, set[int]]:
    plain = [line.split(" #")[0].rstrip() for line in lines]
    while True:
        slip, made, at = dice.choice(_SLIPS), list(plain), dice.randrange(len(lines))
        if plain[at].strip() and (wanted := MUTATIONS[slip](made, at, dice)):
            return slip, "\n".join(made), wanted


def _bytes(content: bytes, dice: random.Random, other: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(made))
        what = dice.randrange(3)
        if what == 0:
            made[at] = dice.randrange(256)
        elif what == 1:
            made.insert(at, dice.randrange(256))
        else:
            del made[at]
    return bytes(made)


def _lines(content: bytes, dice: random.Random, other: bytes) -> bytes:
    lines = content.split(b"\n")
    for _ in range(dice.randint(1, 4)):
        at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
        what = dice.randrange(4)
        if what == 0:
            lines.insert(to, lines.pop(at))
        elif what == 1:
            lines.insert(at, lines[to])
        elif what == 2 and len(lines) > 2:
            del lines[at]
        else:
            lines[at] += lines[to].strip()
    return b"\n".join(lines)


def _indent(content: bytes, dice: random.Random, other: bytes) -> bytes:
    lines = content.decode().split("\n")
    for _ in range(dice.randint(1, 5)):
        at = dice.randrange(len(lines))
        pad = dice.choice(("", " ", "  ", "    ", "\t", "\u3000", "\u00a0", " " * 400))
        lines[at] = pad + (lines[at].lstrip() if dice.random() < 0.5 else lines[at])
    return "\n".join(lines).encode()


def _keys(content: bytes, dice: random.Random, other: bytes) -> bytes:
    lines = content.decode().split("\n")
    keyed = [at for at, line in enumerate(lines) if ": " in line or line.endswith(":")]
    words = [line.strip("- ").split(":")[0] for line in other.decode().split("\n") if ":" in line]
    words += ["", "null", "0", "each", "各件", "${1}", "<<", "-", "__class__", "あ" * 5000]
    for at in dice.sample(keyed, min(len(keyed), dice.randint(1, 4))):
        before, _, after = lines[at].partition(":")
        shift = before[: len(before) - len(before.lstrip(" -"))]
        values = (after, "", " []", " {}", " ''", " ~", " -1", " 1e999", " ${", " &a [*a]", " >-", " " + "9" * 5000)
        lines[at] = f"{shift}{dice.choice(words)}:{dice.choice(values)}"
    return "\n".join(lines).encode()


def _unicode(content: bytes, dice: random.Random, other: bytes) -> bytes:
    text = content.decode()
    if dice.random() < 0.2:
        text = unicodedata.normalize(dice.choice(("NFD", "NFKC", "NFKD")), text)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(text))
        odd = dice.choice([*ODD, "\u200b", "\u202a", "\ufffe", "\U000e0001", '"\\ud800"', '"\\x00"', "\u0085"])
        text = text[:at] + odd + text[at:]
    return text.encode(dice.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp932")), "replace")


def _cut(content: bytes, dice: random.Random, other: bytes) -> bytes:
    start = dice.randrange(len(content))
    end = dice.randrange(start, len(content))
    return dice.choice((content[:start], content[start:], content[:start] + content[end:], content[start:end]))


def _splice(content: bytes, dice: random.Random, other: bytes) -> bytes:
    return content[: dice.randrange(len(content))] + other[dice.randrange(len(other)) :]


def _huge(content: bytes, dice: random.Random, other: bytes) -> bytes:
    lines = content.split(b"\n")
    at = dice.randrange(len(lines))
    filler = (
        lines[at] * dice.choice((50, 2000)),
        b"\n".join([lines[at]] * dice.choice((100, 3000))),
        b"x: " + b"[" * 5000,
        b"x: " + b"{a: " * 3000,
        b"- " * 3000,
        b"\n".join(b" " * n + b"a:" for n in range(200)),
        b"k: " + b'"' + b"\\u3042" * 30000 + b'"',
        b"${" * 20000,
        b"#" * 200000,
        b"? " * 2000,
        b"\n".join(b"a%d: b" % n for n in range(12000)),
    )
    return b"\n".join([*lines[:at], dice.choice(filler), *lines[at + 1 :]])


_MAKERS = {
    "bytes": _bytes, "lines": _lines, "indent": _indent, "keys": _keys, "unicode": _unicode, "cut": _cut,
    "splice": _splice, "huge": _huge,
}  # fmt: skip

CANARY = "canary-was-here"
_REACHING: Sequence[str] = (
    "__import__('os').system('touch CANARY')", "open('CANARY', 'w')", "exec('import os')", "eval('1')", "compile('1', '', 'eval')",
    "対象.__class__", "対象.__class__.__mro__[1].__subclasses__()", "対象['氏名'].__init__.__globals__", "().__class__", "''.format(対象)",
    "'{0.__class__}'.format(対象)", "対象.氏名.upper()", "対象.氏名.encode('utf-8')", "(lambda: 1)()", "[x for x in 受付]", "{x: 1 for x in 受付}",
    "globals()", "getattr(対象, '氏名')", "f'{対象}'", "`touch CANARY`", "$(touch CANARY)", "{{ 7 * 7 }}", "#{1 + 1}", "<%= 1 %>",
    "=cmd|'/c calc'!A1", "import os", "os.environ", "対象.氏名 := 1", "1; 2", "yield 1", "await x", "self", "None.__doc__", "入力値.__dict__",
    "サイト.__getattribute__('x')", "２ ＋ ２", "１＋", "run.constructor('return 1')()", "process.exit()", "対象?.氏名", "対象 ?? 1",
    "9 ** 9 ** 9 ** 9", "10 ** 101", "'あ' * 1000000000", "[0] * 1000000000", "(" * 900 + "1" + ")" * 900, "-" * 1500 + "1",
    "not " * 450 + "true", "[" * 700 + "]" * 700, "1" * 1990,
)  # fmt: skip
_AROUND: Sequence[str] = (
    "${X}", "前${X}後", "${[X][0]}", "${1 if true else X}", "${対象.氏名 == X}", "${false and X}", "${{'a': X}.a}",
    "${全角(X)}", "$${${X}", "${1}${X}",
)  # fmt: skip
_STEP = """\
名称: 式
利用: {フォルダ: {受付: sample}}
準備:
  - CSVを読む: {ファイル: sample/a.csv}
    保存名: 受付
対象:
  元: ${受付}
  キー: ${対象.番号}
各件:
  - 記録に残す: >-
      TEXT
  - 確定する:
      手順:
        - 行を追加する: {ブック: "${フォルダ.受付}/a.xlsx", シート: a, 行: "${[対象]}"}
"""


def expressions(count: int) -> Iterator[Case]:
    """``count`` scenarios, each with one hostile expression."""
    for number, (around, inner) in enumerate(islice(product(_AROUND, _REACHING), count)):
        text = around.replace("X", inner.replace("CANARY", CANARY))
        yield Case(EXPRESSION, f"expression {number}", text, "scenario.yaml", frozenset({10, 11}))


def scenario_with(text: str) -> bytes:
    """A good scenario but for this text, which a step logs."""
    return _STEP.replace("TEXT", text).encode()


_LEADS: Sequence[str] = (
    "..", "../secret.txt", "..\\secret.txt", "../../secret.txt", "a/../../secret.txt", "a\\..\\..\\secret.txt", "....//secret.txt",
    "/etc/passwd", "//server/share/a", "\\\\server\\share\\a", "\\\\?\\C:\\a", "\\\\.\\PhysicalDrive0", "C:\\Windows\\win.ini", "C:a", "c:/a",
    "file:///etc/passwd", "http://127.0.0.1/a", "~/a", "~root/a", "$HOME/a", "%USERPROFILE%\\a", "%2e%2e/secret.txt", "．．／secret.txt",
    "CON", "NUL.txt", "aux", "a.txt:stream", "a.txt::$DATA", "a ", "a.", "a\0b", "\0", "\n", "a\nb", "a\tb", "\u202etxt.exe", "\u200b",
    "\ud800", "か\u3099.csv", "", " ", "\u3000", ".", "./", "a" * 300, "あ" * 300, "a/" * 2000 + "a", "link/secret.txt", "link", "file.csv",
    "loop/a", "loop", "-rf", "|id", "*", "a/b/../c", ".banken-1", ".git/config",
)  # fmt: skip
_BELOW: Sequence[str] = ("", "sample/", "sample/in/", "BELOW/", "books/", "sample\\in\\")


def names(count: int) -> Iterator[Case]:
    """``count`` path names, bare and below folders that may be touched (BELOW: the output folder's own place)."""
    for before, lead in islice(product(_BELOW, _LEADS), count):
        yield Case(NAME, f"{before or '(bare)'} {lead[:20]!r}", before + lead)
