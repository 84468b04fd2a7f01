"""`QualityValidator`: the gate with its switches, as an application configures it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field, field_validator

from cascadeflow.quality.certificate import Certificate, Certified
from cascadeflow.quality.modes import find_mode
from cascadeflow.schema import Verdict
from cascadeflow.validated import value_type

COHERENCE_CHECKS = frozenset({"repetition", "coherence"})
"""What ``enable_coherence_check`` switches."""


@value_type(assignment=True)
class QualityValidator:
    """Judges answers by a mode, with single checks switched on or off.

    Attributes:
        mode: ``fast``, ``balanced``, ``strict`` or ``cost-optimized``: which checks run, and the score
            an answer needs.
        threshold: score from 0 to 1 an answer needs; None: the mode's.
        enable_hedging_check: whether doubt in the wording counts.
        enable_coherence_check: whether loops and contradictions in the answer count.
        enable_semantic_similarity: whether an answer that is about something else than the question fails,
            told by a sentence encoder (extra ``semantic``, and one pulled model). In any mode.
        enable_toxicity_detection: whether abusive wording fails (extra ``toxicity``). In any mode. Where
            one of the two is not installed the verdict says so, with the command, and it does not count.
        gate_file: a learned gate of your own, as ``cascadeflow train`` writes it; None: the one that is shipped.
        certificate: thresholds from labelled answers, instead of the mode's where they hold.

    Raises:
        ConfigError: a value is not allowed, or a name is not known; also where an attribute is set.
            The gate cannot be read, or is none.

    Example:
        >>> from cascadeflow.quality import CheckContext
        >>> QualityValidator("strict").validate(CheckContext("What is 17 * 23?", "411")).is_valid
        False
    """

    mode: str = "balanced"
    threshold: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    enable_hedging_check: bool = Field(default=True, kw_only=True)
    enable_coherence_check: bool = Field(default=True, kw_only=True)
    enable_semantic_similarity: bool = Field(default=False, kw_only=True)
    enable_toxicity_detection: bool = Field(default=False, kw_only=True)
    gate_file: str | None = Field(default=None, kw_only=True)
    certificate: Certificate = Field(default_factory=Certificate, kw_only=True)

    @field_validator("mode")
    @classmethod
    def _known(cls, mode: str) -> str:
        return find_mode(mode).name

    @field_validator("gate_file")
    @classmethod
    def _readable(cls, file: str | None) -> str | None:
        if file is not None:
            from cascadeflow.quality.learned import find_gate

            find_gate(file)
        return file

    @property
    def effective_threshold(self) -> float:
        """The score from 0 to 1 that an answer needs."""
        return find_mode(self.mode).threshold if self.threshold is None else self.threshold

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of the checks that run."""
        off: set[str] = set() if self.enable_hedging_check else {"hedging"}
        if not self.enable_coherence_check:
            off |= COHERENCE_CHECKS
        return (*(name for name in find_mode(self.mode).checks if name not in off), *self._extras)

    @property
    def slow(self) -> bool:
        """Whether `validate` may take longer than an event loop should wait; an agent then runs it in a thread."""
        return bool(self._extras)

    @property
    def _extras(self) -> tuple[str, ...]:
        wanted = {"semantic_similarity": self.enable_semantic_similarity, "toxicity": self.enable_toxicity_detection}
        return tuple(name for name, on in wanted.items() if on)

    @property
    def certificate_is_void(self) -> bool:
        """Whether the certificate is of another gate, so that nothing of it holds."""
        if self.certificate.gate is None:
            return False
        from cascadeflow.quality.gate_print import gate_print

        return gate_print(self.checks, self.gate_file) != self.certificate.gate

    def certified(self, domain: str, model: str) -> Certified | None:
        """What is certified of an answer; None: nothing, and the mode's threshold holds.

        Args:
            domain: of the question.
            model: who answers, as configured.
        """
        found = self.certificate.find(domain, model)
        return None if found is None or self.certificate_is_void else found

    def validate(self, context: Any) -> Verdict:
        """Judge an answer, here and now; see `slow`.

        Args:
            context: `CheckContext` with question and answer.

        Returns:
            The verdict, with every check that ran.
        """
        from cascadeflow.quality.gate import decide, run_checks
        from cascadeflow.quality.learned import find_gate

        certified = self.certified(context.domain, context.model)
        threshold = self.effective_threshold if certified is None else certified.threshold
        learned = find_gate(self.gate_file).estimate(context)
        verdict = decide(run_checks(context, self.checks), threshold, learned)
        if certified is None or not verdict.is_valid:
            return verdict
        return replace(verdict, guarantee=certified.statement)
