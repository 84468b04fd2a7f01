"""The registry of checks: every check of the gate by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from cascadeflow.errors import ConfigError

if TYPE_CHECKING:
    from cascadeflow.quality.context import CheckContext
    from cascadeflow.schema import CheckResult

    Check = Callable[[CheckContext], CheckResult]


@cache
def registry() -> MappingProxyType[str, Check]:
    """Every check by name, in the order in which they run and are shown."""
    from cascadeflow.quality import (
        arithmetic,
        coherence,
        empty,
        form,
        hedging,
        length,
        logprobs,
        python_code,
        refusal,
        repetition,
        semantic_similarity,
        tool_calls,
        toxicity,
        truncation,
    )

    return MappingProxyType(
        {
            empty.NAME: empty.check_empty,
            refusal.NAME: refusal.check_refusal,
            truncation.NAME: truncation.check_truncation,
            tool_calls.NAME: tool_calls.check_tool_calls,
            repetition.NAME: repetition.check_repetition,
            form.NAME: form.check_form,
            arithmetic.NAME: arithmetic.check_arithmetic,
            python_code.NAME: python_code.check_python_code,
            hedging.NAME: hedging.check_hedging,
            coherence.NAME: coherence.check_coherence,
            length.NAME: length.check_length,
            logprobs.NAME: logprobs.check_logprobs,
            semantic_similarity.NAME: semantic_similarity.check_semantic_similarity,
            toxicity.NAME: toxicity.check_toxicity,
        }
    )


def find_check(name: str) -> Check:
    """The check of that name.

    Raises:
        ConfigError: there is none.
    """
    try:
        return registry()[name]
    except KeyError:
        raise ConfigError(f"there is no check {name!r}; the checks are {', '.join(registry())}") from None
