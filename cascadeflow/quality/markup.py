"""HTML: tags that are open at the end, and the scripts and styles inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.quality import grammars
from cascadeflow.quality.grammars import Fault

if TYPE_CHECKING:
    from tree_sitter import Node

_MAY_STAY_OPEN = frozenset(
    "html head body p li dt dd rt rp optgroup option colgroup caption thead tbody tfoot tr td th "
    "area base br col embed hr img input link meta source track wbr !doctype".split()
)
"""Elements whose end tag may be left out, and those that have none (HTML Living Standard, 13.1.2)."""
_INSIDE = {"script_element": "javascript", "style_element": "css"}


def find_fault(code: str) -> Fault | None:
    """Where HTML does not hold together.

    Args:
        code: a page or a part of one.

    Returns:
        The first fault; None: there is none.

    Raises:
        NotJudged: the grammar is not installed, or the code is too tangled.
    """
    root, source = grammars.parse("html", code)
    if _is_one_tag(root):
        return None
    waiting = [root]
    while waiting:
        node = waiting.pop()
        fault = _fault(node, source)
        if fault is not None:
            return fault
        waiting.extend(reversed(node.children))
    return None


def _fault(node: Node, source: bytes) -> Fault | None:
    line = node.start_point[0] + 1
    if node.type == "erroneous_end_tag":
        return Fault(f"{_text(node, source)} at line {line} closes nothing", line)
    if node.type in _INSIDE:
        return _inside(node, source)
    if node.type == "element" or node.is_error:
        return _unclosed(node, source)
    if node.is_missing and node.type != "_implicit_end_tag":
        return grammars.describe(node, source)
    return None


def _unclosed(node: Node, source: bytes) -> Fault | None:
    if node.children and node.children[-1].type == "end_tag":
        return None
    for child in node.children:
        if child.type == "start_tag" and _tag(child, source) not in _MAY_STAY_OPEN:
            line = child.start_point[0] + 1
            return Fault(f"<{_tag(child, source)}> at line {line} is not closed", line)
    opens = [child for child in node.children if child.type == "start_tag"]
    # A lone & is no fault: every browser shows it as it stands.
    harmless = opens or "&" in source[max(0, node.start_byte - 1) : node.end_byte].decode("utf-8", "replace")
    return grammars.describe(node, source) if node.is_error and not harmless else None


def _inside(node: Node, source: bytes) -> Fault | None:
    start = next((child for child in node.children if child.type == "start_tag"), None)
    body = next((child for child in node.children if child.type == "raw_text"), None)
    if node.children[-1].type != "end_tag":
        line = node.start_point[0] + 1
        return Fault(f"<{node.type.removesuffix('_element')}> at line {line} is not closed", line)
    # A script with a type other than JavaScript's is a template or data.
    kind = _text(start, source).lower() if start is not None else ""
    if body is None or ("type=" in kind and "javascript" not in kind and "module" not in kind and "css" not in kind):
        return None
    # The lines before it are kept as empty ones, so that the fault's line is the page's.
    code = "\n" * body.start_point[0] + _text(body, source)
    return grammars.find_fault(_INSIDE[node.type], code)


def _is_one_tag(root: Node) -> bool:
    """Whether it is a single opening tag, quoted to show its attributes."""
    only = root.named_children
    return len(only) == 1 and [child.type for child in only[0].children if not child.is_missing] == ["start_tag"]


def _tag(start: Node, source: bytes) -> str:
    name = next((child for child in start.children if child.type == "tag_name"), None)
    return "" if name is None else _text(name, source).lower()


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
