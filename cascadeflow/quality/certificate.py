"""What is certified of a gate: thresholds from labelled answers, the statement they carry, and drift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, model_validator

VOID = "the gate was calibrated with other checks, so nothing is certified of it: calibrate again"
"""Why a certificate of another gate does not count, for people."""
DRIFT_DELTA = 0.01
"""Each of the two acceptance rates that are compared has an interval of confidence 1 - this."""


class _Certified(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    n: int = Field(default=0, ge=0)
    accepted: int = Field(default=0, ge=0)
    wrong_bound: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _counts(self) -> _Certified:
        if self.accepted > self.n:
            raise ValueError(f"accepted = {self.accepted} is more than n = {self.n}, the answers it was taken from")
        return self


class DomainCertificate(_Certified):
    """What is certified of answers to questions of one domain.

    Attributes:
        threshold: score from 0 to 1 an answer needs.
        n: labelled answers of the domain.
        accepted: how many of them reach the threshold.
        wrong_bound: exact upper bound on the share of wrong answers among those.
    """

    threshold: float = Field(ge=0, le=1)


class Certificate(_Certified):
    """Thresholds for the answers of one model, and what is certified of them; empty by default.

    Attributes:
        threshold: score from 0 to 1 an answer needs, in domains without a line of their own; None:
            the mode's threshold holds there, and nothing is certified.
        model: whose answers were labelled; None: anybody's. Other models' answers need the mode's
            threshold.
        target: share of right answers among the accepted that is certified, from 0 to 1.
        delta: probability, at most, that any of it is not so.
        n: labelled answers; without those of `domains`.
        accepted: how many of them reach the threshold.
        wrong_bound: exact upper bound on the share of wrong answers among those.
        date: of the calibration.
        gate: `gate_print` of the checks that gave the scores; with others nothing of this holds.
        domains: domain → what is certified there.

    Raises:
        ValueError: it claims more than its bounds say.
    """

    threshold: float | None = Field(default=None, ge=0, le=1)
    model: str | None = None
    target: float | None = Field(default=None, gt=0, lt=1)
    delta: float | None = Field(default=None, gt=0, lt=1)
    date: dt.date | None = None
    gate: str | None = None
    domains: dict[str, DomainCertificate] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _claims(self) -> Certificate:
        for part in (self, *self.domains.values()):
            if self.target is not None and part.wrong_bound is not None and part.wrong_bound > 1 - self.target + 1e-9:
                raise ValueError(
                    f"target = {self.target} was not certified: the bound on wrong answers is {part.wrong_bound:.4f}; "
                    "run `cascadeflow calibrate` with that target"
                )
        return self

    def find(self, domain: str, model: str) -> Certified | None:
        """What holds for an answer.

        Args:
            domain: of the question.
            model: who answered, as configured; empty: not known.

        Returns:
            None where nothing is certified.
        """
        if self.model is not None and model != self.model:
            return None
        part = self.domains.get(domain)
        if part is not None:
            return self._certified(domain, part.threshold, part)
        return None if self.threshold is None else self._certified("", self.threshold, self)

    def parts(self) -> Iterator[Certified]:
        """Everything it certifies, the domains last."""
        if self.threshold is not None:
            yield self._certified("", self.threshold, self)
        for domain, part in self.domains.items():
            yield self._certified(domain, part.threshold, part)

    def _certified(self, domain: str, threshold: float, part: _Certified) -> Certified:
        return Certified(
            domain=domain,
            threshold=threshold,
            n=part.n,
            accepted=part.accepted,
            statement=self._statement(domain, part),
        )

    def _statement(self, domain: str, part: _Certified) -> str:
        if self.target is None or self.delta is None or part.wrong_bound is None or not part.n:
            return ""
        what = f"accepted {domain} answers" if domain else "accepted answers"
        when = f" of {self.date.isoformat()}" if self.date is not None else ""
        return (
            f"at most {_per_cent(1 - self.target)} of {what} wrong, {_per_cent(1 - self.delta)} sure, "
            f"calibrated on {part.n} answers{when}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What holds for the answers of one domain.

    Attributes:
        domain: of the questions; empty: every domain without its own.
        threshold: score from 0 to 1 an answer needs.
        n: labelled answers.
        accepted: how many of them reach the threshold.
        statement: what is certified, in words; empty: nothing, the threshold was only set.
    """

    domain: str
    threshold: float
    n: int
    accepted: int
    statement: str

    @property
    def acceptance(self) -> float | None:
        """Share of answers that were accepted at the calibration; None: not known."""
        return self.accepted / self.n if self.n else None

    def drift(self, accepted: int, total: int) -> Drift | None:
        """Compare the acceptance rate in use with the one at the calibration.

        Both rates get their exact binomial interval; they differ where the two do not touch, so
        that few answers raise no alarm.

        Args:
            accepted: answers accepted in use.
            total: answers judged in use.

        Returns:
            None where there is nothing to compare.
        """
        if not self.n or not total:
            return None
        from cascadeflow.quality.binomial import two_sided

        low, high = two_sided(self.accepted, self.n, DRIFT_DELTA)
        now_low, now_high = two_sided(accepted, total, DRIFT_DELTA)
        return Drift(rate=accepted / total, low=low, high=high, total=total, drifted=now_high < low or now_low > high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The acceptance rate in use beside the one that was calibrated.

    Attributes:
        rate: share of the answers that are accepted in use.
        low, high: exact interval of the rate at the calibration.
        total: answers in use.
        drifted: whether the traffic is no longer like the labelled one.
    """

    rate: float
    low: float
    high: float
    total: int
    drifted: bool

    @property
    def words(self) -> str:
        """For people.

        Example:
            >>> Drift(rate=0.5, low=0.7, high=0.8, total=200, drifted=True).words
            'of 200 answers 50 % were accepted; 70 to 80 % were when the gate was calibrated: label some, calibrate again'
        """
        advice = ": label some, calibrate again" if self.drifted else ""
        return (
            f"of {self.total} answers {100 * self.rate:.0f} % were accepted; {100 * self.low:.0f} to "
            f"{100 * self.high:.0f} % were when the gate was calibrated{advice}"
        )


def _per_cent(share: float) -> str:
    return f"{100 * share:.4g} %"
