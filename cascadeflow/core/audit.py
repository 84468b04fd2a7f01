"""Audits: of the accepted drafts a random share is answered by the strongest model too, for labels without a bias.

Labels of a cascade in use are biased: the strong model answers where a draft was rejected, and seldom
where one was accepted. An audited question has both answers, whatever the gate thought of the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cascadeflow.schema import CascadePlan, ModelConfig, PlannedStep, StepRecord

_DRAWS = 2**32


def audit_step(
    accepted: StepRecord, *, plan: CascadePlan, models: Mapping[str, ModelConfig], run_id: str, rate: float
) -> PlannedStep | None:
    """The call that audits an accepted draft.

    Args:
        accepted: the draft.
        plan: of the run.
        models: configured name → model.
        run_id: of the run; it is random, so it draws the lot, and the same run is always drawn alike.
        rate: share of the accepted drafts that is audited, from 0 to 1.

    Returns:
        None where this draft is not drawn, or no stronger model is in the plan.
    """
    if int(run_id[:8], 16) >= rate * _DRAWS or not plan.steps:
        return None
    strongest = max(plan.steps, key=lambda step: models[step.model].quality_score)
    if models[strongest.model].quality_score <= models[accepted.model].quality_score:
        return None
    return replace(
        strongest,
        index=len(plan.steps),
        role="audit",
        run="always",
        validation=None,
        fallback_model=None,
        max_retries=0,
    )
