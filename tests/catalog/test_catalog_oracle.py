"""A second, independent source of prices agrees with ours, to the last nano-USD.

genai-prices is kept by other people from the providers' own pages. Where it differs, the
difference is listed here with its reason; anything else is an error in one of the two.
"""

import json
from datetime import UTC, date, datetime, time

import pytest

from cascadeflow.catalog import entries, lookup
from cascadeflow.catalog.models import DATA_FILE

data = pytest.importorskip("genai_prices.data")
types = pytest.importorskip("genai_prices.types")

PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "groq": "groq",
    "fireworks_ai": "fireworks",
    "together_ai": "together",
    "deepseek": "deepseek",
    "vertex_ai": "google",
    "cohere": "cohere",
}
FIELDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
}
DAY = date.fromisoformat(json.loads(DATA_FILE.read_text(encoding="utf-8"))["date"])
# At 02:00 UTC, since DeepSeek is cheaper at other hours and ours is the price of its peak hours.
WHEN = datetime.combine(DAY, time(2), tzinfo=UTC)

DIFFERENCES = {
    (
        "together_ai",
        "llama-3.3-70b-instruct-turbo",
    ): "retired 2026-10-22; there 0.88, LiteLLM has the last price of 1.04",
    ("deepseek", "deepseek-chat"): "there the prices of V3, before V3.2 (December 2025); retired 2026-07-24",
    ("deepseek", "deepseek-reasoner"): "there the prices of R1, before V3.2 (December 2025); retired 2026-07-24",
}
LONG_DIFFERENCES = {
    ("anthropic", "claude-sonnet-4"): "there without the long-context price of its 1M beta; retired 2026-06-15",
    ("anthropic", "claude-sonnet-4-5"): "there with the price above 200K, which is its whole window on the plain API",
}
UNKNOWN_THERE = {
    ("fireworks_ai", "codellama-70b"),
    ("fireworks_ai", "minimax-m3p1-flash"),
    ("deepseek", "deepseek-coder"),
}
ENTRIES = [lookup(entry.name, entry.provider, today=DAY) for entry in entries()]
PRICED = [entry for entry in ENTRIES if entry.provider in PROVIDERS and entry.price]


def theirs(entry):
    provider = next(one for one in data.providers if one.id == PROVIDERS[entry.provider])
    for name in (entry.litellm_name.split("/", 1)[1], entry.litellm_name.rsplit("/", 1)[1], entry.name):
        for model in provider.models:
            if model.is_match(name):
                price = model.get_prices(WHEN)
                return {ours: getattr(price, field) for ours, field in FIELDS.items()}
    return None


def nano(usd, *, long=False):
    if isinstance(usd, types.TieredPrices):
        usd = usd.tiers[-1].price if long else usd.base
    return None if usd is None else int(usd * 10**9)


@pytest.mark.parametrize("entry", [pytest.param(entry, id=f"{entry.provider}/{entry.name}") for entry in PRICED])
def test_prices_agree_with_genai_prices(entry):
    key, other = (entry.provider, entry.name), theirs(entry)
    if other is None:
        assert key in UNKNOWN_THERE
        return
    ours = {field: getattr(entry.price, field) for field in FIELDS}
    agrees = ours == {field: nano(usd) for field, usd in other.items()}
    assert agrees is (key not in DIFFERENCES), (ours, other)
    long = {field: getattr(entry.long_price or entry.price, field) for field in FIELDS}
    agrees_long = long == {field: nano(usd, long=True) for field, usd in other.items()}
    assert agrees_long is (key not in DIFFERENCES | LONG_DIFFERENCES), (long, other)
    if entry.long_prompt and isinstance(other["input"], types.TieredPrices):
        assert other["input"].tiers[-1].start == entry.long_prompt


def test_the_oracle_knows_nearly_all_of_our_models():
    assert len(PRICED) > 80
    assert {(entry.provider, entry.name) for entry in PRICED if theirs(entry) is None} <= UNKNOWN_THERE
