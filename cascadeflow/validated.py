"""Value types that check what they are given: pydantic's dataclasses and models, with errors of ours.

What pydantic says about a wrong value names neither the class nor, for an argument without a name, the
field; and it is no `CascadeFlowError`. Here it becomes a `ConfigError` with field, value and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, fields
from functools import wraps
from typing import Any, Final, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass

from cascadeflow.errors import ConfigError

T = TypeVar("T")
_LONGEST: Final = 200
"""Characters of a value that an error shows."""
_UNKNOWN: Final = {"extra_forbidden", "unexpected_keyword_argument", "no_such_attribute"}


@dataclass_transform(field_specifiers=(field, Field))
def value_type(*, assignment: bool = False) -> Callable[[type[T]], type[T]]:
    """A dataclass that refuses wrong values and unknown names with `ConfigError`.

    Args:
        assignment: whether attributes are checked as well when they are set later.

    Example:
        >>> @value_type()
        ... class Speed:
        ...     limit: float = Field(ge=0)
        >>> Speed(-1)
        Traceback (most recent call last):
        cascadeflow.errors.ConfigError: Speed.limit: input should be greater than or equal to 0; given was -1
    """

    def decorate(kind: type[T]) -> type[T]:
        made: Any = pydantic_dataclass(config=ConfigDict(extra="forbid", validate_assignment=assignment))(kind)
        names = [item.name for item in fields(made)]
        made.__init__ = _refusing(made.__init__, kind.__name__, names)
        if assignment:
            made.__setattr__ = _refusing(made.__setattr__, kind.__name__, names)
        return made  # type: ignore[no-any-return]  # the same class

    return decorate


def _refusing(method: Callable[..., None], owner: str, names: Sequence[str]) -> Callable[..., None]:
    @wraps(method)
    def refusing(*args: Any, **kwargs: Any) -> None:
        try:
            method(*args, **kwargs)
        except ValidationError as error:
            raise refusal(error, owner, names) from None

    return refusing


def refusal(error: ValidationError, owner: str, names: Sequence[str]) -> ConfigError:
    """What is wrong with the arguments of a constructor.

    Args:
        error: what pydantic says.
        owner: name of the class.
        names: of its fields, in the order in which arguments without a name are taken.
    """
    keys, message = complaint(error, "given was", f"there is no such field; {owner} has {', '.join(names)}")
    if isinstance(keys[0], int):
        keys = [names[keys[0]] if keys[0] < len(names) else f"argument {keys[0] + 1}", *keys[1:]]
    return ConfigError(message, key=f"{owner}.{dotted(keys)}")


def complaint(error: ValidationError, introduction: str, unknown: str) -> tuple[list[Any], str]:
    """Pydantic's first complaint: where, and what is wrong.

    Args:
        error: what pydantic says.
        introduction: words before the value that was given.
        unknown: what is said of a name that is not known. Its value is not shown, since it may be a key.

    Returns:
        The path to the value, and the words.
    """
    details = error.errors(include_url=False)
    first = details[0]
    keys = [key for key in first["loc"] if not (isinstance(key, str) and key.startswith("function-"))]
    message = str(first["msg"]).removeprefix("Value error, ")
    value = first.get("input")
    if first["type"] in _UNKNOWN:
        message = unknown
    elif "argument" not in first["type"] and first["type"] != "missing" and not isinstance(value, (dict, list)):
        message = f"{message[0].lower()}{message[1:]}; {introduction} {_short(value)}"
    if len(details) > 1:
        message += f" (and {len(details) - 1} more)"
    return keys, message


def dotted(keys: Sequence[Any]) -> str:
    """A path as people write it, items counted from 1.

    Example:
        >>> dotted(["models", 0, "name"])
        'models[1].name'
    """
    name = ""
    for key in keys:
        name += f"[{key + 1}]" if isinstance(key, int) else f".{key}" if name else str(key)
    return name


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
