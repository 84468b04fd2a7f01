"""A model that fails again and again is left alone for a while, and then tried by one call."""

from __future__ import annotations

import pytest

from cascadeflow.core.breaker import Breakers
from cascadeflow.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    CallTimeoutError,
    ConnectionLostError,
    ContentFilterError,
    ContextLengthError,
    ModelCallError,
    ModelNotFoundError,
    RateLimitError,
    ServerError,
)
from cascadeflow.testing import FakeClock

KEY = ("gpt-4o", "https://api.example.org")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(0.0)


@pytest.fixture
def breakers(clock: FakeClock) -> Breakers:
    return Breakers(threshold=3, cool_down=30, clock=clock)


def fail(breakers: Breakers, times: int, error: BaseException | None = None) -> None:
    for _ in range(times):
        breakers.failed(KEY, error)


def test_it_blocks_at_the_threshold_and_not_before(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 2)
    assert breakers.enter(KEY) is None
    fail(breakers, 1)
    assert breakers.blocked(KEY) == breakers.enter(KEY) == 30
    clock.advance(29)
    assert breakers.blocked(KEY) == 1


def test_only_failures_in_a_row_count(breakers: Breakers) -> None:
    fail(breakers, 2)
    breakers.succeeded(KEY)
    fail(breakers, 2)
    assert breakers.blocked(KEY) is None


def test_a_neighbour_is_not_blocked(breakers: Breakers) -> None:
    fail(breakers, 3)
    assert breakers.blocked(("gpt-4o", "https://elsewhere.example.org")) is None
    assert breakers.blocked(("gpt-4o-mini", KEY[1])) is None


@pytest.mark.parametrize("kind", [RateLimitError, CallTimeoutError, ServerError, ConnectionLostError])
def test_errors_that_a_repetition_may_cure_count(breakers: Breakers, kind: type[ModelCallError]) -> None:
    fail(breakers, 3, kind("busy"))
    assert breakers.blocked(KEY) == 30


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("bad", status=400),
        AuthenticationError("key", status=401),
        AuthenticationError("key", status=403),
        ModelNotFoundError("gone", status=404),
        ContextLengthError("long", status=400),
        ContentFilterError("filter", status=400),
        ModelCallError("the client failed"),
        BudgetExceededError(budget="user me, daily", spent=1, limit=1),
    ],
    ids=lambda error: f"{type(error).__name__}{getattr(error, 'status', '')}",
)
def test_errors_of_the_client_never_count(breakers: Breakers, error: Exception) -> None:
    fail(breakers, 10, error)
    assert breakers.blocked(KEY) is None


def test_an_answer_that_refuses_shows_that_the_endpoint_lives(breakers: Breakers) -> None:
    fail(breakers, 2)
    breakers.failed(KEY, BadRequestError("bad", status=400))
    fail(breakers, 2)
    assert breakers.blocked(KEY) is None


def test_a_bug_of_the_client_says_nothing_about_the_endpoint(breakers: Breakers) -> None:
    fail(breakers, 2)
    breakers.failed(KEY, ModelCallError("the client failed"))
    fail(breakers, 1)
    assert breakers.blocked(KEY) == 30


def test_after_the_pause_one_call_is_let_through(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 3)
    clock.advance(30)
    assert [breakers.enter(KEY) for _ in range(3)] == [None, 30, 30]
    breakers.succeeded(KEY)
    assert [breakers.enter(KEY) for _ in range(3)] == [None, None, None]


def test_a_plan_may_ask_without_taking_that_call(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 3)
    clock.advance(30)
    assert [breakers.blocked(KEY) for _ in range(3)] == [None, None, None]
    assert breakers.enter(KEY) is None
    assert breakers.blocked(KEY) == 30


def test_a_trial_that_fails_begins_the_pause_anew(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 3)
    clock.advance(30)
    assert breakers.enter(KEY) is None
    clock.advance(10)
    fail(breakers, 1)
    assert breakers.blocked(KEY) == 30


def test_a_trial_that_was_stopped_is_followed_by_another(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 3)
    clock.advance(30)
    assert breakers.enter(KEY) is None
    clock.advance(29)
    assert breakers.enter(KEY) == 1
    clock.advance(1)
    assert [breakers.enter(KEY) for _ in range(2)] == [None, 30]


def test_calls_that_had_begun_before_do_not_lengthen_the_pause(breakers: Breakers, clock: FakeClock) -> None:
    fail(breakers, 3)
    clock.advance(20)
    fail(breakers, 5)
    assert breakers.blocked(KEY) == 10
    clock.advance(10)
    assert breakers.enter(KEY) is None


def test_what_works_is_not_remembered(breakers: Breakers) -> None:
    for number in range(100):
        breakers.enter(number)
        breakers.succeeded(number)
    assert breakers._troubled == {}
