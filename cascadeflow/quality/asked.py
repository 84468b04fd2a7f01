"""What form of answer a question asks for: a number, N items, code, JSON, yes or no, one word.

Read from the words of the question. Where the wording leaves room, nothing is asked: a wrong guess
here would reject right answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cascadeflow.quality.text import pattern, plain

JsonKind = Literal["any", "array", "object"]

NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_LIMIT = 4_000
_LANGUAGES = (
    r"python3?|javascript|typescript|java|c\+\+|c#|golang|go|rust|ruby|php|swift|kotlin|scala|bash|shell|powershell|"
    r"sql|perl|haskell|lua|julia|matlab|html|css|r|c"
)
_MAKE = r"(?:write|implement|create|code|develop|build|generate|give|provide|show|design|make|produce|define)"
_CODE = (
    rf"(?:^|[.!?:;,\n]\s{0, 3}|\b(?:please|you|to|me|and|then|now)\s+){_MAKE}\b(?:\s+me)?(?:\s+us)?"
    r"(?P<between>(?:\s+[\w+#'`-]+){0,6}?)\s+"
    r"(?P<noun>function|subroutine|program|script|class|method|query|algorithm|snippet|implementation|code|"
    r"unit tests?|regex|regular expression|decorator|generator)s?\b(?P<after>[^\n.?!]{0,60})"
)
_CODE_ALONE = frozenset({"function", "subroutine", "unit test", "unit tests", "regex", "regular expression"})
_PROGRAM_LIKE = (
    r"^\s*(?:that|which|to|for|called|named|with)\s+(?:\w+\s+){0,3}?(?:prints?|takes?|reads?|returns?|computes?|"
    r"calculates?|sorts?|reverses?|parses?|checks?|finds?|counts?|converts?|generates?|accepts?|implements?|`)"
)
_NOT_CODE = r"^\s+(?:description|of conduct|name|words?|of (?:a|the) (?:kidneys?|liver|heart|enzymes?|government)\b)"
_NAMED = (
    r"\b(?:[Ff]unction|[Mm]ethod|[Cc]lass)\s+(?:(?:called|named)\s+)?[`'\"]([A-Za-z_]\w*)[`'\"(]"
    r"|\b(?:[Ff]unction|[Mm]ethod|[Cc]lass)\s+(?:called|named)\s+([A-Za-z_]\w*)(?=\(|[.,:]|\s+(?:that|which|to|with|in)\b|\s*$)"
)
_JSON = (
    r"\b(?P<lead>as|in|into|to|return|output|print|give|create|generate|write|produce|provide|only|valid|with|"
    r"respond|a|an)\s+(?:me\s+)?(?:(?:a|an|the|valid|strict|pure|raw|plain|single|one|flat|minified|compact|only|just|"
    r"simple|small|following)\s+)*json\b(?P<what>[- ]?(?:array|list|object|dict(?:ionary)?|format|form|document|string|"
    r"output|response|structure|blob|data)s?)?(?P<after>\s+\w+|\s*[.,:;!?)\n]|\s*$)"
)
_JSON_COMMAND = (
    r"(?:^|[.!?:;,\n]\s{0,3}|\b(?:please|you|and|then|must|should|me|always|only)\s+)(?:answer|respond|reply|output|return|"
    r"give|list|write|provide|produce|generate|format|present|print|express|encode|convert|create|make|extract|show|"
    r"name|put|describe|represent|summari[sz]e|classify|translate|use|identify|find|turn|rewrite)\b"
)
_JSON_OTHER = (
    r"\b(?:function|program|script|code|class|method|parser|parse|parsing|api|endpoint|library|command|query|regex|"
    r"tests?|guide|essay|tutorial|paragraph|explanation|about|python|javascript|java|how to|difference)\b"
)
_LIST = (
    r"(?:^|[.!?:;,\n]\s{0,3}|\b(?:please|me|and|then|you)\s+)(?:list|name|give|provide|suggest|mention|write|state|propose|"
    r"recommend|generate|offer|what are|tell me|identify|find|come up with|brainstorm|think of)\s+(?:me\s+)?(?:us\s+)?"
    r"(?:(?:the|any|some|just|only|exactly|my|your|top|first|last|next|best|a list of|a json array of)\s+){0,4}"
    r"(?P<bound>at least|at most|up to|no more than|about|around|roughly)?\s*"
    r"(?P<count>\d{1,2}|NUMBER)\s+(?P<what>(?:[a-z][\w'-]*\s+){0,3}?[a-z][\w'-]*s)\b"
)
_NOT_ITEMS = frozenset(
    "words sentences paragraphs lines characters letters pages minutes hours days weeks months years stars times "
    "digits places percent dollars euros pounds points degrees grams kilograms meters metres syllables stanzas as is "
    "verses decimals "
    "tokens bits bytes miles feet inches seconds".split()
)
_EACH = r"\b(?:each|per|every|both|respectively|apiece|for all)\b"
_YES_NO = (
    r"\b(?:answer|respond|reply|say|write|output|return)\b[^.?!\n]{0,40}\b(?P<a>yes|true)\W{1,3}(?:or|/|and)?\s*\W?"
    r"(?P<b>no|false)\b|\((?:yes|true)\s*(?:/|or)\s*(?:no|false)\)|\b(?:yes or no|true or false)\s*[:?]|"
    r"^\W*(?:yes or no|true or false)\b"
)
_ONE_WORD = r"\b(?:in|with|using|as)\s+(?:just\s+|only\s+|exactly\s+)?(?:one|a single|1)\s+word\b|\bone[- ]word answer\b|\b(?:only|just) one word\b"
_ONLY_NUMBER = (
    r"\b(?:(?:answer|respond|reply|output|return|give)\b[^.?!\n]{0,30}\b(?:only|just)\b[^.?!\n]{0,20}\b(?:number|integer|"
    r"digits?)\b|(?:just|only)\s+(?:the|a|one)\s+(?:final\s+|single\s+)?(?:number|integer)\b)"
)
_QUANTITY = (
    r"\bhow (?:many|much|old|tall|far|long|fast|heavy|deep|high|wide)\b|\bwhat (?:is|was|are|would be) the (?:\w+ ){0,2}?"
    r"(?:number|sum|product|total|difference|average|mean|median|percentage|probability|area|volume|perimeter|distance|"
    r"cost|price|remainder|quotient)\b|\b(?:calculate|compute)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form a question asks for.

    Attributes:
        json: JSON, and of which kind; None: not asked.
        code: whether code is asked for.
        language: the programming language named with it, lower case; empty: none.
        function: whether a function or method is asked for.
        completion: whether the question is the head of a Python function that is to be completed.
        regex: whether a regular expression is asked for.
        names: functions and classes that must be defined.
        count: how many items; None: not asked.
        at_least, at_most: whether ``count`` is only a bound.
        yes_no: ``yes`` or ``true`` (with their opposites); empty: not asked.
        one_word: whether one word is asked for.
        number: ``only`` a number, a ``quantity`` among words, or empty.
        whole: whether the quantity is counted, so that it is a whole number of at least 0.
    """

    json: JsonKind | None = None
    code: bool = False
    language: str = ""
    function: bool = False
    completion: bool = False
    regex: bool = False
    names: tuple[str, ...] = ()
    count: int | None = None
    at_least: bool = False
    at_most: bool = False
    yes_no: str = ""
    one_word: bool = False
    number: Literal["", "only", "quantity"] = ""
    whole: bool = False


def read_request(prompt: str) -> Asked:
    """What form of answer a question asks for.

    Args:
        prompt: the user's message; its first and last few thousand characters are read.

    Returns:
        What is asked for beyond doubt, and nothing else.

    Example:
        >>> asked = read_request("List three prime numbers as a JSON array.")
        >>> asked.json, asked.count
        ('array', 3)
    """
    return _read(prompt if len(prompt) <= 2 * _LIMIT else prompt[:_LIMIT] + "\n" + prompt[-_LIMIT:])


# Every draft for a question is judged against the same request.
@lru_cache(maxsize=128)
def _read(text: str) -> Asked:
    words = plain(text)
    code, language, function = _code(words)
    stub = _stub(text)
    if stub:
        code, language, function = True, "python", True
    json = None if code else _json(words)
    count, bound = (None, "") if code else _count(words)
    quantity = pattern(_QUANTITY).search(words) is not None and not code
    only = pattern(_ONLY_NUMBER).search(words) is not None
    yes_no = pattern(_YES_NO).search(words)
    return Asked(
        json=json,
        code=code,
        language=language,
        function=function,
        completion=bool(stub),
        regex=code and pattern(r"\b(?:regex|regular expression)").search(words) is not None,
        names=stub or (_names(text) if code else ()),
        count=count,
        at_least=bound == "at least",
        at_most=bound in {"at most", "up to", "no more than"},
        yes_no="" if yes_no is None else "true" if "true" in yes_no[0] else "yes",
        one_word=pattern(_ONE_WORD).search(words) is not None,
        number="only" if only else "quantity" if quantity else "",
        whole=pattern(r"\bhow many\b[^?.]{0,80}\?\s*$").search(words) is not None,
    )


def _stub(text: str) -> tuple[str, ...]:
    # A signature with a docstring and no body is a request to complete it.
    if not pattern(r"\s*(?:(?:async def|def|class|import|from)\b|@)").match(text) or not pattern(r"\"{3}|'{3}").search(
        text
    ):
        return ()
    return tuple(pattern(r"^(?:async )?def[ \t]+(\w+)[ \t]*\(", 8).findall(text)[-1:])


def _names(text: str) -> tuple[str, ...]:
    found = pattern(_NAMED).search(text)
    return () if found is None else (next(name for name in found.groups() if name),)


def _code(words: str) -> tuple[bool, str, bool]:
    found = pattern(_CODE).search(words)
    if found is None:
        return False, "", False
    near = f"{found['between']} {found['after']}"
    named = pattern(rf"(?<![\w+#])({_LANGUAGES})(?![\w+#])").search(near)
    language = named[1] if named else ""
    if language in {"r", "c", "go"} and not pattern(
        rf"\bin {language}\b|\b{language} (?:code|program|function)"
    ).search(near + " " + found["noun"]):
        language = ""
    if pattern(_NOT_CODE).search(found["after"]):
        return False, "", False
    strong = found["noun"] in _CODE_ALONE and not pattern(r"\b(?:of|about|on|explaining)\s*$").search(found["between"])
    if found["noun"] == "code" and found["after"].lstrip().startswith(("that", "to ", "for ", "which")):
        strong = True
    program = found["noun"] in {"program", "script", "class", "snippet"} and pattern(_PROGRAM_LIKE).search(
        found["after"]
    )
    if not (language or strong or program):
        return False, "", False
    if pattern(r"\b(?:essay|poem|story|paragraph|article|explanation|summary|description|list|example|pros)\b").search(
        found["between"]
    ):
        return False, "", False
    return True, language.removesuffix("3"), found["noun"] in {"function", "method", "subroutine"}


def _json(words: str) -> JsonKind | None:
    if "json" not in words:
        return None
    for found in pattern(_JSON).finditer(words):
        what = (found["what"] or "").strip(" -")
        after = found["after"].strip()
        if (
            not what
            and after
            and after[0].isalpha()
            and after
            not in {
                "with",
                "containing",
                "of",
                "using",
                "that",
                "and",
                "only",
                "where",
                "like",
                "matching",
                "please",
                "for",
            }
        ):
            continue
        before = words[max(0, found.start() - 200) : found.start() + len(found["lead"])]
        commands = list(pattern(_JSON_COMMAND).finditer(before))
        asks = (
            bool(commands)
            or (found["lead"] == "as" and bool(what))
            or before.strip() in {"as", "in", "return", "output"}
        )
        middle = before[commands[-1].start() :] if commands else before
        if asks and not pattern(_JSON_OTHER).search(middle):
            return (
                "array"
                if what.startswith(("array", "list"))
                else "object"
                if what.startswith(("object", "dict"))
                else "any"
            )
    return None


def _count(words: str) -> tuple[int | None, str]:
    numbers = "|".join(word for word in NUMBER_WORDS if word not in {"zero", "one"})
    found = pattern(_LIST.replace("NUMBER", numbers)).search(words)
    if found is None or pattern(_EACH).search(words):
        return None, ""
    if pattern(rf"\band (?:\d+|{numbers}) ").search(words, found.end()):
        return None, ""
    what = found["what"].split()
    if any(word in _NOT_ITEMS for word in what) or found["bound"] in {"about", "around", "roughly"}:
        return None, ""
    count = NUMBER_WORDS.get(found["count"]) or int(found["count"])
    return (count, found["bound"] or "") if 2 <= count <= 50 else (None, "")
