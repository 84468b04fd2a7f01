"""Fills the tables of `presets.md` with what the code says today: ``python docs/make_presets.py``.

No model is asked: names come from the catalogue, figures from `CascadeAgent.plan`, both without a key.
A test fails while the tables are not what the code says for the day they name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from cascadeflow import PRESETS, CascadeAgent, CascadePlan, CascadePreset, ModelConfig
from cascadeflow.catalog import resolve
from cascadeflow.money import format_usd
from cascadeflow.testing import ScriptedClient

PAGE = Path(__file__).with_name("presets.md")
QUESTIONS = {
    "general": (
        "What is the capital of France?",
        "Compare trains and planes for a family of four that must travel from Berlin to Rome, and justify a choice.",
        (
            "Design a thorough training plan for a first marathon: justify every week, compare it with two alternatives, "
            "assess the risks, and ensure that it also works for a beginner without a gym."
        ),
    ),
    "code": (
        "Write a Python function that reverses a string.",
        "Implement a Python function that merges two sorted lists and compare its complexity with sorted().",
        (
            "Design and implement a thread-safe LRU cache in Python with expiry; analyse its complexity step by step and "
            "compare the trade-offs with functools.lru_cache."
        ),
    ),
    "medical": (
        "What are the symptoms of diabetes?",
        "Compare metformin and insulin for an adult with type 2 diabetes and reduced kidney function.",
        (
            "Compare the treatments of type 2 diabetes for a patient with reduced kidney function: analyse benefits, risks "
            "and interactions step by step, and justify a recommendation."
        ),
    ),
}
"""For each use case a simple, a medium and a hard question."""
ASKED = {"code_specialist": "code", "medical_ai": "medical"}
"""Presets that are asked about their own field; the others get general questions."""
DOCUMENT = {
    "production_ready": "$0.0008, 2-3 s",
    "cost_optimized_saas": "$0.00008, 1-2 s",
    "code_specialist": "$0.0014, 2-3 s",
    "medical_ai": "$0.05, 4-6 s",
    "enterprise_grade": "variable, 2-4 s",
    "local": "not in it",
}
"""Cost and speed of a query on average, as the v0.2.0 document states them."""
DOCUMENT_QUALITY = {
    "production_ready": "excellent",
    "cost_optimized_saas": "good",
    "code_specialist": "excellent for code",
    "medical_ai": "excellent, safety-validated",
    "enterprise_grade": "excellent",
    "local": "not in it",
}
"""Quality, as the document states it."""


def plans(preset: CascadePreset) -> list[CascadePlan]:
    """What the preset would do for its three questions."""
    agent = CascadeAgent(**preset.to_agent_config() | {"client": ScriptedClient({})})
    found = [agent.plan(question) for question in QUESTIONS[ASKED.get(preset.name, "general")]]
    if [plan.complexity for plan in found] != ["simple", "medium", "high"]:
        raise SystemExit(f"the questions of {preset.name} are no longer a simple, a medium and a hard one")
    return found


def models_table() -> str:
    """The models of each preset, and who answers for them."""
    rows = [
        f"| `{preset.name}` | {', '.join(map(_model, preset.models))} | {preset.quality_validation_mode} | {_daily(preset)} |"
        for preset in PRESETS.values()
    ]
    return "\n".join(["| preset | models | checks | budget |", "|---|---|---|---|", *rows])


def _model(model: ModelConfig) -> str:
    entry = resolve(model.name, model.provider).entry
    called = entry.name if entry else model.name
    return f"`{model.name}`" if called == model.name else f"`{model.name}` → `{called}`"


def _daily(preset: CascadePreset) -> str:
    return "none" if preset.default_budget_daily is None else f"${preset.default_budget_daily:g}"


def figures_table() -> str:
    """What the document states beside what the plans say."""
    rows = []
    for preset in PRESETS.values():
        found = plans(preset)
        cells = [DOCUMENT[preset.name], *map(_figures, found), format_usd(max(plan.cost_worst or 0 for plan in found))]
        rows.append(f"| `{preset.name}` | {' | '.join(cells)} |")
    return "\n".join(["| preset | document | simple | medium | hard | at worst |", "|---|---|---|---|---|---|", *rows])


def _figures(plan: CascadePlan) -> str:
    seconds = sum(path.probability * path.latency_expected_ms for path in plan.paths) / 1000
    return f"{format_usd(plan.cost_expected)}, {seconds:.1f} s, {plan.p_escalate:.0%}"


def questions_list() -> str:
    """The questions that are planned."""
    return "\n".join(f"- {kind}: {' '.join(f'“{text}”' for text in texts)}" for kind, texts in QUESTIONS.items())


def filled(text: str, day: str) -> str:
    """The page with its tables made anew.

    Args:
        text: the page.
        day: ISO date that the page names.
    """
    text = re.sub(r"(?<=On )\d{4}-\d\d-\d\d", day, text)
    for name, made in (("models", models_table), ("figures", figures_table), ("questions", questions_list)):
        text = put(text, name, made(), "make_presets.py")
    return text


def put(text: str, name: str, made: str, script: str) -> str:
    """The page with one of its blocks made anew.

    Args:
        text: the page.
        name: of the block.
        made: what stands in it now.
        script: that makes it, as the block's first line says.

    Raises:
        ValueError: the page has no such block.
    """
    begin, end = f"<!-- {name}: {script} -->\n", f"<!-- {name} end -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"the page has no block {begin.strip()} … {end}")
    return f"{before}{begin}{made}\n{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), datetime.now(UTC).date().isoformat()), encoding="utf-8")
