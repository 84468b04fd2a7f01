"""Peer: the PyPI release of the project that the v0.2.0 document comes from, with a provider that answers at once.

Started by `engine.py --peers`, in an environment that has that release and not this project.
"""

from __future__ import annotations

import asyncio
import logging
from importlib.metadata import version

import measure
from cascadeflow.providers import PROVIDER_REGISTRY, ModelResponse

from cascadeflow import CascadeAgent, ModelConfig


class AtOnce:
    """A provider that gives the same answer to everything."""

    calls = 0

    def __init__(self, **settings: object) -> None:
        pass

    async def complete(self, *, prompt: str, model: str, **request: object) -> ModelResponse:
        AtOnce.calls += 1
        return ModelResponse(
            content=measure.answer_to(prompt),
            model=model,
            provider="custom",
            cost=0.0,
            tokens_used=measure.PROMPT_TOKENS + measure.COMPLETION_TOKENS,
            confidence=0.9,
            metadata={},
        )


def agent(**options: object) -> measure.Run:
    models = [ModelConfig(name=name, provider="custom", cost=cost) for name, cost in (("small", 0.0002), ("big", 0.01))]
    return CascadeAgent(models=models, **options).run


async def main() -> None:
    logging.disable(logging.CRITICAL)
    PROVIDER_REGISTRY["custom"] = AtOnce
    engines = {
        "upstream": agent(),
        "upstream, with detection": agent(enable_domain_detection=True, use_semantic_domains=False),
    }
    await measure.serve(f"cascadeflow {version('cascadeflow')}", engines, lambda: AtOnce.calls)


if __name__ == "__main__":
    asyncio.run(main())
