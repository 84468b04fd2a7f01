"""Which two models a cascade is made of, and what each question comes to under it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cascadeflow.errors import ConfigError
from cascadeflow.evaluation.policies import Case

if TYPE_CHECKING:
    from cascadeflow.evaluation.data import LabelledAnswer, LabelledData, LabelledRow
    from cascadeflow.evaluation.prices import AnswerPrices
    from cascadeflow.schema import ModelConfig, Verdict

    Judge = Callable[[LabelledRow, str, LabelledAnswer], Verdict]

LEAST_SHARE = 0.1
"""A model that answered fewer of a source's questions is not chosen on its own."""


class Pair(NamedTuple):
    """Names in the data: who drafts, and who is asked where the draft is rejected."""

    draft: str
    strong: str


def match(model: ModelConfig, names: Iterable[str]) -> str | None:
    """The name in the data of a configured model: its own, or another name of it that the catalogue knows.

    Args:
        model: as configured.
        names: of the models in the data.
    """
    from cascadeflow.catalog import lookup

    names = list(names)
    if model.name in names:
        return model.name
    entry = lookup(model.name, model.provider) if model.provider != "local" else None
    return next((name for name in names if entry is not None and lookup(name) == entry), None)


def configured_pair(models: Sequence[ModelConfig], names: Sequence[str]) -> Pair:
    """The cheapest configured model that is in the data, and the one of the highest `quality_score`.

    Args:
        models: as configured.
        names: of the models in the data.

    Raises:
        ConfigError: fewer than two of them are in the data.
    """
    from cascadeflow.catalog.pricing import price_for

    found = [(model, name) for model in models if (name := match(model, names)) is not None]

    def price(item: tuple[ModelConfig, str]) -> int:
        known = price_for(item[0])
        return 0 if known is None else known.input + known.output

    if len(found) > 1:
        strong = max(found, key=lambda item: item[0].quality_score)
        draft = min((item for item in found if item is not strong), key=price)
        return Pair(draft[1], strong[1])
    raise ConfigError(
        f"two of the configured models ({', '.join(model.name for model in models)}) must have labelled answers; "
        f"the data has {', '.join(names)}. Name a pair with `--draft` and `--strong`"
    )


def pairs_by_source(data: LabelledData, prices: AnswerPrices) -> dict[str, Pair]:
    """For each source its best model, and the one that drafts for it at the least cost under a perfect gate.

    Args:
        data: labelled answers.
        prices: of the answers.

    Raises:
        ConfigError: no source has answers of two models whose price is known.
    """
    sources: dict[str, list[LabelledRow]] = {}
    for row in data.rows:
        sources.setdefault(row.source, []).append(row)
    pairs = {source: pair for source, rows in sources.items() if (pair := _best_pair(rows, prices)) is not None}
    if not pairs:
        unknown = [model for model in data.models if all(prices.cost(row, model) is None for row in _with(data, model))]
        if unknown:
            raise prices.missing(unknown[0])
        raise ConfigError("a cascade needs two models, and only one has labelled answers", file=data.name)
    return pairs


def _with(data: LabelledData, model: str) -> list[LabelledRow]:
    return [row for row in data.rows if model in row.answers]


def _best_pair(rows: Sequence[LabelledRow], prices: AnswerPrices) -> Pair | None:
    costs: dict[str, list[int]] = {}
    qualities: dict[str, list[float]] = {}
    rights: dict[str, list[float]] = {}
    for row in rows:
        for model, answer in row.answers.items():
            cost = prices.cost(row, model)
            if cost is not None:
                costs.setdefault(model, []).append(cost)
                qualities.setdefault(model, []).append(answer.quality)
                rights.setdefault(model, []).append(float(answer.right))

    def mean(columns: Mapping[str, Sequence[float]], model: str) -> float:
        return sum(columns[model]) / len(columns[model])

    known = sorted(model for model, found in costs.items() if len(found) >= LEAST_SHARE * len(rows))
    if len(known) < 2:
        return None
    strong = max(known, key=lambda model: (mean(qualities, model), mean(costs, model)))

    def perfectly_gated(model: str) -> float:
        return mean(costs, model) + (1 - mean(rights, model)) * mean(costs, strong)

    return Pair(min((model for model in known if model != strong), key=perfectly_gated), strong)


def cases_of(
    data: LabelledData, pairs: Pair | Mapping[str, Pair], judge: Judge, prices: AnswerPrices
) -> tuple[list[Case], int]:
    """Judge each draft, and work out what its question costs and yields either way.

    Args:
        data: labelled answers.
        pairs: for every source, or one for all.
        judge: the gate.
        prices: of the answers.

    Returns:
        The cases, and how many drafts were left out because the strong model has no answer there.

    Raises:
        ConfigError: a model of the pair has no answers, or no known price.
    """
    if isinstance(pairs, Pair):
        for model in pairs:
            if model not in data.models:
                raise ConfigError(f"no labelled answer is by {model}; the data has {', '.join(data.models)}")
    cases = []
    alone = 0
    for row in data.rows:
        pair = pairs if isinstance(pairs, Pair) else pairs.get(row.source)
        if pair is None or pair.draft not in row.answers:
            continue
        if pair.strong not in row.answers:
            alone += 1
            continue
        cases.append(_case(row, pair, judge, prices))
    if len(cases) < 2:
        raise ConfigError(f"{data.name} has {len(cases)} questions that both models answered; at least 2 are needed")
    return cases, alone


def _case(row: LabelledRow, pair: Pair, judge: Judge, prices: AnswerPrices) -> Case:
    costs = []
    for model in pair:
        cost = prices.cost(row, model)
        if cost is None:
            raise prices.missing(model)
        costs.append(cost)
    draft, strong = row.answers[pair.draft], row.answers[pair.strong]
    verdict = judge(row, pair.draft, draft)
    return Case(
        prompt=row.prompt,
        source=row.source,
        domain=row.domain,
        model=pair.draft,
        score=0.0 if verdict.score is None else verdict.score,
        accepted=verdict.is_valid,
        right=draft.right,
        length=len(draft.text),
        draft_quality=draft.quality,
        strong_quality=strong.quality,
        draft_cost=costs[0],
        strong_cost=costs[1],
    )
