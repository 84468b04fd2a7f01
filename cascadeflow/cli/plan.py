"""``cascadeflow plan``: what a question would do and cost, without a call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.failure import BUDGET, NO_MODELS
from cascadeflow.cli.options import check_settings, console_options, json_option, read_query
from cascadeflow.cli.output import echo_json, note, table
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.schema import CascadePlan


@click.command("plan")
@click.argument("words", nargs=-1, metavar="[QUESTION]")
@console_options
@json_option("The plan as one JSON object; money in nano-USD (1 USD = 1,000,000,000).")
def command(
    words: tuple[str, ...],
    preset: str | None,
    config: Path | None,
    as_json: bool,
    rehearse: bool | None,
    tier: str | None,
    user: str | None,
    domain: str | None,
) -> None:
    """Show what a question would do and cost, without asking any model.

    The question is the argument, or standard input. Exits with 4 where no model can be asked,
    and with 3 where a budget is what forbids it.
    """
    from cascadeflow.workspace import open_agent

    check_settings(preset, config)
    query = read_query(words)
    agent = open_agent(preset, config=config, rehearse=rehearse, history=False)
    plan = asyncio.run(make_plan(agent, query, tier=tier, user=user, domain=domain))
    for line in calibration_notes(agent):
        note(line)
    if as_json:
        echo_json(plan_data(plan), pretty=True)
    else:
        click.echo(plan_words(plan))
    if not plan.steps:
        refused = any(item.kind == "budget" for item in plan.left_out)
        raise click.exceptions.Exit(BUDGET if refused else NO_MODELS)


async def make_plan(
    agent: CascadeAgent, query: str, *, tier: str | None, user: str | None, domain: str | None
) -> CascadePlan:
    """Plan with what is left of the user's budgets, then close the agent."""
    try:
        tracker = agent.cost_tracker
        remaining = None if tracker is None else await tracker.remaining(user, tier)
        return agent.plan(query, user_tier=tier, domain=domain, budget_remaining=remaining)
    finally:
        await agent.aclose()


def calibration_notes(agent: CascadeAgent) -> Iterator[str]:
    """What speaks against relying on the gate's certificate: it is of another gate, or the traffic has changed."""
    from cascadeflow.core.drift import drifts
    from cascadeflow.history import RunArchive
    from cascadeflow.paths import history_path
    from cascadeflow.quality.certificate import VOID

    if agent.quality_validator.certificate_is_void:
        yield f"Not certified: {VOID}."
        return
    path = agent.archive.path if agent.archive is not None else history_path()
    certificate = agent.quality_validator.certificate
    if certificate.model is None or not path.exists():
        return
    archive = RunArchive(path)
    try:
        for certified, drift in drifts(certificate, archive):
            if drift.drifted:
                where = f"{one_line(certified.domain)}: " if certified.domain else ""
                yield f"The traffic has changed: {where}{drift.words}."
    finally:
        archive.close()


def plan_data(plan: CascadePlan) -> dict[str, Any]:
    """A plan as JSON data, with its totals."""
    from cascadeflow.plain import to_plain

    totals = {"cost_expected": plan.cost_expected, "cost_worst": plan.cost_worst, "p_escalate": plan.p_escalate}
    return {**to_plain(plan), **totals}


def plan_words(plan: CascadePlan) -> str:
    """A plan as tables: the steps, the ways through them, and the models left out."""
    tier = f", tier {one_line(plan.tier)}" if plan.tier else ""
    mode = ", rehearsal" if plan.rehearsal else ""
    understood = f"{one_line(plan.domain)} (confidence {plan.domain_confidence:.2f}), {plan.complexity}"
    lines = [f"{understood}, about {plan.prompt_tokens} prompt tokens{tier}{mode}"]
    if plan.steps:
        lines += ["", _steps_table(plan), "", _ways_table(plan), ""]
        lines.append(f"expected {format_usd(plan.cost_expected)}, at worst {format_usd(plan.cost_worst)}")
        reasons = [(step.model, step.resolved_reason) for step in plan.steps if step.resolved_reason]
        lines += [f"{one_line(model)}: {one_line(reason)}" for model, reason in reasons]
        if plan.guarantee:
            lines.append(f"{one_line(plan.steps[0].model)}: {one_line(plan.guarantee)}")
    else:
        lines.append("No model can be asked.")
    if plan.left_out:
        lines += ["", "left out:"]
        lines += [f"  {one_line(item.model)}: {one_line(item.reason)}" for item in plan.left_out]
    return "\n".join(lines)


def _steps_table(plan: CascadePlan) -> str:
    from cascadeflow.cli.words import model_words

    heading = ("step", "model", "expected", "worst", "time", "passes (est.)", "answer at most")
    rows = [
        (
            str(step.index + 1),
            model_words(step.model, step.resolved_model),
            format_usd(step.cost_expected),
            format_usd(step.cost_worst),
            f"{step.latency_expected_ms / 1000:.1f} s",
            f"{100 * step.p_accept:.0f} %",
            f"{step.max_tokens} tokens",
        )
        for step in plan.steps
    ]
    return table([heading, *rows], right=(2, 3, 4, 5, 6))


def _ways_table(plan: CascadePlan) -> str:
    heading = ("way", "likely (est.)", "low", "expected", "worst", "time", "time p95")
    rows = [
        (
            " → ".join(str(index + 1) for index in path.steps),
            f"{100 * path.probability:.0f} %",
            format_usd(path.cost_low),
            format_usd(path.cost_expected),
            format_usd(path.cost_worst),
            f"{path.latency_expected_ms / 1000:.1f} s",
            f"{path.latency_p95_ms / 1000:.1f} s",
        )
        for path in plan.paths
    ]
    return table([heading, *rows], right=(1, 2, 3, 4, 5, 6))
