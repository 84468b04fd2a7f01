"""Rehearsal: who stands in for whom, and what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascadeflow.catalog.embedded import EMBEDDED
from cascadeflow.client import Completed, Delta, ModelRequest
from cascadeflow.errors import ModelNotFoundError
from cascadeflow.integrations.local import LocalClient
from cascadeflow.integrations.rehearsal import RehearsalClient, stand_ins
from cascadeflow.schema import ModelConfig, Usage

SMALL, MIDDLE, LARGE = (model.name for model in EMBEDDED)
MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 17 * 23?"})


class Inner:
    """Notes what it is asked."""

    def __init__(self):
        self.asked, self.closed, self.left = [], False, 0

    async def stream(self, request):
        self.asked.append(request)
        try:
            yield Delta(text="391")
            yield Completed(usage=Usage(prompt_tokens=30, completion_tokens=3, cached_tokens=20))
        finally:
            self.left += 1

    def count_prompt_tokens(self, request):
        self.asked.append(request)
        return 42

    async def aclose(self):
        self.closed = True


def hosted(name="gpt-4o", **options) -> ModelRequest:
    defaults = {"provider": "openai", "resolved_model": name, "messages": MESSAGES, "base_url": "http://x", "seed": 5}
    return ModelRequest(model=name, **defaults | options)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((0.5,), (MIDDLE,)),
        ((0.9, 0.7), (LARGE, SMALL)),
        ((0.9, 0.7, 0.8), (LARGE, SMALL, MIDDLE)),
        ((0.1, 0.2, 0.3, 0.4), (SMALL, MIDDLE, MIDDLE, LARGE)),
        ((0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (SMALL, SMALL, MIDDLE, MIDDLE, LARGE, LARGE)),
    ],
)
def test_the_stand_in_has_the_models_rank(scores, expected):
    models = [ModelConfig(f"m{i}", "openai", quality_score=score) for i, score in enumerate(scores)]
    found = stand_ins([*models, ModelConfig(SMALL, "local")])
    assert tuple(found[model.name] for model in models) == expected
    assert set(found) == {model.name for model in models}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_better_model_never_gets_a_worse_stand_in(scores):
    ranks = {model.name: rank for rank, model in enumerate(EMBEDDED)}
    found = stand_ins([ModelConfig(f"m{i}", "groq", quality_score=score) for i, score in enumerate(scores)])
    in_order = [ranks[found[f"m{i}"]] for i in sorted(range(len(scores)), key=scores.__getitem__)]
    assert in_order == sorted(in_order)


async def test_the_stand_in_is_asked_plainly():
    inner = Inner()
    client = RehearsalClient(inner, {"gpt-4o": LARGE})
    chunks = [chunk async for chunk in client.stream(hosted(temperature=0.9))]
    (asked,) = inner.asked
    assert (asked.model, asked.provider, asked.resolved_model) == ("gpt-4o", "local", LARGE)
    assert asked.messages == MESSAGES[1:]
    assert (asked.temperature, asked.base_url, asked.seed) == (0.0, None, 5)
    assert chunks[-1].usage == Usage(prompt_tokens=30, completion_tokens=3)  # nothing of it is priced as cached


async def test_an_embedded_model_is_asked_as_it_is():
    inner = Inner()
    client = RehearsalClient(inner, {"gpt-4o": LARGE})
    request = hosted(SMALL, provider="local", temperature=0.9)
    chunks = [chunk async for chunk in client.stream(request)]
    assert inner.asked == [request]
    assert chunks[-1].usage.cached_tokens == 20


async def test_a_model_without_a_stand_in_is_an_error():
    with pytest.raises(
        ModelNotFoundError, match="gpt-5: no embedded model stands in for it .*; those with one: gpt-4o"
    ):
        await anext(RehearsalClient(Inner(), {"gpt-4o": LARGE}).stream(hosted("gpt-5")))


async def test_stopping_counting_and_closing_reach_the_inner_client():
    inner = Inner()
    client = RehearsalClient(inner, {"gpt-4o": LARGE})
    chunks = client.stream(hosted())
    await anext(chunks)
    await chunks.aclose()
    assert inner.left == 1
    assert client.count_prompt_tokens(hosted()) == 42
    assert inner.asked[-1].resolved_model == LARGE
    await client.aclose()
    assert inner.closed


@pytest.mark.models
async def test_a_rehearsed_cascade_gets_better_with_each_step(embedded_models):
    models = [ModelConfig(f"m{i}", "openai", quality_score=0.7 + i / 10) for i in range(3)]
    client = RehearsalClient(LocalClient(embedded_models), stand_ins(models))
    texts = []
    for model in models:
        chunks = [chunk async for chunk in client.stream(hosted(model.name, max_tokens=40))]
        texts.append("".join(chunk.text for chunk in chunks[:-1]))
        assert chunks[-1].usage.completion_tokens > 5
    await client.aclose()
    assert texts == ["17 * 23 = 381.", "17 * 23 equals 411.", "The product of 17 and 23 is 391."]
