"""One call to one model: reserve money, stream, settle what it really cost, whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cascadeflow.cancellation import despite_cancel
from cascadeflow.client import Completed, Delta, ModelClient, ModelRequest
from cascadeflow.core.loop_watch import FINISH_REASON
from cascadeflow.errors import CallTimeoutError, ConnectionLostError, LedgerError, ModelCallError
from cascadeflow.money import Price
from cascadeflow.schema import Usage

if TYPE_CHECKING:
    from cascadeflow.telemetry import CostTracker
    from cascadeflow.telemetry.cost_tracker import BudgetStatus, Reservation


@dataclass(slots=True)
class CallOutcome:
    """What a call came to, filled in while it runs so that a broken one is accounted for too.

    Attributes:
        text: the answer as far as it came.
        tokens: completion tokens counted while streaming.
        logprobs: per token, where the provider gives them.
        finish_reason: the provider's word; empty when the answer broke off.
        tool_calls: in OpenAI's form.
        usage: tokens, as booked.
        cost: nano-USD, as booked; None: price unknown.
        first_token_ms: milliseconds; None: no token came.
        latency_ms: milliseconds.
        warnings: budgets near or above their limit after the booking.
        booking_error: why the cost could not be booked; None if it was.
    """

    pieces: list[str] = field(default_factory=list)
    tokens: int = 0
    logprobs: list[float] = field(default_factory=list)
    finish_reason: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: int | None = 0
    first_token_ms: float | None = None
    latency_ms: float = 0.0
    warnings: tuple[BudgetStatus, ...] = ()
    booking_error: str | None = None

    @property
    def text(self) -> str:
        """The answer as far as it came."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Where a call's cost goes.

    Attributes:
        tracker: None: nothing is booked.
        reservation: the hold that was made; None: nothing was held.
        domain, preset: labels of the ledger row.
    """

    tracker: CostTracker | None
    reservation: Reservation | None
    domain: str
    preset: str


async def make_call(
    client: ModelClient,
    request: ModelRequest,
    *,
    price_at: Callable[[int], Price | None],
    prompt_tokens: int,
    booking: Booking,
    on_delta: Callable[[Delta, CallOutcome], bool],
    outcome: CallOutcome,
) -> None:
    """Make one call and settle it.

    Args:
        client: who answers.
        request: what is asked.
        price_at: price of the model for a prompt of so many tokens; None: unknown.
        prompt_tokens: upper bound, used where the provider does not tell.
        booking: where the cost goes.
        on_delta: called for each piece of text; True stops the answer.
        outcome: filled in as the answer comes; complete even when this raises.

    Raises:
        ModelCallError: the call failed.
        asyncio.CancelledError: the run was stopped.
    """
    started = time.monotonic()
    reported: Usage | None = None
    reached = False
    try:
        reported = await _read(client, request, on_delta, outcome, started)
    except ConnectionLostError as error:
        reached = error.reached
        raise
    finally:
        outcome.latency_ms = (time.monotonic() - started) * 1000
        outcome.usage = _usage(reported, outcome, prompt_tokens, reached=reached)
        outcome.cost = _cost(price_at(outcome.usage.prompt_tokens), outcome.usage)
        if booking.tracker is not None and booking.reservation is not None:
            try:
                outcome.warnings = await booking.tracker.settle(
                    booking.reservation,
                    outcome.cost or 0,
                    model=request.model,
                    domain=booking.domain,
                    preset=booking.preset,
                    usage=outcome.usage,
                )
            except LedgerError as error:
                outcome.booking_error = str(error)


async def _read(
    client: ModelClient,
    request: ModelRequest,
    on_delta: Callable[[Delta, CallOutcome], bool],
    outcome: CallOutcome,
    started: float,
) -> Usage | None:
    chunks = client.stream(request)
    completed: Completed | None = None
    try:
        loop_started = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(_first_deadline(request, loop_started)) as deadline:
            async for chunk in chunks:
                if isinstance(chunk, Completed):
                    outcome.finish_reason = chunk.finish_reason
                    outcome.tool_calls = chunk.tool_calls
                    completed = chunk
                    continue
                if outcome.first_token_ms is None:
                    outcome.first_token_ms = (time.monotonic() - started) * 1000
                    total = request.total_timeout
                    deadline.reschedule(None if total is None else loop_started + total)
                outcome.pieces.append(chunk.text)
                outcome.tokens += chunk.tokens
                outcome.logprobs.extend(chunk.logprobs)
                if on_delta(chunk, outcome):
                    outcome.finish_reason = FINISH_REASON
                    return None
    except TimeoutError:
        if completed is not None:
            return completed.usage
        first, total = request.first_token_timeout, request.total_timeout
        if outcome.first_token_ms is None and first is not None and (total is None or first <= total):
            message = f"no answer began within {first:g} s"
        else:
            message = f"the answer did not end within {total or 0:.3g} s"
        raise CallTimeoutError(message, model=request.model, provider=request.provider) from None
    except asyncio.CancelledError:
        raise
    except Exception as error:
        if completed is not None:
            return completed.usage  # what a client does after the end of an answer takes nothing from it
        if isinstance(error, ModelCallError):
            raise
        raise ModelCallError(
            f"the client failed: {type(error).__name__}: {error}", model=request.model, provider=request.provider
        ) from error
    finally:
        if completed is None:
            await despite_cancel(chunks.aclose())
    if completed is not None:
        return completed.usage
    raise ConnectionLostError("the answer ended without an end", model=request.model, provider=request.provider)


def _first_deadline(request: ModelRequest, started: float) -> float | None:
    limits = [limit for limit in (request.first_token_timeout, request.total_timeout) if limit is not None]
    return started + min(limits) if limits else None


def _usage(reported: Usage | None, outcome: CallOutcome, prompt_tokens: int, *, reached: bool) -> Usage:
    if reported is not None:
        return reported
    if outcome.finish_reason:
        return Usage(prompt_tokens=prompt_tokens, completion_tokens=outcome.tokens, source="estimated")
    if outcome.first_token_ms is None and not reached:
        return Usage(source="at_least")
    return Usage(prompt_tokens=prompt_tokens, completion_tokens=outcome.tokens, source="at_least")


def _cost(price: Price | None, usage: Usage) -> int | None:
    if price is None:
        return None
    return price.cost(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, usage.cache_write_tokens)
