"""Histories made by the engine itself: agents with scripted models, drawn at random, recorded in an archive."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.client import ModelRequest
from cascadeflow.errors import BadRequestError, CascadeFlowError, ServerError
from cascadeflow.history import RunArchive
from cascadeflow.quality import QualityValidator
from cascadeflow.routing import CascadeStep, DomainCascadeStrategy
from cascadeflow.telemetry import CostTracker
from cascadeflow.testing import Answer, ScriptedClient

QUESTIONS = [
    "What is 17 * 23?",
    "Write a Python function that reverses a list.",
    "Which dose of ibuprofen may an adult take?",
    "Explain in detail how a distributed database keeps its replicas consistent, and compare the strategies.",
    "Is a verbal contract binding in Germany?",
]
TEXTS = [
    "17 * 23 = 391",
    "17 * 23 = 381",
    "I am not sure, but it might be 391, maybe.",
    "I cannot help with that.",
    "```python\ndef reverse(items):\n    return items[::-1]\n```",
    "```python\ndef reverse(items)\n    return items[::-1]\n```",
    "An adult takes 200 to 400 mg of ibuprofen at most three times a day.",
    "It depends on the case; a lawyer can tell. The law of the country where it was made applies.",
    "Replicas agree on an order of writes. " * 12,
    "",
]
REPLIES = [
    json.dumps({"verdict": "correct", "problems": [], "corrected_answer": ""}),
    json.dumps({"verdict": "incorrect", "problems": ["wrong"], "corrected_answer": "17 * 23 = 391"}),
    json.dumps({"verdict": "incorrect", "problems": ["wrong"], "corrected_answer": ""}),
    "Looks fine to me.",
]
NAMES = ["tiny", "small", "middle", "large"]


class SteadyClient:
    """A client whose answer depends on who is asked what, and on nothing else: asked again it says the same.

    Args:
        seed: other clients say something else.
        trouble: share of calls that fail.
    """

    def __init__(self, seed: int, *, trouble: float = 0.1) -> None:
        self.seed, self.trouble = seed, trouble

    def _said(self, request: ModelRequest) -> Answer | Exception:
        asked = json.dumps([self.seed, request.model, list(request.messages)])
        rng = random.Random(asked)
        if rng.random() < self.trouble:
            return (
                BadRequestError("no", status=400)
                if rng.random() < 0.5
                else ServerError("down", status=500, retry_after=0.001)
            )
        verify = '"verdict"' in request.messages[-1]["content"]
        return Answer(
            rng.choice(REPLIES if verify else TEXTS),
            prompt_tokens=5 + len(asked) // 4,
            completion_tokens=rng.randint(1, 100) + 100 * NAMES.index(request.model),
        )

    def stream(self, request: ModelRequest) -> Any:
        return ScriptedClient({request.model: [self._said(request)]}).stream(request)

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        return 1

    async def aclose(self) -> None:
        pass


def random_agent(rng: random.Random, archive: RunArchive | None, client: Any = None) -> CascadeAgent:
    """An agent of two to four models, with or without strategies, tracker, domains and switches."""
    models = [
        ModelConfig(
            name,
            "openai",
            cost=0.0004 * (number + 1) if client else rng.choice([0.0, 0.0001, 0.002]) * (number + 1),
            quality_score=round(0.4 + 0.15 * number, 2),
            domains=rng.choice([[], ["general"], ["math"], ["expert"]]),
        )
        for number, name in enumerate(NAMES[: rng.randint(2, 4)])
    ]
    script = {name: [_said(rng) for _ in range(40)] for name in NAMES}
    options: dict[str, Any] = {}
    if rng.random() < 0.4:
        options["domain_strategies"] = {domain: _strategy(rng, domain) for domain in ("math", "code", "medical")}
        options["enable_multi_step_cascade"] = True
    if client is None and rng.random() < 0.3:
        options["cost_tracker"] = CostTracker(budget_limit=rng.choice([0.003, 0.02, 1.0]))
    agent = CascadeAgent(
        models,
        client=client or ScriptedClient(script),
        quality_validator=QualityValidator(rng.choice(["fast", "balanced", "strict"])),
        max_retries=1,
        archive=archive,
        preset="drawn",
        **options,
    )
    agent.breakers.threshold = 10**6  # a model that is left alone for a while is not what is asked here
    return agent


def _said(rng: random.Random) -> Any:
    chance = rng.random()
    if chance < 0.06:
        return ServerError("down", status=500, retry_after=0.001)
    if chance < 0.1:
        return BadRequestError("no", status=400)
    text = rng.choice(REPLIES if chance < 0.3 else TEXTS)
    return Answer(
        text,
        prompt_tokens=rng.randint(5, 400),
        completion_tokens=rng.randint(1, 600),
        cached_tokens=rng.choice([0, 0, 3]),
        usage=rng.random() > 0.05,
    )


def _strategy(rng: random.Random, domain: str) -> DomainCascadeStrategy:
    steps = []
    for number in range(rng.randint(2, 4)):
        verify = number > 0 and rng.random() < 0.4
        steps.append(
            CascadeStep(
                rng.choice(NAMES),
                "openai",
                rng.choice([None, "quality_validator", "syntax_validator"]),
                max_retries=1,
                fallback_model=rng.choice([None, None, *NAMES]),
                role="verify" if verify else "answer",
                run=rng.choice(["if_needed", "always"]) if number else "if_needed",
            )
        )
    return DomainCascadeStrategy(domain, steps)


def record(rng: random.Random, archive: RunArchive, runs: int) -> CascadeAgent:
    """Let a random agent answer so many questions; runs that fail are recorded too."""
    agent = random_agent(rng, archive)

    async def ask() -> None:
        for _ in range(runs):
            try:
                await agent.run(
                    rng.choice(QUESTIONS),
                    user_id=rng.choice([None, "ann"]),
                    session=rng.choice([None, "one", "two"]),
                    user_tier=rng.choice([None, None, "pro"]),
                )
            except CascadeFlowError:
                continue

    asyncio.run(ask())
    return agent


class ByQuestion(SteadyClient):
    """A client that looks up what each model says to a question; what is not listed is said at random.

    Args:
        answers: (model, question) → answer.
    """

    def __init__(self, answers: dict[tuple[str, str], Answer | Exception]) -> None:
        super().__init__(0, trouble=0)
        self.answers = answers

    def _said(self, request: ModelRequest) -> Answer | Exception:
        known = self.answers.get((request.model, request.messages[-1]["content"]))
        return super()._said(request) if known is None else known


SURE, DOUBTFUL, WRONG = "17 * 23 = 391", "It may be 391, I think.", "17 * 23 = 381"
"""Answers to `SUM` that the gate scores high, in the middle, and near 0."""
SUM = "What is 17 * 23?"
TWO = [
    ModelConfig("small", "openai", cost=0.001, quality_score=0.5),
    ModelConfig("large", "openai", cost=0.01, quality_score=0.9),
]


def sums(path: Path, drafts: list[str], *, mode: str = "balanced", **options: Any) -> tuple[RunArchive, CascadeAgent]:
    """An archive of one sum asked again and again: what the small model says each time; the large one is right.

    A draft takes 100 prompt tokens and 10 tokens of answer, the large model's answer 20.
    """
    archive = RunArchive(path)
    answers: dict[tuple[str, str], Answer | Exception] = {}
    questions = [f"{SUM} ({number})" for number in range(len(drafts))]
    for question, draft in zip(questions, drafts, strict=True):
        answers["small", question] = Answer(draft, prompt_tokens=100, completion_tokens=10)
        answers["large", question] = Answer(SURE, prompt_tokens=100, completion_tokens=20)
    agent = CascadeAgent(
        TWO, client=ByQuestion(answers), quality_validator=QualityValidator(mode), archive=archive, **options
    )

    async def ask() -> None:
        for question in questions:
            await agent.run(question, user_id="me", session="sums")

    asyncio.run(ask())
    return archive, agent
