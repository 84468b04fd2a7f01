"""Peer: LiteLLM's own Router, with a handler that answers at once. Started by `engine.py --peers`."""

from __future__ import annotations

import asyncio
import logging
import os
from importlib.metadata import version

import measure

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # must stand before the import, which else asks the network
import litellm
from litellm import CustomLLM, ModelResponse, Router, Usage


class AtOnce(CustomLLM):
    """A handler that gives the same answer to everything."""

    calls = 0

    async def acompletion(
        self, *, messages: list[dict[str, str]], model_response: ModelResponse, **request: object
    ) -> ModelResponse:
        AtOnce.calls += 1
        model_response.choices[0].message.content = measure.answer_to(messages[-1]["content"])
        model_response.usage = Usage(
            prompt_tokens=measure.PROMPT_TOKENS,
            completion_tokens=measure.COMPLETION_TOKENS,
            total_tokens=measure.PROMPT_TOKENS + measure.COMPLETION_TOKENS,
        )
        return model_response


def router(**options: object) -> measure.Run:
    made = Router(
        model_list=[{"model_name": name, "litellm_params": {"model": f"at_once/{name}"}} for name in ("small", "big")],
        fallbacks=[{"small": ["big"]}],
        **options,
    )

    async def run(question: str) -> object:
        return await made.acompletion(model="small", messages=[{"role": "user", "content": question}])

    return run


async def main() -> None:
    logging.disable(logging.CRITICAL)
    litellm.custom_provider_map = [{"provider": "at_once", "custom_handler": AtOnce()}]
    model = {
        "input_cost_per_token": 1.5e-7,
        "output_cost_per_token": 6e-7,
        "litellm_provider": "at_once",
        "mode": "chat",
    }
    # known models are the Router's fast case: an unknown one makes it index its price table anew in every run
    litellm.register_model({f"at_once/{name}": model for name in ("small", "big")})
    engines = {
        "LiteLLM Router": router(),
        "LiteLLM Router, with budget": router(
            provider_budget_config={"at_once": {"budget_limit": 1000, "time_period": "1d"}}
        ),
    }
    await measure.serve(f"litellm {version('litellm')}", engines, lambda: AtOnce.calls)


if __name__ == "__main__":
    asyncio.run(main())
