"""What a recorded answer cost: by a price list, as recorded, or by the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import ConfigError
from cascadeflow.money import Price, parse_usd
from cascadeflow.tokens import estimate, estimate_text

if TYPE_CHECKING:
    from cascadeflow.evaluation.data import LabelledRow


class AnswerPrices:
    """Costs of recorded answers.

    A price list decides; without one what was recorded does, else the price that the catalogue has
    for the model of that name itself, also where it is retired and another would answer today.
    Tokens that were not recorded are estimated from the text.

    Args:
        path: JSON, ``{model: {"input": USD per 1M tokens, "output": …}}``; further keys are
            ignored. None: no list.

    Raises:
        ConfigError: the list cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._listed = {} if path is None else _read(path)
        self._known: dict[str, Price | None] = {}
        self.estimated = False

    def cost(self, row: LabelledRow, model: str) -> int | None:
        """Nano-USD of a model's answer; None: nobody knows. Sets ``estimated`` where tokens are estimated."""
        answer = row.answers[model]
        if answer.cost is not None and model not in self._listed:
            return answer.cost
        price = self._price(model)
        if price is None:
            return None
        prompt, completion = answer.prompt_tokens, answer.completion_tokens
        if not price.is_free and (prompt is None or completion is None):
            self.estimated = True
        if prompt is None:
            prompt = estimate([{"role": "user", "content": row.prompt}], load_tokenizer=False)
        if completion is None:
            completion = estimate_text(answer.text)
        return price.cost(prompt, completion)

    def missing(self, model: str) -> ConfigError:
        """The error for a model whose price nobody knows."""
        where = "the catalogue does not know it" if self._path is None else f"{self._path.name} does not list it"
        return ConfigError(
            f"the price of {model} is not known: {where}. Give one with `--prices FILE`, as "
            f'{{"{model}": {{"input": 0.15, "output": 0.60}}}} in USD per 1M tokens'
        )

    def _price(self, model: str) -> Price | None:
        if model in self._listed:
            return self._listed[model]
        if model not in self._known:
            from cascadeflow.catalog import lookup

            entry = lookup(model)
            self._known[model] = None if entry is None else entry.price
        return self._known[model]


def _read(path: Path) -> Mapping[str, Price]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read as a price list: {error}", file=str(path)) from None
    if not isinstance(data, dict):
        raise ConfigError('a price list is {model: {"input": …, "output": …}}', file=str(path))
    prices: dict[str, Price] = {}
    for model, listed in data.items():
        try:
            prices[model] = _price(listed)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f'{listed!r} is no price ({type(error).__name__}: {error}); write {{"input": 0.15, "output": 0.60}}, '
                "in USD per 1M tokens",
                file=str(path),
                key=model,
            ) from None
    return prices


def _price(listed: Any) -> Price:
    price = Price(parse_usd(listed["input"]), parse_usd(listed["output"]))
    if min(price.input, price.output) < 0:
        raise ValueError("a price is below 0")
    return price
