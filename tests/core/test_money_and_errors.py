"""Money adds up exactly, errors are for people and survive a trip to another process."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascadeflow import errors
from cascadeflow.core.retry import retry_wait
from cascadeflow.money import Price, format_usd, parse_usd, to_usd


@given(st.decimals(min_value=0, max_value=10**6, places=9))
def test_usd_survives_a_round_trip(amount: Decimal) -> None:
    """Nine places are exact."""
    assert Decimal(parse_usd(amount)) / 10**9 == amount


@given(*[st.integers(0, 10**6)] * 3, st.integers(0, 10**12))
def test_affordable_output_is_affordable_and_one_more_is_not(
    prompt: int, price_in: int, price_out: int, budget: int
) -> None:
    """The cut call fits the budget exactly."""
    price = Price(price_in, price_out)
    tokens = price.affordable_output(prompt, budget)
    if price_out and price.cost(prompt, 0) <= budget:
        assert price.cost(prompt, tokens) <= budget
        assert price.cost(prompt, tokens + 1) > budget


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**9))
def test_rounding_goes_up(prompt: int, output: int, per_million: int) -> None:
    """A part of a nano-USD counts as a whole one."""
    cost = Price(per_million, per_million).cost(prompt, output)
    assert cost * 1_000_000 >= (prompt + output) * per_million > (cost - 1) * 1_000_000


@pytest.mark.parametrize("text", ["abc", "nan", "inf", ""])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """The message shows what was given."""
    with pytest.raises(ValueError, match="amount of USD"):
        parse_usd(text)


@pytest.mark.parametrize(
    ("nanousd", "text"),
    [(0, "$0"), (50, "$0.00000005"), (870_000, "$0.00087"), (3_100_000, "$0.0031"), (310_000_000, "$0.31"),
     (10_000_000_000, "$10.00"), (-2_000_000, "-$0.002"), (None, "unknown"), (2_000_000, "$0.002")],
)  # fmt: skip
def test_amounts_keep_two_significant_digits(nanousd: int | None, text: str) -> None:
    """Small amounts stay readable, unknown stays unknown."""
    assert format_usd(nanousd) == text


def test_cached_tokens_have_their_own_price() -> None:
    """They are part of the prompt, not on top of it."""
    price = Price(input=1_000_000, output=2_000_000, cached_input=100_000, cache_write=1_250_000)
    assert price.cost(1000, 10, cached_tokens=400, cache_write_tokens=100) == 500 + 40 + 125 + 20
    assert to_usd(1_500_000_000) == 1.5


def every_error() -> list[errors.CascadeFlowError]:
    """One of each class that needs arguments, and the rest with a text."""
    return [
        errors.ConfigError("no", file="a.toml", key="x", line=3),
        errors.BudgetExceededError(
            budget="user me, daily", spent=1, limit=2, resets_at=datetime(2026, 1, 1, tzinfo=UTC)
        ),
        errors.RateLimitError("slow", model="m", provider="p", status=429, retry_after=3.0),
        errors.AllModelsFailedError(("m: down ($0)",), spent=5, causes=(errors.ServerError("down"),)),
        errors.MissingExtraError("Embedded models", extra="local"),
        errors.LedgerError("store down"),
    ]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
def test_errors_pickle_with_their_data(error: errors.CascadeFlowError) -> None:
    """They cross processes whole."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__.keys() == error.__dict__.keys()


def test_every_error_is_in_the_tree_drawn_at_the_top() -> None:
    """The picture in the module's docstring is complete."""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CascadeFlowError)
    ]
    assert errors.__doc__ is not None
    for kind in kinds:
        assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, errors.BadRequestError), (401, errors.AuthenticationError), (403, errors.AuthenticationError),
     (404, errors.ModelNotFoundError), (408, errors.CallTimeoutError), (409, errors.ServerError),
     (422, errors.BadRequestError), (429, errors.RateLimitError), (500, errors.ServerError), (503, errors.ServerError)],
)  # fmt: skip
def test_each_status_has_its_class(status: int, kind: type[errors.ModelCallError]) -> None:
    """And call errors go through JSON and back."""
    error = errors.error_for_status(status, "text", model="m")
    assert type(error) is kind
    again = errors.call_error_from_dict(errors.error_to_dict(error))
    assert (type(again), again.status, str(again)) == (kind, status, str(error))


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (errors.RateLimitError("x", retry_after=1), 1),
        (errors.RateLimitError("x", retry_after=60), 60),
        (errors.RateLimitError("x", retry_after=3600), None),
        (errors.BadRequestError("x"), None),
        (errors.AuthenticationError("x"), None),
        (errors.ModelNotFoundError("x"), None),
        (errors.ContextLengthError("x"), None),
        (errors.ContentFilterError("x"), None),
    ],
)
def test_what_is_repeated_and_when(error: errors.ModelCallError, wait: float | None) -> None:
    """Retry-After is followed up to 60 s, above it nobody waits; client errors are never repeated."""
    assert retry_wait(error, 1, 2) == wait


@pytest.mark.parametrize("retry_after", [None, 0, -5])
def test_without_a_usable_retry_after_the_wait_grows(retry_after: float | None) -> None:
    """Doubling with jitter, and it ends after the allowed repetitions."""
    error = errors.ServerError("x", retry_after=retry_after)
    first, third = retry_wait(error, 1, 3), retry_wait(error, 3, 3)
    assert first is not None
    assert 0.25 <= first <= 0.5
    assert third is not None
    assert 1.0 <= third <= 2.0
    assert retry_wait(error, 4, 3) is None
