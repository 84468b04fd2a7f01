"""Money as integer nano-USD (1 USD = 1,000,000,000): parse, price tokens, format.

Integers add up exactly and compare exactly; every rounding goes up, so that a sum of parts
never falls below what a provider will ask for. One token of the cheapest hosted model costs
about 50 nano-USD, so nothing that is billed rounds to zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Final

NANO_PER_USD: Final = 1_000_000_000
TOKENS_PER_PRICE: Final = 1_000_000


def parse_usd(amount: float | str | Decimal) -> int:
    """Turn an amount of USD into nano-USD, rounded up.

    Args:
        amount: USD, as a number or as text such as ``"0.25"`` or ``"$0.25"``.

    Returns:
        Nano-USD.

    Raises:
        ValueError: the amount is not a finite number.

    Example:
        >>> parse_usd("0.1") + parse_usd(0.2) == parse_usd("$0.3")
        True
    """
    text = str(amount).strip().removeprefix("$").replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is not an amount of USD; write a number such as 0.25") from None
    if not value.is_finite():
        raise ValueError(f"{amount!r} is not a finite amount of USD")
    return int((value * NANO_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def to_usd(nanousd: int) -> float:
    """Nano-USD as a float of USD, for people and for the document's ``total_cost``."""
    return nanousd / NANO_PER_USD


def format_usd(nanousd: int | None) -> str:
    """Show an amount so that small ones keep two significant digits.

    Args:
        nanousd: nano-USD, or None for a price that is not known.

    Example:
        >>> format_usd(310_000_000), format_usd(870_000), format_usd(0), format_usd(None)
        ('$0.31', '$0.00087', '$0', 'unknown')
    """
    if nanousd is None:
        return "unknown"
    if nanousd == 0:
        return "$0"
    sign = "-" if nanousd < 0 else ""
    value = Decimal(abs(nanousd)) / NANO_PER_USD
    digits = max(2, 1 - value.adjusted())
    text = f"{value:.{digits}f}"
    if digits > 2:
        whole, fraction = text.split(".")
        text = f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
    return f"{sign}${text}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in nano-USD per 1,000,000 tokens.

    Attributes:
        input: prompt tokens.
        output: completion tokens (reasoning tokens are billed as these).
        cached_input: prompt tokens read from the provider's cache; None: as ``input``.
        cache_write: prompt tokens written to the cache; None: as ``input``.
    """

    input: int
    output: int
    cached_input: int | None = None
    cache_write: int | None = None

    @property
    def is_free(self) -> bool:
        """Whether no token costs anything."""
        return not (self.input or self.output or self.cached_input or self.cache_write)

    def cost(
        self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0, cache_write_tokens: int = 0
    ) -> int:
        """Price one call, rounded up to the next nano-USD.

        Args:
            prompt_tokens: all prompt tokens, cached ones included.
            completion_tokens: all completion tokens, reasoning included.
            cached_tokens: the part of ``prompt_tokens`` read from the cache.
            cache_write_tokens: the part of ``prompt_tokens`` written to the cache.

        Returns:
            Nano-USD.

        Example:
            >>> Price(input=150_000_000, output=600_000_000).cost(1000, 100)
            210000
        """
        cached_price = self.input if self.cached_input is None else self.cached_input
        write_price = self.input if self.cache_write is None else self.cache_write
        plain = max(0, prompt_tokens - cached_tokens - cache_write_tokens)
        total = (
            plain * self.input
            + cached_tokens * cached_price
            + cache_write_tokens * write_price
            + completion_tokens * self.output
        )
        return -(-total // TOKENS_PER_PRICE)

    @property
    def _dearest_input(self) -> int:
        return max(self.input, self.cache_write or 0)

    def worst(self, prompt_tokens: int, completion_tokens: int) -> int:
        """The most that a call can cost: its whole prompt may be written to the provider's cache.

        Args:
            prompt_tokens: prompt tokens at most.
            completion_tokens: completion tokens at most.

        Returns:
            Nano-USD.
        """
        return -(-(prompt_tokens * self._dearest_input + completion_tokens * self.output) // TOKENS_PER_PRICE)

    def affordable_output(self, prompt_tokens: int, budget: int) -> int:
        """The most completion tokens that fit beside a prompt.

        Args:
            prompt_tokens: prompt tokens.
            budget: nano-USD that may be spent.

        Returns:
            Tokens; 0 when the prompt alone does not fit. A free model affords any number and
            answers ``2**31``.
        """
        left = budget * TOKENS_PER_PRICE - prompt_tokens * self._dearest_input
        if left < 0:
            return 0
        return left // self.output if self.output else 2**31
