"""The presets' cascades on recorded answers of hosted models, for `presets.py`.

The gate, the cascade and the preset's mode are the real ones; only the models are replaced by the nearest
that somebody recorded, and prices are those of the time of the answers.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cascadeflow import PRESETS, CascadeAgent, CascadePreset, ModelConfig
from cascadeflow.integrations.recorded import RecordedClient
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy
from cascadeflow.schema import Usage


@dataclass(frozen=True)
class Replay:
    """Recorded answers that stand for those of a preset's models.

    Attributes:
        preset: its name.
        data: the set.
        models: recorded names, in the order of the cascade.
    """

    preset: str
    data: str
    models: tuple[str, ...]


MINI, HAIKU, GPT_4O = "gpt-4o-mini-2024-07-18", "claude-3-5-haiku-20241022", "gpt-4o-2024-08-06"
SONNET, LLAMA = "claude-3-5-sonnet-20241022", "llama-3.1-8b-instruct"
REPLAYS = (
    Replay("production_ready", "gsm8k", (MINI, GPT_4O)),
    Replay("production_ready", "math_l5", (MINI, HAIKU, GPT_4O)),
    Replay("production_ready", "crux", (MINI, HAIKU, GPT_4O)),
    Replay("production_ready", "arena_bench", ("gpt-3.5-turbo-1106", "gpt-4-1106-preview")),
    Replay("cost_optimized_saas", "gsm8k", (LLAMA, MINI)),
    Replay("cost_optimized_saas", "math_l5", (LLAMA, MINI)),
    Replay("cost_optimized_saas", "crux", (LLAMA, MINI)),
    Replay("code_specialist", "mbpp", ("codellama-34b", "gpt-3.5-turbo-0613")),
    Replay("code_specialist", "crux", ("gpt-3.5-turbo-0125", GPT_4O)),
    Replay("enterprise_grade", "gsm8k", (MINI, SONNET)),
    Replay("enterprise_grade", "math_l5", (MINI, HAIKU, SONNET)),
    Replay("enterprise_grade", "crux", (MINI, HAIKU, SONNET)),
)
"""`medical_ai` and `local` are not among them: nobody recorded answers of models like theirs."""

Prices = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Outcome:
    """One question, three ways: quality from 0 to 1, and cost in USD."""

    cascade: tuple[float, float]
    cheapest: tuple[float, float]
    strongest: tuple[float, float]
    rejected: bool


async def replay(folder: Path, document: Mapping[str, str]) -> str:
    """Run every replay and tabulate it.

    Args:
        folder: with the sets and ``prices.json``.
        document: preset → the quality its document promises.
    """
    prices: Prices = json.loads((folder / "prices.json").read_text(encoding="utf-8"))
    rows = []
    for item in REPLAYS:
        found = await outcomes(item, folder, prices)
        rows.append(f"| `{item.preset}`: {document[item.preset]} | {' | '.join(cells(item, found))} |")
        print(rows[-1], flush=True)
    head = "| preset: document | set | models | rejected | cost | quality | random mix | gain over the mix |"
    return "\n".join([head, "|" + "---|" * 8, *rows])


async def outcomes(item: Replay, folder: Path, prices: Prices) -> list[Outcome]:
    """Ask the preset's cascade every question of a set."""
    path = folder / f"{item.data}.jsonl.gz"
    agent = CascadeAgent(**like(item, prices).to_agent_config() | {"client": RecordedClient(path)})
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if not all(name in row["answers"] for name in item.models):
                continue
            result = await agent.run(row["prompt"])
            asked = [record.model for record in result.trace]
            if asked != list(item.models[: len(asked)]):
                raise SystemExit(f"{item.preset} on {item.data} asks {asked} instead of {item.models} in turn")
            spent = sum(usd(prices[record.model], record.usage) for record in result.trace)
            cheapest, *_, strongest = (told(row, name, prices) for name in item.models)
            quality, _ = told(row, result.model_used, prices)
            rejected = result.trace[0].outcome == "rejected"
            found.append(Outcome((quality, spent), cheapest, strongest, rejected))
    await agent.aclose()
    return found


def like(item: Replay, prices: Prices) -> CascadePreset:
    """The preset with the recorded models in place of its own, and without a budget."""
    preset = PRESETS[item.preset]
    models = [
        ModelConfig(
            name,
            "openai",
            cost=(prices[name]["input"] + prices[name]["output"]) / 2000,
            quality_score=0.95 - 0.05 * rank,
            domains=["expert" if rank == 0 else "general"],
        )
        for rank, name in enumerate(reversed(item.models))
    ]
    strategies = {name: recast(each, item.models) for name, each in (preset.domain_strategies or {}).items()}
    return replace(preset.with_models(*models).with_budget(None), domain_strategies=strategies or None)


def recast(strategy: DomainCascadeStrategy, names: Sequence[str]) -> DomainCascadeStrategy:
    """A strategy that asks the first and the last of these models, with its own validations."""
    places = zip(strategy.steps, (names[0], names[-1]), strict=True)
    return replace(strategy, steps=[CascadeStep(name, "openai", step.validation) for step, name in places])


def told(row: dict[str, Any], name: str, prices: Prices) -> tuple[float, float]:
    """Quality and cost of a recorded answer."""
    answer = row["answers"][name]
    usage = Usage(prompt_tokens=answer["prompt_tokens"], completion_tokens=answer["completion_tokens"])
    return float(answer["score"] if "score" in answer else answer["correct"]), usd(prices[name], usage)


def usd(price: Mapping[str, float], usage: Usage) -> float:
    return (price["input"] * usage.prompt_tokens + price["output"] * usage.completion_tokens) / 1e6


def cells(item: Replay, found: Sequence[Outcome]) -> list[str]:
    """The measured cells of a row; cost and quality as parts of the strongest model's."""
    quality, cost, mix = against_strongest(found)
    luck = random.Random(7)
    gains = []
    for _ in range(1000):
        quality_again, _, mix_again = against_strongest(luck.choices(found, k=len(found)))
        gains.append(quality_again - mix_again)
    gains.sort()
    return [
        f"{item.data}, {len(found)}",
        " → ".join(f"`{name}`" for name in item.models),
        f"{sum(each.rejected for each in found) / len(found):.1%}",
        f"{cost:.0%}",
        f"{quality:.1%}",
        f"{mix:.1%}",
        f"{quality - mix:+.1%} ({gains[24]:+.1%} to {gains[974]:+.1%})",
    ]


def against_strongest(found: Sequence[Outcome]) -> tuple[float, float, float]:
    """Quality and cost of the cascade, and quality of a random mix at that cost, all relative to always-strongest.

    The mix tosses a coin for each question between the cheapest and the strongest model. Where the cascade costs
    more than the strongest alone, the mix is the strongest alone.
    """
    quality, cost = (sum(each.cascade[part] for each in found) for part in (0, 1))
    low_quality, low_cost = (sum(each.cheapest[part] for each in found) for part in (0, 1))
    high_quality, high_cost = (sum(each.strongest[part] for each in found) for part in (0, 1))
    share = min(1.0, max(0.0, (cost - low_cost) / (high_cost - low_cost)))
    mix = low_quality + share * (high_quality - low_quality)
    return quality / high_quality, cost / high_cost, mix / high_quality
