"""Labelled answers as arrays: what the gate reads of each, and what its checks say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import ConfigError
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.features import answer_features, read_question
from cascadeflow.quality.gate import PROVES, influence, run_checks
from cascadeflow.quality.learned import CLIP, family_of
from cascadeflow.quality.modes import ALL
from cascadeflow.training.rows import LabelledAnswer

if TYPE_CHECKING:
    from numpy.typing import NDArray


def need_numpy() -> None:
    """Say what to do where the extra is not installed.

    Raises:
        ConfigError: it is not.
    """
    from importlib.util import find_spec

    if find_spec("numpy") is None:
        raise ConfigError("training needs numpy: pip install 'cascadeflow-console[train]'")


@dataclass(slots=True)
class Table:
    """Answers as arrays, one row an answer.

    Attributes:
        names: names of the features, in the order of the columns of ``values``.
        values: features; NaN where one does not apply.
        kinds, rows, sources, families: of each answer, as text.
        right: 1 for a right answer, else 0.
        exact: whether the label is exact.
        checks: log-odds that the checks add.
        sizes: characters.
    """

    names: list[str]
    values: NDArray[Any]
    kinds: NDArray[Any]
    rows: NDArray[Any]
    sources: NDArray[Any]
    families: NDArray[Any]
    right: NDArray[Any]
    exact: NDArray[Any]
    checks: NDArray[Any]
    sizes: NDArray[Any]

    def __len__(self) -> int:
        return len(self.right)

    def chosen(self, which: NDArray[Any]) -> Table:
        """The answers that a mask or a list of positions names."""
        return Table(
            self.names, self.values[which], self.kinds[which], self.rows[which], self.sources[which],
            self.families[which], self.right[which], self.exact[which], self.checks[which],
            self.sizes[which],
        )  # fmt: skip

    def scaled(self, scales: dict[str, tuple[float, float]]) -> NDArray[Any]:
        """Distances from the mean in spreads, as the gate sees them: clipped, and 0 for what does not apply."""
        import numpy as np

        mean = np.array([scales.get(name, (0.0, 1.0))[0] for name in self.names])
        spread = np.array([scales.get(name, (0.0, 1.0))[1] for name in self.names])
        known = np.array([name in scales for name in self.names])
        scaled: NDArray[Any] = np.nan_to_num(np.clip((self.values - mean) / spread, -CLIP, CLIP)) * known
        return scaled

    def folds(self, count: int) -> NDArray[Any]:
        """A number below ``count`` for each answer, the same for all answers to one question."""
        import numpy as np

        return np.array(
            [int.from_bytes(blake2b(row.encode(), digest_size=4).digest(), "big") % count for row in self.rows]
        )


def tabulate(answers: Sequence[LabelledAnswer]) -> Table:
    """Read features and checks of every answer.

    Raises:
        ConfigError: numpy is missing.
    """
    need_numpy()
    import numpy as np

    read: list[dict[str, float]] = []
    kinds: list[str] = []
    checks: list[float] = []
    for answer in answers:
        context = CheckContext(answer.prompt, answer.text, answer.domain, model=answer.model)
        question = read_question(answer.prompt, context.asked, answer.domain)
        read.append(question.features | answer_features(question, answer.text))
        kinds.append(question.kind)
        results = run_checks(context, ALL)
        moved = ((item, influence(item)) for item in results)
        checks.append(sum(change for item, change in moved if change < 0 or (item.name in PROVES and item.score == 1)))
    names = sorted(set().union(*read))
    place = {name: index for index, name in enumerate(names)}
    values = np.full((len(read), len(names)), np.nan)
    for index, features in enumerate(read):
        for name, value in features.items():
            values[index, place[name]] = value
    return Table(
        names=names,
        values=values,
        kinds=np.array(kinds),
        rows=np.array([answer.row for answer in answers]),
        sources=np.array([answer.source for answer in answers]),
        families=np.array([family_of(answer.model) for answer in answers]),
        right=np.array([float(answer.right) for answer in answers]),
        exact=np.array([answer.exact for answer in answers]),
        checks=np.array(checks),
        sizes=np.array([len(answer.text) for answer in answers]),
    )
