"""``cascadeflow calibrate``: a threshold with a certified bound on wrong answers, from labelled ones."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.evaluate import gate_of, judge_of, read_settings
from cascadeflow.cli.options import check_settings, json_option, optional_settings
from cascadeflow.cli.output import echo_json, note
from cascadeflow.errors import ConfigError
from cascadeflow.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cascadeflow.config import Configuration
    from cascadeflow.evaluation.data import LabelledData
    from cascadeflow.evaluation.pairs import Judge
    from cascadeflow.quality.calibration import GroupResult, JudgedAnswer
    from cascadeflow.quality.certificate import Certificate


@click.command("calibrate")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="DATA...")
@optional_settings
@click.option("--target", type=float, default=0.95, show_default=True, help="Share of accepted answers that is right.")
@click.option("--delta", type=float, default=0.05, show_default=True, help="Chance, at most, that it is not so.")
@click.option("--draft", metavar="MODEL", help="Whose answers, by its name in the data.  [the cheapest configured]")
@click.option("--pooled", is_flag=True, help="One threshold over all domains.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the configuration there.  [the file of --config]",
)
@json_option("What was found as one JSON object.")
def command(
    data: tuple[Path, ...],
    preset: str | None,
    config: Path | None,
    target: float,
    delta: float,
    draft: str | None,
    pooled: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the laxest threshold at which so many of the accepted answers are certified to be right.

    DATA are labelled answers as for `evaluate`. With --config or --preset, the thresholds and what they promise are
    written into section [gate] of the configuration. Exits with 1 where nothing can be certified, and says how many
    labels it would take.
    """
    from cascadeflow.evaluation.data import read_labelled
    from cascadeflow.quality.calibration import calibrate, certificate_of
    from cascadeflow.quality.gate_print import gate_print
    from cascadeflow.quality.learned import gate_training_rows

    check_settings(preset, config)
    configuration = read_settings(preset, config)
    if configuration is None and out is not None:
        raise click.UsageError("--out writes a whole configuration: name one with --preset or --config.")
    labelled = read_labelled(data, sys.stdin)
    model, configured = _whose(draft, configuration, labelled)
    validator = gate_of(configuration, None, None)
    known = gate_training_rows(validator.gate_file)
    answers, trained_on = judged_answers(labelled, model, judge_of(validator, configuration, labelled), known)
    results = calibrate(answers, target=target, delta=delta, by_domain=not pooled)
    if trained_on:
        note(f"{trained_on} questions are left out because the gate was trained on them.")
    if labelled.repeated:
        note(f"{labelled.repeated} answers repeat a question of the same model and are left out.")
    certificate = certificate_of(
        results,
        target=target,
        delta=delta,
        date=datetime.now(UTC).date(),
        model=configured,
        gate=gate_print(validator.checks, validator.gate_file),
    )
    if as_json:
        echo_json(_data(results, certificate), pretty=True)
    else:
        click.echo(_words(results, certificate))
    if configuration is not None:
        _save(configuration, certificate, out or config)


def judged_answers(
    data: LabelledData, model: str, judge: Judge, known: frozenset[str]
) -> tuple[list[JudgedAnswer], int]:
    """The model's labelled answers with the gate's scores, without questions that the gate was trained on.

    Returns:
        The answers, and how many questions were left out.
    """
    from cascadeflow.quality.calibration import JudgedAnswer

    rows = [row for row in data.rows if model in row.answers]
    fresh = [row for row in rows if not row.is_one_of(known)]
    judged = []
    for row in fresh:
        answer = row.answers[model]
        score = judge(row, model, answer).score
        judged.append(JudgedAnswer(row.domain, 0.0 if score is None else score, answer.right))
    return judged, len(rows) - len(fresh)


def _whose(draft: str | None, configuration: Configuration | None, data: LabelledData) -> tuple[str, str]:
    """Whose answers are calibrated: the name in the data, and the configured one."""
    from cascadeflow.catalog.pricing import price_for
    from cascadeflow.evaluation.pairs import match

    models = configuration.models if configuration else []
    found = {model.name: name for model in models if (name := match(model, data.models)) is not None}
    if draft is not None:
        if draft not in data.models:
            raise ConfigError(f"no labelled answer is by {draft}; the data has {', '.join(data.models)}")
        return draft, next((name for name, here in found.items() if here == draft), draft)
    if configuration is None:
        if len(data.models) == 1:
            return data.models[0], data.models[0]
        raise click.UsageError(f"Whose answers? Name the model with --draft; the data has {', '.join(data.models)}.")

    def price(model: Any) -> int:
        known = price_for(model)
        return 0 if known is None else known.input + known.output

    drafters = [model for model in models if model.name in found]
    if not drafters:
        raise ConfigError(
            f"no configured model ({', '.join(model.name for model in models)}) has labelled answers; "
            f"the data has {', '.join(data.models)}"
        )
    cheapest = min(drafters, key=price)
    return found[cheapest.name], cheapest.name


def _words(results: Sequence[GroupResult], certificate: Certificate) -> str:
    from cascadeflow.quality.calibration import explain

    target = certificate.target or 0.0
    lines = [f"Answers by {one_line(certificate.model or '')}:"]
    lines += [f"  {one_line(explain(result, target))}" for result in results]
    lines += ["", "Certified:", *(f"  {one_line(part.statement)}" for part in certificate.parts())]
    if certificate.threshold is None:
        lines.append("  other domains: nothing; the mode's threshold holds there")
    return "\n".join(lines)


def _data(results: Sequence[GroupResult], certificate: Certificate) -> dict[str, Any]:
    from cascadeflow.plain import to_plain

    return {
        "gate": certificate.model_dump(mode="json", exclude_none=True),
        "groups": [to_plain(result) for result in results],
        "statements": [part.statement for part in certificate.parts()],
    }


def _save(configuration: Configuration, certificate: Certificate, path: Path | None) -> None:
    from cascadeflow.config import dump
    from cascadeflow.config.schema import GateSection

    if path is None:
        note("Nothing is written: name a file with --out.")
        return
    configuration.gate = GateSection.model_validate({**configuration.gate.model_dump(), **certificate.model_dump()})
    dump(configuration, path)
    note(f"Written: {path}")
