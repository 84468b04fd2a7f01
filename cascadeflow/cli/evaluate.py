"""``cascadeflow evaluate``: what the gate is worth on labelled answers, without a call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascadeflow.cli.options import check_settings, json_option, optional_settings
from cascadeflow.cli.output import echo_json, note, on_terminal
from cascadeflow.errors import ConfigError

if TYPE_CHECKING:
    from cascadeflow.config import Configuration
    from cascadeflow.evaluation.data import LabelledData
    from cascadeflow.evaluation.pairs import Judge, Pair
    from cascadeflow.evaluation.policies import Case
    from cascadeflow.evaluation.prices import AnswerPrices
    from cascadeflow.evaluation.report import Evaluation
    from cascadeflow.quality import QualityValidator

_TERMINAL = "-"


@click.command("evaluate")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="[DATA]...")
@optional_settings
@click.option(
    "--draft", metavar="MODEL", help="Who drafts, by its name in the data.  [of the pair that could save most]"
)
@click.option("--strong", metavar="MODEL", help="Who is asked where a draft is rejected.  [the best]")
@click.option(
    "--gate", metavar="MODE", help="fast, balanced, strict or cost-optimized.  [as configured, else balanced]"
)
@click.option("--threshold", type=click.FloatRange(0, 1), help="Score a draft needs.  [the mode's]")
@click.option(
    "--prices",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help='Prices as JSON, {model: {"input": …, "output": …}} in USD per 1M tokens.  [as recorded, else the catalogue]',
)
@click.option(
    "--plot",
    is_flag=False,
    flag_value=_TERMINAL,
    metavar="[FILE.svg]",
    help="Draw cost against quality: into that file, or without one into the output (a terminal gets it anyway).",
)
@json_option("Every figure as one JSON object; money in nano-USD.")
def command(
    data: tuple[Path, ...],
    preset: str | None,
    config: Path | None,
    draft: str | None,
    strong: str | None,
    gate: str | None,
    threshold: float | None,
    prices: Path | None,
    plot: str | None,
    as_json: bool,
) -> None:
    """Measure the gate on labelled answers, beside a coin flip that costs as much.

    DATA are JSON lines (also .gz, - for standard input) of {"prompt": …, "answers": {model: {"text": …, "correct": 0
    or 1}}}. Without DATA, 40 questions that come with the package are used.
    """
    from cascadeflow.evaluation.data import SAMPLE, SAMPLE_PRICES, read_labelled
    from cascadeflow.evaluation.pairs import cases_of
    from cascadeflow.evaluation.prices import AnswerPrices
    from cascadeflow.evaluation.report import evaluate
    from cascadeflow.quality.learned import gate_training_rows

    check_settings(preset, config)
    _check_plot(plot)
    configuration = read_settings(preset, config)
    validator = gate_of(configuration, gate, threshold)
    labelled = read_labelled(data or (SAMPLE,), sys.stdin)
    answer_prices = AnswerPrices(prices or (None if data else SAMPLE_PRICES))
    pairs = _pairs(draft, strong, configuration, labelled, answer_prices)
    cases, alone = cases_of(labelled, pairs, judge_of(validator, configuration, labelled), answer_prices)
    evaluation = evaluate(cases)
    learned = gate_training_rows(validator.gate_file)
    facts = {
        "data": labelled.name,
        "questions": len(cases),
        "gate": {"mode": validator.mode, "threshold": validator.effective_threshold},
        "pairs": _used_pairs(pairs, cases),
        "unlabelled": labelled.unlabelled,
        "repeated": labelled.repeated,
        "drafts_alone": alone,
        "tokens_estimated": answer_prices.estimated,
        "gate_learned_from": sum(row.is_one_of(learned) for row in labelled.rows),
    }
    _write(facts, evaluation, cases, plot, as_json)


def read_settings(preset: str | None, config: Path | None) -> Configuration | None:
    """The configuration that is named; None: none is."""
    if preset is None and config is None:
        return None
    from cascadeflow.config import load
    from cascadeflow.presets import preset_configuration

    return load(config) if config is not None else preset_configuration(str(preset))


def gate_of(configuration: Configuration | None, mode: str | None, threshold: float | None) -> QualityValidator:
    """The gate of a configuration, with what the command line changes of it.

    Raises:
        ConfigError: no such mode.
    """
    from cascadeflow.config.live import validator_of
    from cascadeflow.quality import QualityValidator
    from cascadeflow.quality.certificate import Certificate
    from cascadeflow.quality.modes import find_mode

    validator = QualityValidator() if configuration is None else validator_of(configuration)
    if mode is not None:
        validator.mode = find_mode(mode).name
        validator.threshold = None
    if threshold is not None:
        validator.threshold = threshold
    if mode is not None or threshold is not None:
        validator.certificate = Certificate()
    return validator


def judge_of(validator: QualityValidator, configuration: Configuration | None, data: LabelledData) -> Judge:
    """What judges recorded answers as a run would."""
    from cascadeflow.evaluation.pairs import match
    from cascadeflow.quality import CheckContext

    models = configuration.models if configuration else []
    configured = {match(model, data.models): model.name for model in models}

    def judge(row: Any, model: str, answer: Any) -> Any:
        return validator.validate(
            CheckContext(
                row.prompt,
                answer.text,
                row.domain,
                finish_reason=answer.finish_reason,
                model=configured.get(model, model),
            )
        )

    return judge


def _check_plot(plot: str | None) -> None:
    if plot not in (None, _TERMINAL) and not str(plot).endswith(".svg"):
        raise ConfigError(f"--plot {plot}: write the picture's name, ending in .svg, or put --plot last to see it here")


def _pairs(
    draft: str | None,
    strong: str | None,
    configuration: Configuration | None,
    data: LabelledData,
    prices: AnswerPrices,
) -> Pair | dict[str, Pair]:
    from cascadeflow.evaluation.pairs import Pair, configured_pair, pairs_by_source

    if draft and strong:
        return Pair(draft, strong)
    if draft or strong:
        raise click.UsageError("A pair has two models: give both --draft and --strong.")
    if configuration is not None:
        return configured_pair(configuration.models, data.models)
    return pairs_by_source(data, prices)


def _used_pairs(pairs: Pair | dict[str, Pair], cases: list[Case]) -> list[dict[str, Any]]:
    """Each pair with the number of its questions."""
    from cascadeflow.evaluation.pairs import Pair

    used: dict[Pair, int] = {}
    for case in cases:
        pair = pairs if isinstance(pairs, Pair) else pairs[case.source]
        used[pair] = used.get(pair, 0) + 1
    return [{"draft": pair.draft, "strong": pair.strong, "questions": count} for pair, count in used.items()]


def _write(facts: dict[str, Any], evaluation: Evaluation, cases: list[Case], plot: str | None, as_json: bool) -> None:
    from cascadeflow.cli.evaluate_words import evaluation_words, remarks
    from cascadeflow.evaluation.curve import curve_of, svg_curve, terminal_curve

    curve = curve_of(cases)
    if as_json:
        from cascadeflow.plain import to_plain

        lines = {name: [list(place) for place in line] for name, line in curve.lines.items()} if curve else {}
        echo_json({**facts, **to_plain(evaluation), "curve": lines}, pretty=True)
    else:
        click.echo(evaluation_words(facts, evaluation))
        if curve is not None and (plot == _TERMINAL or (plot is None and on_terminal())):
            click.echo(f"\n{terminal_curve(curve)}")
    for words in [*remarks(facts), *evaluation.warnings]:
        note(words)
    if plot not in (None, _TERMINAL):
        from cascadeflow.config import write_atomically

        if curve is None:
            raise ConfigError("there is nothing to draw: the strong model costs nothing, or is never right")
        path = Path(str(plot))
        try:
            write_atomically(path, svg_curve(curve, f"{facts['data']}: {facts['questions']} questions"))
        except OSError as error:
            raise ConfigError(f"cannot write it: {error.strerror or error}", file=str(path)) from None
        note(f"Written: {path}")
