"""The modes of the gate: which checks run, and which score an answer needs. One table."""

from __future__ import annotations

from dataclasses import dataclass

from cascadeflow.errors import ConfigError

STRUCTURE = ("empty", "refusal", "truncation", "tool_calls", "repetition")
"""Whether there is a whole answer; every mode and every validator runs these."""
PROOF = (*STRUCTURE, "form", "arithmetic", "python_code")
"""What can be shown wrong, without judging the wording."""
ALL = (*PROOF, "hedging", "coherence", "length", "logprobs")


@dataclass(frozen=True, slots=True)
class Mode:
    """How strict the gate is.

    Attributes:
        name: the name used in presets and TOML.
        threshold: gate score from 0 to 1 that an answer needs.
        checks: names of the checks that run.
    """

    name: str
    threshold: float
    checks: tuple[str, ...]


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("fast", 0.65, PROOF),
        Mode("balanced", 0.70, ALL),
        Mode("strict", 0.80, ALL),
        Mode("cost-optimized", 0.60, PROOF),
    )
}


def find_mode(name: str) -> Mode:
    """The mode of that name.

    Args:
        name: one of `MODES`.

    Raises:
        ConfigError: there is none.
    """
    try:
        return MODES[name]
    except KeyError:
        raise ConfigError(f"there is no quality mode {name!r}; the modes are {', '.join(MODES)}") from None
