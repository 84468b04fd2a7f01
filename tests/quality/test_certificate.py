"""Certificates: which threshold holds for which answer, what is promised, when it is void, and drift."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cascadeflow.quality import CheckContext, QualityValidator
from cascadeflow.quality import gate as gate_module
from cascadeflow.quality.certificate import Certificate, Certified
from cascadeflow.quality.gate_print import gate_print, print_of
from cascadeflow.quality.modes import MODES

WHOLE: dict[str, Any] = {
    "threshold": 0.5, "model": "small", "target": 0.95, "delta": 0.05, "n": 640, "accepted": 480, "wrong_bound": 0.046,
    "date": "2026-11-24", "domains": {"math": {"threshold": 0.97, "n": 300, "accepted": 150, "wrong_bound": 0.05}},
}  # fmt: skip
RIGHT = CheckContext("What is 17 * 23?", "391", "general", model="small")


def validator(**changes: Any) -> QualityValidator:
    """A gate under a certificate."""
    return QualityValidator(certificate=Certificate.model_validate({**WHOLE, **changes}))


def test_an_accepted_answer_carries_what_is_certified_of_it() -> None:
    """In words for people, with the labels' number and date."""
    verdict = validator().validate(RIGHT)
    assert verdict.is_valid
    assert verdict.threshold == 0.5
    assert verdict.guarantee == (
        "at most 5 % of accepted answers wrong, 95 % sure, calibrated on 640 answers of 2026-11-24"
    )


def test_a_domain_has_its_own_threshold_and_statement() -> None:
    """The others share one."""
    found = validator().certified("math", "small")
    assert found is not None
    assert (found.threshold, found.n) == (0.97, 300)
    assert found.statement.startswith("at most 5 % of accepted math answers wrong")
    other = validator().certified("legal", "small")
    assert other is not None
    assert other.threshold == 0.5


def test_a_rejected_answer_and_another_model_s_carry_nothing() -> None:
    """For another model the mode's threshold holds."""
    wrong = validator().validate(CheckContext("What is 17 * 23?", "381", model="small"))
    assert (wrong.is_valid, wrong.guarantee) == (False, "")
    other = validator().validate(CheckContext("What is 17 * 23?", "391", model="large"))
    assert (other.threshold, other.guarantee) == (MODES["balanced"].threshold, "")


def test_a_threshold_that_was_only_set_promises_nothing() -> None:
    """It acts all the same."""
    verdict = QualityValidator(certificate=Certificate(threshold=0.2)).validate(RIGHT)
    assert (verdict.threshold, verdict.guarantee) == (0.2, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"target": 0.99},
        {"wrong_bound": 0.06},
        {"accepted": 641},
        {"target": 1.0},
        {"domains": {"math": {"threshold": 0.9, "wrong_bound": 0.2}}},
        {"unknown": 1},
    ],
)
def test_a_certificate_that_claims_more_than_was_certified_is_refused(changes: dict[str, Any]) -> None:
    """A target changed by hand is no certified one."""
    with pytest.raises(ValidationError):
        Certificate.model_validate({**WHOLE, **changes})


def test_another_gate_voids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other checks, or other weights: the scores are others, so nothing of it holds."""
    checks = MODES["balanced"].checks
    good = validator(gate=gate_print(checks))
    assert good.validate(RIGHT).guarantee
    good.enable_hedging_check = False
    assert good.certificate_is_void
    assert good.validate(RIGHT).threshold == MODES["balanced"].threshold
    good.enable_hedging_check = True
    assert not good.certificate_is_void
    print_of.cache_clear()
    monkeypatch.setitem(gate_module.WEIGHTS, "hedging", gate_module.Weight(0.0, 1.6))
    assert good.certificate_is_void
    print_of.cache_clear()


@pytest.mark.parametrize("check", MODES["balanced"].checks)
def test_the_print_depends_on_every_check(check: str) -> None:
    """Each of them says something about one of the probes, so that a change of it shows."""
    checks = MODES["balanced"].checks
    assert gate_print(checks) != gate_print(tuple(name for name in checks if name != check))


shares = st.integers(1, 3000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))


@given(shares, shares)
@settings(deadline=None)
def test_the_same_rate_never_drifts_and_few_answers_raise_no_alarm(then: tuple[int, int], now: tuple[int, int]) -> None:
    """Drift needs two intervals that do not touch."""
    part = Certified(domain="", threshold=0.5, n=then[1], accepted=then[0], statement="")
    same = part.drift(then[0], then[1])
    assert same is not None
    assert not same.drifted
    drift = part.drift(*now)
    assert drift is not None
    assert drift.low <= then[0] / then[1] <= drift.high
    if drift.drifted:
        assert not drift.low <= now[0] / now[1] <= drift.high
    one = part.drift(1, 1)
    assert one is not None
    assert not one.drifted or part.acceptance == 0 or then[0] / then[1] < 0.1


def test_drift_is_told_with_both_rates() -> None:
    """And what to do."""
    part = Certified(domain="", threshold=0.5, n=640, accepted=480, statement="")
    drift = part.drift(300, 600)
    assert drift is not None
    assert drift.drifted
    assert drift.words.startswith("of 600 answers 50 % were accepted; 70 to 79 % were when")
    assert "calibrate again" in drift.words
    assert part.drift(0, 0) is None
    assert Certified(domain="", threshold=0.5, n=0, accepted=0, statement="").drift(5, 10) is None


def test_the_date_is_a_date() -> None:
    """As text or as TOML's own kind."""
    assert Certificate.model_validate({"date": "2026-11-24"}).date == dt.date(2026, 11, 24)
