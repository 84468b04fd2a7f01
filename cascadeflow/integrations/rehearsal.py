"""Rehearsal: embedded models answer in place of hosted ones, so that any preset can be tried without a key.

What such an answer costs is worked out by the engine, at the hosted model's price.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from cascadeflow.catalog.embedded import EMBEDDED
from cascadeflow.client import Chunk, Completed, ModelClient, ModelRequest
from cascadeflow.errors import ModelNotFoundError
from cascadeflow.schema import LeftOut, ModelConfig

_LOCAL = "local"


def stand_ins(models: Sequence[ModelConfig]) -> dict[str, str]:
    """Which embedded model stands in for which hosted one: the one of its rank.

    The lowest third by ``quality_score`` gets the weakest embedded model, the highest third the
    strongest; equal scores rank by cost.

    Args:
        models: the configured models; embedded ones are left out, since they stand for themselves.

    Returns:
        Embedded names by configured names.

    Example:
        >>> stand_ins([ModelConfig("gpt-4o", "openai", quality_score=0.95), ModelConfig("gpt-4o-mini", "openai")])
        {'gpt-4o-mini': 'smollm2-135m-instruct', 'gpt-4o': 'qwen2.5-coder-1.5b-instruct'}
    """
    hosted = {model.name: model for model in models if model.provider != _LOCAL}
    ranked = sorted(hosted.values(), key=lambda model: (model.quality_score, model.cost))
    embedded = sorted(EMBEDDED, key=lambda model: model.quality_score)
    return {
        model.name: embedded[(2 * rank + 1) * len(embedded) // (2 * len(ranked))].name
        for rank, model in enumerate(ranked)
    }


class RehearsalClient:
    """A `ModelClient` that hands questions for hosted models to embedded ones.

    They are asked at temperature 0 and without a system prompt, which models of this size follow
    badly. Embedded models asked by their own name pass through unchanged.

    Args:
        inner: the client that runs the embedded models.
        stand_ins: embedded names by configured names, as from `stand_ins`.

    Example:
        >>> from cascadeflow.integrations.local import LocalClient
        >>> client = RehearsalClient(LocalClient(), {"gpt-4o": "qwen2.5-coder-1.5b-instruct"})
    """

    def __init__(self, inner: ModelClient, stand_ins: Mapping[str, str]) -> None:
        self.inner = inner
        self.stand_ins = dict(stand_ins)

    def unavailable(self, model: ModelConfig) -> LeftOut | None:
        """What the stand-in of a model lacks to be called, such as its file.

        Args:
            model: as configured.
        """
        ask: Callable[[ModelConfig], LeftOut | None] = getattr(self.inner, "unavailable", lambda _: None)
        stand_in = self.stand_ins.get(model.name)
        if stand_in is None:
            return ask(model)
        lack = ask(ModelConfig(stand_in, _LOCAL))
        return None if lack is None else replace(lack, model=model.name, reason=f"{stand_in}: {lack.reason}")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Ask the stand-in.

        Args:
            request: the call, for a hosted model or an embedded one.

        Yields:
            `Delta`s, then one `Completed` with the stand-in's usage.

        Raises:
            ModelCallError: the stand-in failed, or there is none.
        """
        async with aclosing(self.inner.stream(self._recast(request))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Completed) and chunk.usage is not None and request.provider != _LOCAL:
                    # read again from this machine's memory, which is no discount of the hosted model
                    yield replace(chunk, usage=replace(chunk.usage, cached_tokens=0))
                else:
                    yield chunk

    def count_prompt_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the prompt tokens as the stand-in counts them.

        Args:
            request: the call.
        """
        return self.inner.count_prompt_tokens(self._recast(request))

    async def aclose(self) -> None:
        """Close the client behind this one."""
        await self.inner.aclose()

    def _recast(self, request: ModelRequest) -> ModelRequest:
        if request.provider == _LOCAL:
            return request
        stand_in = self.stand_ins.get(request.model)
        if stand_in is None:
            raise ModelNotFoundError(
                f"no embedded model stands in for it in this rehearsal; those with one: {', '.join(self.stand_ins)}",
                model=request.model,
                provider=request.provider,
            )
        messages = tuple(message for message in request.messages if message["role"] not in ("system", "developer"))
        return replace(
            request,
            provider=_LOCAL,
            resolved_model=stand_in,
            messages=messages,
            temperature=0.0,
            base_url=None,
            path=None,
        )
