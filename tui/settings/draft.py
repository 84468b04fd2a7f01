"""`Draft`: a configuration that is being edited. It holds whatever was typed, allowed or not, and every step back."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.settings.difference import MISSING, Difference, base_at, differences
from tui.settings.problems import problems_of, validated
from tui.settings.shape import Path, Shape, configuration_shape

if TYPE_CHECKING:
    from cascadeflow.config import Configuration

Data = dict[str, Any]


class Step(NamedTuple):
    """One change, on either side of which the values are kept.

    Attributes:
        data: the values on the other side.
        what: was changed, in words.
        path: where.
    """

    data: Data
    what: str
    path: Path


class Draft:
    """Values of a configuration, what is wrong with them, how they differ from the preset, and undo.

    Args:
        configuration: to begin with.
        base_of: the preset of that name; None: there is none that can be used.

    Attributes:
        data: the values as plain data, keys as in the file; a text that is no number stays a text.
        base_name: the preset it is compared with; empty: what it began with.
        differences: to that.
        problems: path → what is wrong there, and what is allowed.
    """

    def __init__(self, configuration: Configuration, base_of: Callable[[str], Configuration | None]) -> None:
        self.shape: Shape = configuration_shape()
        self._base_of = base_of
        self.data: Data = plain(configuration)
        self._first, self._kept = self.data, self.data
        self._base: Data = self.data
        self.base_name = ""
        self.differences: list[Difference] = []
        self.problems: dict[Path, str] = {}
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._settle()

    # -- reading

    def value(self, path: Path) -> Any:
        """What stands at a path; `MISSING` where nothing does."""
        value: Any = self.data
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return MISSING
        return value

    def base_value(self, path: Path) -> Any:
        """What the preset has there; `MISSING` where it has nothing."""
        return base_at(self.data, self._base, path)

    def below(self, path: Path) -> list[Difference]:
        """The differences at or below a path."""
        return [one for one in self.differences if one.path[: len(path)] == path]

    def problems_below(self, path: Path) -> int:
        """How many problems there are at or below a path."""
        return sum(where[: len(path)] == path for where in self.problems)

    def configuration(self) -> Configuration:
        """The configuration, once nothing is wrong.

        Raises:
            ValidationError: something is; `problems` tells what.
        """
        return validated(self.data)

    @property
    def unapplied(self) -> bool:
        """Whether something was changed since `keep`."""
        return self.data != self._kept

    def keep(self) -> None:
        """Remember these values as those in use."""
        self._kept = self.data

    # -- changing

    def set(self, path: Path, value: Any, also: dict[str, Any] | None = None) -> None:
        """Put a value at a path.

        Args:
            path: where.
            value: which.
            also: values for other keys of the same group.
        """

        def put(parent: Any, key: Any) -> None:
            parent[key] = value
            if also:
                parent.update(also)

        self._change(path, str(path[-1]), put)

    def add(self, path: Path, value: Any, key: str | None = None, at: int | None = None) -> Path:
        """Add an item to a list or a map.

        Args:
            path: of the list or map.
            value: the item.
            key: of the item of a map.
            at: place in the list; None: the end.

        Returns:
            Path of the item.
        """
        holder = self.value(path)
        place: str | int = key if key is not None else len(holder or []) if at is None else at

        def put(parent: Any, last: Any) -> None:
            if parent[last] is None:
                parent[last] = {} if key is not None else []
            if key is not None:
                parent[last][key] = value
            else:
                parent[last].insert(place, value)

        self._change(path, f"new in {path[-1]}", put)
        return (*path, place)

    def remove(self, path: Path) -> None:
        """Take an item out of its list or map, or empty an optional group."""
        if path and isinstance(self.value(path[:-1]), (list, dict)) and self.shape.at(path[:-1]).kind != "section":
            self._change(path, f"without {self._label(path)}", lambda parent, key: parent.pop(key))
        else:
            self.set(path, None)

    def move(self, path: Path, step: int) -> Path:
        """Move an item within its list.

        Returns:
            Where it is then.
        """
        siblings, place = self.value(path[:-1]), path[-1]
        if not isinstance(siblings, list) or not isinstance(place, int) or not 0 <= place + step < len(siblings):
            return path
        self._change(
            path, f"{self._label(path)} moved", lambda parent, key: parent.insert(key + step, parent.pop(key))
        )  # fmt: skip
        return (*path[:-1], place + step)

    def reset(self, path: Path) -> bool:
        """Put back what the preset has there.

        Returns:
            Whether the preset has something there.
        """
        base = self.base_value(path)
        if base is not MISSING:
            self.set(path, deepcopy(base))
        return base is not MISSING

    def replace(self, configuration: Configuration, what: str) -> None:
        """Take another configuration whole; undo brings this one back."""
        self._push(plain(configuration), what, ())

    def undo(self) -> Step | None:
        """Go one step back.

        Returns:
            What was undone; None: there is nothing.
        """
        return self._step(self._done, self._undone)

    def redo(self) -> Step | None:
        """Go one step forth again.

        Returns:
            What was done again; None: there is nothing.
        """
        return self._step(self._undone, self._done)

    def _step(self, source: list[Step], target: list[Step]) -> Step | None:
        if not source:
            return None
        step = source.pop()
        target.append(step._replace(data=self.data))
        self.data = step.data
        self._settle()
        return step

    def _change(self, path: Path, what: str, change: Callable[[Any, Any], Any]) -> None:
        fresh = deepcopy(self.data)
        parent: Any = fresh
        for key in path[:-1]:
            parent = parent[key]
        change(parent, path[-1])
        self._push(fresh, what, path)

    def _push(self, data: Data, what: str, path: Path) -> None:
        if data != self.data:
            self._done.append(Step(self.data, what, path))
            self._undone.clear()
            self.data = data
            self._settle()

    def _settle(self) -> None:
        name = str(self.data["based_on"] or "")
        found = self._base_of(name) if name else None
        self.base_name = name if found is not None else ""
        self._base = plain(found) if found is not None else self._first
        named = {key: self.data[key] for key in ("name", "based_on")}  # its own, whatever it is based on
        self.differences = list(differences(self.shape, self.data, self._base | named))
        self.problems = problems_of(self.shape, self.data)

    def _label(self, path: Path) -> str:
        value = self.value(path)
        return str(value.get("name") or path[-1]) if isinstance(value, dict) else str(path[-1])


def plain(configuration: Configuration) -> Data:
    """A configuration as plain data, with every key, and keys as in the file."""
    data = configuration.model_dump(mode="json", by_alias=True)
    del data["version"]
    return data
