"""The configuration schema as a tree of shapes, from which the settings screen is made. No field is listed by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

Kind = Literal["section", "list", "map", "switch", "choice", "integer", "number", "text"]
Path = tuple[str | int, ...]

_KINDS: dict[str, Kind] = {"boolean": "switch", "integer": "integer", "number": "number", "string": "text"}
_NO_FIELD = ("version",)
"""Keys whose value the schema fixes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one place of the configuration.

    Attributes:
        kind: ``section`` has fields, ``list`` and ``map`` have items, the others have a value.
        definition: class it is of; empty for plain values.
        description: what it is for.
        optional: whether it may be left empty.
        required: whether it has no default.
        default: value where the file says nothing.
        choices: allowed values of a ``choice``.
        low, high: bounds of a number, or of the number of items.
        above_low: whether ``low`` itself is not allowed.
        fields: of a ``section``, by key.
        item: of a ``list`` or ``map``.
    """

    kind: Kind
    definition: str = ""
    description: str = ""
    optional: bool = False
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    above_low: bool = False
    fields: dict[str, Shape] = field(default_factory=dict)
    item: Shape | None = None

    @property
    def is_value(self) -> bool:
        """Whether it has a value of its own, rather than parts."""
        return self.kind not in ("section", "list", "map")

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        if self.kind == "switch":
            words = "on or off"
        elif self.kind == "choice":
            words = f"one of {', '.join(self.choices)}"
        elif self.kind == "text":
            words = "text" if self.low is None or self.optional else "text, not empty"
        elif self.kind in ("integer", "number"):
            words = ("a whole number" if self.kind == "integer" else "a number") + self._range
        elif self.kind == "section":
            words = "a group of fields"
        else:
            words = f"a list{self._range.replace('from', 'of') if self.kind == 'list' else ''}"
        return f"{words}, or nothing" if self.optional else words

    @property
    def _range(self) -> str:
        if self.low is None and self.high is None:
            return ""
        if self.low is None:
            return f" up to {self.high:g}"
        if self.above_low:
            return f" above {self.low:g}" + ("" if self.high is None else f" up to {self.high:g}")
        return f" of at least {self.low:g}" if self.high is None else f" from {self.low:g} to {self.high:g}"

    def at(self, path: Path) -> Shape:
        """The shape at a path below this one."""
        shape = self
        for key in path:
            shape = shape.fields[str(key)] if shape.kind == "section" else shape.items
        return shape

    @property
    def items(self) -> Shape:
        """What a list or a map holds."""
        assert self.item is not None  # noqa: S101  # lists and maps have one
        return self.item

    def fresh(self) -> Any:
        """The value that a new one begins with; what has no default begins empty."""
        if self.kind == "section":
            return {key: shape.fresh() if shape.required else shape.start() for key, shape in self.fields.items()}
        if self.kind == "list":
            return [self.items.fresh() for _ in range(int(self.low or 0))]
        if self.kind == "map":
            return {}
        return self.default if self.default is not None else self.choices[0] if self.choices else ""

    def start(self) -> Any:
        """The value where the file says nothing."""
        if self.optional or self.is_value:
            return self.default
        return self.fresh()


@cache
def configuration_shape() -> Shape:
    """The shape of a whole configuration."""
    from cascadeflow.config import json_schema

    schema = json_schema()
    return shape_of(schema, schema["$defs"])


def shape_of(schema: dict[str, Any], definitions: dict[str, Any], *, required: bool = True) -> Shape:
    """The shape that a JSON Schema describes.

    Args:
        schema: of one place.
        definitions: what it refers to, by name.
        required: whether the place has to be filled.
    """
    description, default, optional = schema.get("description", ""), schema.get("default"), False
    if "anyOf" in schema:
        (schema,) = [one for one in schema["anyOf"] if one.get("type") != "null"]
        optional = True
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = definitions[name]
        description = description or schema.get("description", "")
    common: dict[str, Any] = {
        "description": description, "default": default, "optional": optional, "required": required,
    }  # fmt: skip
    if "enum" in schema:
        return Shape("choice", choices=tuple(schema["enum"]), **common)
    kind = schema["type"]
    if kind == "array":
        item = shape_of(schema["items"], definitions)
        return Shape("list", item=item, low=schema.get("minItems"), high=schema.get("maxItems"), **common)
    if kind == "object" and "properties" in schema:
        needed = schema.get("required", ())
        fields = {
            key: shape_of(one, definitions, required=key in needed)
            for key, one in schema["properties"].items()
            if key not in _NO_FIELD
        }
        return Shape("section", definition=schema["title"], fields=fields, **common)
    if kind == "object":
        return Shape("map", item=shape_of(schema["additionalProperties"], definitions), **common)
    low = schema.get("minimum", schema.get("exclusiveMinimum", schema.get("minLength")))
    return Shape(
        _KINDS[kind], low=low, high=schema.get("maximum"), above_low="exclusiveMinimum" in schema, **common
    )  # fmt: skip
