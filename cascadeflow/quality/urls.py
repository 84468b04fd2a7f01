"""Web addresses in a text, held against the rules for their form. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from cascadeflow.quality.identifiers import MOST, Citation, trimmed
from cascadeflow.quality.text import pattern

_COUNTRIES = frozenset(
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cc cd cf cg ch "
    "ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn "
    "gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk "
    "lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe "
    "pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg "
    "th tj tk tl tm tn to tr tt tv tw tz ua ug uk um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw".split()
)
"""Two-letter top-level domains: ISO 3166-1 with ac, eu, su and uk."""
_RESERVED_TLDS = frozenset("test example invalid localhost local internal alt".split())
"""Set apart by RFC 2606, 6761, 6762 and 9476: nothing public is there."""
_EXAMPLES = frozenset("example.com example.net example.org example.edu".split())
"""For use in examples (RFC 2606; example.edu by its registry)."""
_FILES = frozenset("html htm php pdf asp aspx jsp json xml doc docx txt jpg png gif".split())
"""Endings of files, which no top-level domain has."""


def find_urls(text: str) -> tuple[Citation, ...]:
    """The web addresses in a text, each with what is wrong with its form.

    Args:
        text: at most a few thousand characters; the caller caps it.

    Returns:
        Addresses of this machine and of private networks are left out: they are no citations.

    Example:
        >>> [item.problem for item in find_urls("See https://example.com/study and https://www.who.int.")]
        ['example.com is reserved for examples', '']
    """
    return tuple(islice(_urls(text), MOST))


def _urls(text: str) -> Iterator[Citation]:
    whole = r"\bhttps?://[^\s<>\"`|\\^]{1,500}|(?<![\w@./-])www\.[^\s<>\"`|\\^]{1,500}"
    broken = (
        r"\b(?:https?:/(?=[^/\s])|https?//|https?:(?=www\.)|h?ttps?:///?|htp://|htttps?://|https?;//)[^\s<>\"`]{3,200}"
    )
    for found in pattern(f"(?P<whole>{whole})|(?P<broken>{broken})", 2).finditer(text):
        if found["broken"]:
            yield Citation("URL", trimmed(found[0]), "it begins neither with http:// nor with https://")
            continue
        cut = found[0].endswith(("...", "…", "/[", "[…]"))
        # In "[name](https://…)" the bracket that closes is Markdown's.
        said = trimmed(found[0].split("](")[0])
        problem = _problem(said, cut=cut)
        if problem is not None:
            yield Citation("URL", said, problem)


def _problem(said: str, *, cut: bool) -> str | None:
    try:
        parts = urlsplit(said if "://" in said else f"https://{said}")
        host, _ = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return "it cannot be read as an address"
    if not host:
        return "it names no host"
    if _is_private(host):
        return None
    path = f"{parts.path}?{parts.query}".lower()
    if cut and path.endswith(("/?", "/[?")):
        return "it is cut short"
    if pattern(r"x{4,}|\[[a-z ]+\]|<[a-z ]+>").search(path) or pattern(
        r"^(?:www\.)?your-?(?:domain|site|website|company|url|link|name|server|app|journal)\."
    ).match(host):
        return "a placeholder"
    return _host_problem(host)


def _is_private(host: str) -> bool:
    from ipaddress import ip_address

    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host
    return not address.is_global


def _host_problem(host: str) -> str:
    if ":" in host or pattern(r"\d{1,3}(?:\.\d{1,3}){3}").fullmatch(host):
        return ""
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return f"{host} is no host name"
    labels = ascii_host.split(".")
    if len(ascii_host) > 253 or not all(pattern(r"(?!-)[a-z0-9_-]{1,63}(?<!-)").fullmatch(label) for label in labels):
        return f"{host} is no host name"
    tld = labels[-1]
    if tld in _RESERVED_TLDS or ".".join(labels[-2:]) in _EXAMPLES:
        return f"{host} is reserved for examples"
    country = len(tld) != 2 or tld in _COUNTRIES
    if not country or tld in _FILES or not pattern(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}").fullmatch(tld):
        return f"there is no top-level domain .{tld}"
    return ""
