"""Languages of code in answers: labels of code blocks, names for people, and recognising one by its content."""

from __future__ import annotations

from functools import cache

from cascadeflow.quality.text import pattern

READ = 4_000
"""Characters of code by which a language is recognised."""

_NAMES = {
    "python": "Python",
    "pycon": "Python session",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "tsx": "TSX",
    "go": "Go",
    "rust": "Rust",
    "java": "Java",
    "c": "C",
    "bash": "Bash",
    "console": "shell session",
    "sql": "SQL",
    "html": "HTML",
    "css": "CSS",
    "json": "JSON",
    "jsonc": "JSON with comments",
    "jsonl": "JSON lines",
    "toml": "TOML",
    "yaml": "YAML",
    "cpp": "C++",
    "csharp": "C#",
    "kotlin": "Kotlin",
    "swift": "Swift",
    "ruby": "Ruby",
    "php": "PHP",
}
_LABELS = {
    "python": "py py3 python3 ipython",
    "javascript": "js jsx mjs cjs node nodejs",
    "typescript": "ts mts cts",
    "go": "golang",
    "rust": "rs",
    "c": "h",
    "bash": "sh shell shellscript",
    "console": "terminal shell-session shellsession sh-session bash-session",
    "sql": "mysql mariadb postgresql postgres psql pgsql sqlite sqlite3 tsql t-sql mssql plsql",
    "html": "html5 htm",
    "json": "geojson",
    "jsonc": "json5",
    "jsonl": "ndjson",
    "yaml": "yml",
    "cpp": "c++ cxx cc hpp",
    "csharp": "c# cs",
    "kotlin": "kt",
    "ruby": "rb",
}
_NO_LANGUAGE = frozenset("text txt plaintext plain code snippet output none example".split())
# From the sure signs to the weaker ones; the first that is found decides. Signs that two languages share stand in none.
_SIGNS = (
    ("php", r"\A\s*<\?php"),
    (
        "html",
        (
            r"(?i)\A\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|(?:html|head|body|div|p|ul|ol|table|form|section|header|footer|"
            r"nav|main|article|h[1-6]|button|a|span|img|input|label|select|video|svg|style|script)\b[^<>]*>)"
        ),
    ),
    ("json", r"\A\s*(?:\{\s*\"[^\"\n]*\"\s*:|\[\s*\{\s*\"[^\"\n]*\"\s*:)"),
    ("csharp", r"(?m)^using System\b|\bConsole\.(?:Write|Read)"),
    ("kotlin", r"(?m)^[ \t]*(?:override |private |suspend )*fun (?:<\w+> ?)?[\w.]+\("),
    (
        "swift",
        r"(?m)^[ \t]*(?:public |private )?func \w+(?:<[^>\n]*>)?\((?:\w+ )?\w+: [A-Z\[]|^import (?:Foundation|SwiftUI|UIKit)\b",
    ),
    ("ruby", r"(?m)^[ \t]*def [\w.]+[?!]?(?:\([^)\n]*\))?[ \t]*$[\s\S]*^[ \t]*end\b"),
    (
        "rust",
        (
            r"(?m)^[ \t]*(?:pub(?:\(crate\))? )?(?:async |unsafe |const )*fn \w+|^[ \t]*let mut \w|"
            r"^[ \t]*use (?:std|crate|serde|tokio)::|\b(?:println|vec|format)!"
        ),
    ),
    (
        "cpp",
        (
            r"(?m)^[ \t]*#include <(?:iostream|vector|string|algorithm|map|memory|unordered_map|bits/stdc\+\+\.h)>|"
            r"\bstd::(?:cout|cin|endl|string(?!::)|vector<|map<|unordered_map<|sort\(|unique_ptr|shared_ptr)|"
            r"^[ \t]*using namespace \w+;|^[ \t]*template ?<|\bcout ?<<"
        ),
    ),
    (
        "go",
        (
            r"(?m)^package \w+[ \t]*$|^func (?:\(\w+ \*?[\w\[\]]+\) )?\w+(?:\[[^\]\n]+\])?\([^\n]*\{[ \t]*$|"
            r"\bfmt\.(?:Print|Sprint|Errorf)"
        ),
    ),
    (
        "java",
        (
            r"(?m)^[ \t]*(?:public|private|protected)[ \t]+(?:(?:static|final|abstract)[ \t]+)*(?:class|interface|enum|record|"
            r"void|int|long|double|float|boolean|char|[A-Z]\w*(?:<[^>\n]*>)?(?:\[\])?)[ \t]+\w+|^import (?:static )?javax?\.|"
            r"\bSystem\.out\.print"
        ),
    ),
    (
        "python",
        (
            r"(?m)^(?:async )?def \w+ ?\(|^class \w+[^{};\n]*:[ \t]*$|^from [\w.]+ import |^import \w+(?:\.\w+)*(?: as \w+)?[ \t]*$|"
            r"^if __name__ ?=="
        ),
    ),
    (
        "typescript",
        (
            r"(?m)^[ \t]*(?:export )?(?:declare )?(?:interface \w+(?:<[^>\n]*>)?(?: extends [\w, ]+)? ?\{|"
            r"type \w+(?:<[^>\n]*>)? = |enum \w+ ?\{)|^[ \t]*(?:export )?(?:async )?function \w+(?:<[^>\n]*>)?\([^)\n]*\w\??: |"
            r"^[ \t]*(?:export )?(?:const|let) \w+: \w|\): (?:string|number|boolean|void|any|Promise<)"
        ),
    ),
    (
        "javascript",
        (
            r"(?m)^[ \t]*(?:export )?(?:default )?(?:async )?function\*? ?\w*\(|"
            r"^[ \t]*(?:export )?(?:const|let|var) (?:\w+|[{\[][^=\n]*) = |\bconsole\.(?:log|error)\(|=> ?\{[ \t]*$|"
            r"^import [^\n]* from ['\"]|\bmodule\.exports\b|\brequire\(['\"]"
        ),
    ),
    ("c", r"(?m)^[ \t]*#include ?[<\"][\w/]+\.h[>\"]|^int main\((?:void|int argc[^)\n]*)?\)"),
    (
        "sql",
        (
            r"(?i)\A\s*(?:--[^\n]*\n\s*)*(?:select\b[\s\S]*?\bfrom\b|insert into\b|update \S+ set\b|delete from\b|"
            r"create (?:or replace )?(?:temp(?:orary)? )?(?:table|index|unique index|view)\b|alter table\b|drop table\b|"
            r"with (?:recursive )?\w+ (?:\([^)]*\) )?as \()"
        ),
    ),
    (
        "css",
        (
            r"\A\s*(?:/\*[\s\S]*?\*/\s*)?(?!(?:class|struct|enum|type|message|service|query|mutation|fragment|abstract|export)\b)"
            r"(?:@(?:media|keyframes|font-face|supports)\b[^{]*|[.#:*]?[a-zA-Z][^{};=()]*)\{\s*(?:/\*[\s\S]*?\*/\s*)?"
            r"(?:[a-z-]+\s*:\s*[^;{}\n]+;|[.#]?\w[^{};=()\n]*\{)"
        ),
    ),
    (
        "bash",
        (
            r"(?m)\A\s*(?:#!/(?:usr/)?bin/(?:env )?(?:ba)?sh\b|(?:#[^\n]*\n\s*)?(?:\$ )?(?:sudo |apt(?:-get)? |brew |pip3? install |"
            r"npm (?:install|run|i|init|start)\b|npx |yarn |git (?:add|commit|clone|push|pull|checkout|init|log|reset|config)\b|"
            r"docker |kubectl |curl |wget |mkdir |cd |chmod |export \w+=|systemctl |conda |python3? -m ))"
        ),
    ),
    ("toml", r"(?m)\A\s*(?:#[^\n]*\n\s*)*\[(?:project|package|build-system|dependencies|tool\.[\w.\"-]+)\][ \t]*$"),
    ("yaml", r"(?m)\A\s*(?:#[^\n]*\n\s*)*(?:---[ \t]*$|apiVersion: |services:[ \t]*$|version: [\"']?\d)"),
)


@cache
def _by_label() -> dict[str, str]:
    known = {label: language for language, labels in _LABELS.items() for label in labels.split()}
    return known | {language: language for language in _NAMES}


def of_label(label: str) -> str:
    """The language a code block's label stands for.

    Args:
        label: a word, or a file name; attributes behind it do no harm.

    Returns:
        Its one name here, such as ``javascript`` for ``jsx``; the label itself for a language that
        nobody here can parse; empty where the label names none (``text``, ``output``).

    Example:
        >>> of_label("jsx"), of_label("main.rs"), of_label("haskell"), of_label("text")
        ('javascript', 'rust', 'haskell', '')
    """
    found = pattern(r"[{.]*([\w+#-]*)(?:[\w./-]*\.(\w+))?").match(label.lower())
    word, ending = (found[1], found[2]) if found else ("", None)
    if word in _NO_LANGUAGE:
        return ""
    return _by_label().get(ending or word) or _by_label().get(word, word)


def display(language: str) -> str:
    """The language's name as people write it; ``code`` where it is not known."""
    return _NAMES.get(language, language.capitalize()) or "code"


def recognise(code: str) -> str:
    """The language of a piece of code, by signs that only one language has.

    Args:
        code: its first few thousand characters are read.

    Returns:
        The language; empty where nothing is sure, which is better than a wrong guess.

    Example:
        >>> recognise("fn main() {}"), recognise("x = 1")
        ('rust', '')
    """
    start = code[:READ]
    return next((language for language, signs in _SIGNS if pattern(signs).search(start)), "")
