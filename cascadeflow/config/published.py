"""The file format as JSON Schema, with what the classes say of their attributes."""

from __future__ import annotations

import inspect
import re
from typing import Any

from cascadeflow.config.schema import Configuration

_SECTION = re.compile(r"^(Attributes|Example|Raises):$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(\w+): (.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def json_schema() -> dict[str, Any]:
    """The file format as JSON Schema; each key has its description.

    Example:
        >>> json_schema()["$defs"]["CallsSection"]["properties"]["total_timeout"]["description"]
        'seconds for one answer; 0: no limit.'
    """
    schema = Configuration.model_json_schema()
    for definition in (schema, *schema["$defs"].values()):
        _describe(definition)
    return schema


def _describe(definition: dict[str, Any]) -> None:
    """Move what a docstring says of attributes to the attributes."""
    head, *rest = _SECTION.split(definition.get("description", ""))
    definition["description"] = _plain(head)
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Attributes":
            for name, words in _ATTRIBUTE.findall(inspect.cleandoc(body)):
                key = "global" if name == "pool" else name
                definition["properties"][key]["description"] = _plain(words)


def _plain(words: str) -> str:
    return " ".join(words.replace("``", "").replace("`", "").split())
