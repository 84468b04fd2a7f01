"""SQL as it is written for MySQL, PostgreSQL, SQL Server, Oracle: rewritten to what one grammar can read.

The grammar knows the common core of these dialects. What it lacks, and what applications fill in
(parameters), is put in a form it knows; where no rewriting helps, the code is not judged.
"""

from __future__ import annotations

import re
from functools import partial

from cascadeflow.quality.grammars import Fault
from cascadeflow.quality.text import pattern

_REWRITTEN = (
    # Parameters and placeholders of applications.
    (r"(?<![:\w]):[A-Za-z_]\w*|(?<![\w@])@{1,2}\w+|\$\w+|%s|%\(\w+\)s|\$?\{{1,2}[\w .]+\}{1,2}|<[a-z_]+>", "p"),
    (r"(?<!\w)(?:\.\.\.|…)", "p"),
    (r"\[([A-Za-z_][\w ]*)\]", r'"\1"'),
    (r"^\w+(?:=[>#]|>) |^[ \t]*explain\b(?:[ \t]+(?:analyze|verbose)\b)*(?:[ \t]*\([^()]*\))?", ""),
    (r"\balter\s+table\s+\S+\s+set\s*\([^()]*\)\s*;?", ""),
    # Statements about the session, the server and its rights: nothing in them that the grammar knows.
    (
        (
            r"^[ \t]*(?:use|desc(?:ribe)?|show|pragma|go|lock|source|\\\w+|"
            r"set[ \t]+(?:p|local|session|global|names|search_path|role|time|transaction|nocount))\b[^;\n]*;?"
        ),
        "",
    ),
    (
        (
            r"^[ \t]*(?:grant|revoke|analyze|vacuum|exec(?:ute)?|call|copy|comment[ \t]+on|refresh|"
            r"(?:create|alter|drop)[ \t]+(?:or[ \t]+replace[ \t]+)?(?:materialized|tablespace|extension|role|user|policy|type|"
            r"sequence|schema|database|domain|server|foreign|publication|subscription|login|rule|external|virtual))\b[^;]*(?:;|\Z)"
        ),
        "",
    ),
    (r"\b(?:start|begin)\s+tran(?:saction)?\b", "BEGIN"),
    (r"\binterval\s+(?:-?\d+(?:\.\d+)?|\w+)\s+[a-z_]+", "INTERVAL '1 day'"),
    (r"\bselect(\s+distinct)?\s+top\s*(?:\(\s*\w+\s*\)|\d+)(?:\s+percent)?(?:\s+with\s+ties)?", r"SELECT\1"),
    (r"\b(?:offset\s+\w+\s+rows?\s+)?fetch\s+(?:next|first)\s+\w+\s+rows?\s+(?:only|with\s+ties)", ""),
    (r"\boffset\s+\w+\s+rows?\b", ""),
    (r"\bon\s+conflict\s+(?:\([^()]*\)|on\s+constraint\s+\w+)", "ON CONFLICT"),
    (r"\bdelete\s+\w+(?:\s*,\s*\w+)*\s+from\b", "SELECT * FROM"),
    (r"\bdistinct\s+on\s*\([^()]*\)", "DISTINCT"),
    (r"\bconstraint\s+\S+\s+(?=foreign|primary|unique|check)", ""),
    (r"\bidentity\s*\(\s*\d+\s*,\s*\d+\s*\)(?:\s+(?:not\s+)?null\b)?", ""),
    (r"\bgenerated\s+(?:always|by\s+default)\s+as\s+identity\b", ""),
    (r"<=>|<->|<#>", "="),
    (r"\busing\s+(?:hnsw|ivfflat|diskann|gin|gist|brin|hash|spgist)\b|\b\w+_ops\b", ""),
    (r"\bwith\s*\(\s*\w+\s*=[^()]*\)", ""),
    (r"\bwith\s+(?:rollup|cube|\(\s*nolock\s*\))", ""),
    (r"\bfor\s+(?:update|share)(?:\s+(?:skip\s+locked|nowait))?", ""),
    (r"\btablesample\s+\w+\s*\([^()]*\)", ""),
    (r"\(\s*\+\s*\)", ""),
    (r"\(\s*max\s*\)", "(1)"),
)
_PROCEDURAL = (
    r"(?im)\bcreate\s+(?:or\s+(?:replace|alter)\s+)?(?:definer\s*=\s*\S+\s+)?(?:procedure|proc|function|trigger|package|event)\b|"
    r"^[ \t]*(?:declare|delimiter|do|while|if)\b|\$\w*\$"
)
_PARTS = (
    (
        r"(?i)\s*(?:where|and|or|(?:left |right |inner |full |cross )*join|order by|group by|having|limit|union)\b",
        "SELECT 1 FROM t {}",
    ),
    (r"(?i)\s*from\b", "SELECT 1 {}"),
    (r"(?i)\s*(?:case\b|\w+\s*\()", "SELECT {}"),
    (
        r"(?i)\s*[\w\"`]+ (?:int|integer|bigint|serial|varchar|text|char|date|timestamp|decimal|numeric|boolean)\b",
        "CREATE TABLE t ({})",
    ),
)


def completed(code: str) -> str:
    """The statement that a clause, an expression or a column shown alone is a part of; else the code itself."""
    whole = next((whole for start, whole in _PARTS if pattern(start).match(code)), "{}")
    return whole.format(code) if whole != "{}" else code


def rewrite(code: str) -> str:
    """The code in words that the grammar knows; what stands on which line stays."""
    text = code
    for found, put in _REWRITTEN:
        text = pattern(f"(?im){found}").sub(partial(_put, put), text)
    return text


def _put(words: str, found: re.Match[str]) -> str:
    return found.expand(words) + "\n" * found[0].count("\n")


def is_procedural(code: str) -> bool:
    """Whether it holds a program in one of the dialects' own languages, which no common grammar reads."""
    return pattern(_PROCEDURAL).search(code) is not None


def shows_result(code: str) -> bool:
    """Whether the table that a statement gave stands behind it."""
    return pattern(r"(?m)^[ \t]*[-+|=][-+|= ]{4,}$|^-\[ RECORD").search(code) is not None


def stray_comma(code: str) -> Fault | None:
    """A comma before ``FROM`` and its like, which the grammar forgives and most databases refuse.

    BigQuery and DuckDB allow it in the list of columns; a model that writes it for them is refused too.
    """
    bare = pattern(r"'[^'\n]*'|\"[^\"\n]*\"|--[^\n]*").sub("''", code)
    found = pattern(r"(?i),\s*(from|where|group\s+by|order\s+by|having)\b").search(bare)
    if found is None:
        return None
    line = bare.count("\n", 0, found.start()) + 1
    return Fault(f"a comma before {found[1].upper()} at line {line}", line)
