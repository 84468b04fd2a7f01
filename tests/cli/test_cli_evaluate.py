"""`evaluate` and `calibrate`: from labelled answers to figures, to a certified threshold in a file, to an agent."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow.config import load
from cascadeflow.history import RunArchive
from cascadeflow.paths import history_path
from cascadeflow.presets import save_own
from cascadeflow.quality import learned
from cascadeflow.testing import ScriptedClient

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]
QUESTION = "What is 17 * 23?"


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    """200 sums answered by two models; the small one's wrong results show in its working, but for four."""
    path = tmp_path / "labelled.jsonl"
    lines = []
    for number in range(200):
        wrong, hidden = number % 5 == 0, number % 50 == 0
        good = "It was built in 1902." if hidden else f"{number} + 23 = {number + 23}"
        bad = "It was built in 1901." if hidden else f"{number} + 23 = {number + 25}"
        answers = {
            "small": {"text": bad if wrong else good, "correct": int(not wrong)},
            "large": {"text": good, "correct": 1},
        }
        for answer in answers.values():
            answer |= {"prompt_tokens": 20, "completion_tokens": 10}
        prompt = f"In which year was house {number} built?" if hidden else f"What is {number} + 23?"
        lines.append(json.dumps({"id": str(number), "prompt": prompt, "domain": "math", "answers": answers}))
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


@pytest.fixture
def priced(tmp_path: Path) -> str:
    """Prices of the two models."""
    path = tmp_path / "prices.json"
    path.write_text('{"small": {"input": 0.1, "output": 0.4}, "large": {"input": 2.5, "output": 10}}')
    return str(path)


# -- evaluate


def test_without_data_the_sample_is_evaluated(cascadeflow: Command) -> None:
    """Everything is on standard output, with the coin flip beside the gate."""
    result = cascadeflow("evaluate")
    assert result.exit_code == 0
    assert result.stdout.startswith("40 questions of sample.jsonl")
    for words in ("AUROC of the gate", "random mix", "perfect gate", "95 %", "99 %", "100 %", "math", "arena-bench-v1"):
        assert words in result.stdout
    assert "┌" not in result.stdout


def test_a_gate_with_skill_beats_the_coin_and_one_that_is_off_does_not(
    cascadeflow: Command, labelled: str, priced: str
) -> None:
    """The threshold decides; what is told is what `--json` says."""
    arguments = ["evaluate", labelled, "--prices", priced, "--draft", "small", "--strong", "large"]
    data = json.loads(cascadeflow(*arguments, "--json").stdout)
    assert data["pairs"] == [{"draft": "small", "strong": "large", "questions": 200}]
    assert data["total"]["right"] == 0.8
    assert data["total"]["escalated"] == pytest.approx(0.18)
    assert data["total"]["accepted_wrong"] == pytest.approx(4 / 164)
    assert data["total"]["gain"]["low"] > 0
    assert [policy["name"] for policy in data["policies"]][2] == "random mix"
    assert data["policies"][-1]["cost"] == 20 * 2500 + 10 * 10_000
    assert "better than a coin flip" in cascadeflow(*arguments).stdout
    off = cascadeflow(*arguments, "--threshold", "0")
    assert "not told apart from a coin flip" in off.stdout
    assert "accepts every draft" in off.stderr


def test_a_preset_and_a_mode_are_evaluated(cascadeflow: Command, labelled: str, priced: str, two: str) -> None:
    """The configured models are the pair, and the configured gate judges."""
    data = json.loads(cascadeflow("evaluate", labelled, "--config", two, "--prices", priced, "--json").stdout)
    assert data["pairs"][0]["draft"] == "small"
    assert data["gate"] == {"mode": "balanced", "threshold": 0.7}
    strict = json.loads(
        cascadeflow("evaluate", labelled, "--config", two, "--prices", priced, "--gate", "strict", "--json").stdout
    )
    assert strict["gate"] == {"mode": "strict", "threshold": 0.8}
    none = cascadeflow("evaluate", labelled, "--preset", "production_ready")
    assert none.exit_code == 2
    assert "Name a pair with `--draft` and `--strong`" in none.stderr


def test_the_curve_goes_into_the_output_or_into_a_file(cascadeflow: Command, tmp_path: Path) -> None:
    """`--plot` last, or with a name that ends in .svg."""
    assert "P perfect gate" in cascadeflow("evaluate", "--plot").stdout
    picture = tmp_path / "curve.svg"
    result = cascadeflow("evaluate", "--plot", str(picture))
    assert "P perfect gate" not in result.stdout
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    wrong = cascadeflow("evaluate", "--plot", "curve.png")
    assert wrong.exit_code == 2
    assert "ending in .svg" in wrong.stderr


def test_data_may_come_through_a_pipe(cascadeflow: Command, labelled: str, priced: str) -> None:
    """As the history's export gives it."""
    text = Path(labelled).read_text(encoding="utf-8")
    result = cascadeflow("evaluate", "-", "--prices", priced, stdin=text)
    assert result.stdout.startswith("200 questions of standard input")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--draft", "small"], "give both"),
        (["--draft", "small", "--strong", "nobody"], "no labelled answer is by nobody; the data has large, small"),
        (["--gate", "lenient"], "the modes are fast"),
        (["--preset", "production_ready", "--config", "x.toml"], "contradict"),
        ([], "price of large is not known"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    cascadeflow: Command, labelled: str, arguments: list[str], words: str
) -> None:
    """Exit code 2, and what to do."""
    result = cascadeflow("evaluate", labelled, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


# -- calibrate


def test_a_certified_threshold_goes_into_the_file_and_acts(
    cascadeflow: Command, scripted: Script, labelled: str, two: str
) -> None:
    """The way of a user: labels, `calibrate`, the file, `plan`, `ask`."""
    Path(two).write_text("# mine\n" + Path(two).read_text(encoding="utf-8"), encoding="utf-8")
    result = cascadeflow("calibrate", labelled, "--config", two, "--target", "0.9")
    assert result.exit_code == 0, result.stderr
    statement = "at most 10 % of accepted math answers wrong, 95 % sure, calibrated on 200 answers"
    assert statement in result.stdout
    assert "other domains: nothing" in result.stdout
    gate = load(two).gate
    assert (gate.model, gate.target, gate.delta, gate.domains["math"].n) == ("small", 0.9, 0.05, 200)
    assert gate.domains["math"].wrong_bound is not None
    assert gate.domains["math"].wrong_bound <= 0.1
    assert Path(two).read_text(encoding="utf-8").startswith("# mine")

    scripted({"small": ["17 * 23 = 391"], "large": ["391"]})
    planned = cascadeflow("plan", "--config", two, "--no-rehearse", "--domain", "math", QUESTION)
    assert f"small: {statement}" in planned.stdout
    data = json.loads(
        cascadeflow("plan", "--config", two, "--no-rehearse", "--domain", "math", "--json", QUESTION).stdout
    )
    assert data["guarantee"].startswith(statement)
    assert data["steps"][0]["threshold"] == gate.domains["math"].threshold
    assert data["steps"][0]["p_accept"] == gate.domains["math"].accepted / 200
    assert data["steps"][1]["threshold"] == 0.7
    answered = cascadeflow("ask", "--config", two, "--no-rehearse", "--domain", "math", QUESTION)
    assert statement in answered.stderr


def test_out_writes_another_file_and_leaves_the_first(
    cascadeflow: Command, labelled: str, two: str, tmp_path: Path
) -> None:
    """With everything the configuration holds; the audit rate stays."""
    Path(two).write_text(Path(two).read_text(encoding="utf-8") + "\n[gate]\naudit_rate = 0.02\n", encoding="utf-8")
    before = Path(two).read_text(encoding="utf-8")
    out = tmp_path / "out.toml"
    assert cascadeflow("calibrate", labelled, "--config", two, "--target", "0.9", "--out", str(out)).exit_code == 0
    assert Path(two).read_text(encoding="utf-8") == before
    assert load(out).gate.audit_rate == 0.02
    assert [model.name for model in load(out).models] == ["small", "large"]
    assert load(out).gate.domains


def test_without_a_configuration_nothing_is_written(cascadeflow: Command, labelled: str) -> None:
    """It says so, and gives everything as JSON."""
    result = cascadeflow("calibrate", labelled, "--draft", "small", "--target", "0.9", "--pooled", "--json")
    data = json.loads(result.stdout)
    assert data["gate"]["model"] == "small"
    assert data["groups"][0]["domain"] == ""
    assert data["statements"] == [
        f"at most 10 % of accepted answers wrong, 95 % sure, calibrated on 200 answers of {data['gate']['date']}"
    ]


def test_what_cannot_be_certified_is_refused_and_nothing_is_written(
    cascadeflow: Command, labelled: str, two: str
) -> None:
    """With how many labels it would take; the file stays as it is."""
    before = Path(two).read_text(encoding="utf-8")
    result = cascadeflow("calibrate", labelled, "--config", two, "--target", "0.99")
    assert result.exit_code == 1
    assert "Nothing can be certified" in result.stderr
    assert "200 labelled answers" in result.stderr
    assert "it takes 299 or more" in result.stderr
    never = cascadeflow("calibrate", labelled, "--config", two, "--target", "1")
    assert never.exit_code == 2
    assert "no number of labels" in never.stderr
    assert Path(two).read_text(encoding="utf-8") == before


def test_whose_answers_must_be_clear(cascadeflow: Command, labelled: str, tmp_path: Path) -> None:
    """Two models in the data, and none named."""
    result = cascadeflow("calibrate", labelled)
    assert result.exit_code == 2
    assert "--draft; the data has large, small" in result.stderr
    assert "name one with --preset or --config" in cascadeflow("calibrate", labelled, "--out", "x.toml").stderr
    strange = cascadeflow("calibrate", labelled, "--preset", "production_ready")
    assert strange.exit_code == 2
    assert "no configured model" in strange.stderr


def test_questions_the_gate_learned_from_do_not_count(
    cascadeflow: Command, labelled: str, priced: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would flatter it."""
    from cascadeflow.quality import learned

    known = frozenset(learned.row_hash(str(number)) for number in range(50))
    monkeypatch.setattr(learned, "gate_training_rows", lambda _: known)
    told = cascadeflow("evaluate", labelled, "--prices", priced)
    assert "learned from 50 of these questions, so its figures flatter it" in told.stderr
    result = cascadeflow("calibrate", labelled, "--draft", "small", "--target", "0.9", "--json")
    assert json.loads(result.stdout)["groups"][0]["n"] == 150
    assert "50 questions are left out because the gate was trained on them" in result.stderr


def test_calibrating_keeps_a_gate_of_ones_own(cascadeflow: Command, labelled: str, two: str, tmp_path: Path) -> None:
    """What is certified is certified of that gate, so it stays in the file."""
    shipped = Path(learned.__file__).with_name("learned_gate.json")
    shutil.copy(shipped, tmp_path / "own.json")
    Path(two).write_text(f'{Path(two).read_text()}\n[gate]\nfile = "own.json"\naudit_rate = 0.2\n')
    assert cascadeflow("calibrate", labelled, "--config", two, "--target", "0.9").exit_code == 0
    found = load(two)
    assert (found.gate.file, found.gate.audit_rate) == (str(tmp_path / "own.json"), 0.2)
    validator = found.to_agent_config()["quality_validator"]
    assert validator.certificate.domains
    assert not validator.certificate_is_void


def test_a_preset_of_ones_own_is_evaluated(cascadeflow: Command, labelled: str, priced: str, two: str) -> None:
    """As with every other command."""
    save_own(load(two), "mine")
    result = cascadeflow("evaluate", labelled, "--preset", "mine", "--prices", priced, "--json")
    assert result.exit_code == 0, result.stderr
    assert [(pair["draft"], pair["strong"]) for pair in json.loads(result.stdout)["pairs"]] == [("small", "large")]


def test_plan_warns_when_the_traffic_has_changed_or_the_gate_has(
    cascadeflow: Command, scripted: Script, labelled: str, two: str
) -> None:
    """Drift by the history, and a certificate of another gate."""
    arguments = ("--config", two, "--no-rehearse", "--domain", "math")
    assert cascadeflow("calibrate", labelled, "--config", two, "--target", "0.9").exit_code == 0
    scripted({"small": ["17 * 23 = 381"], "large": ["391"]})
    for _ in range(12):
        assert cascadeflow("ask", *arguments, QUESTION).exit_code == 0
    archive = RunArchive(history_path())
    assert archive.acceptance("small", 0.0, domains=("math",)) == (0, 12)
    assert archive.acceptance("small", 0.0, but=("math",)) == (0, 0)
    assert archive.acceptance("small", 0.0, latest=5) == (0, 5)
    archive.close()
    changed = cascadeflow("plan", *arguments, QUESTION)
    assert "The traffic has changed: math: of 12 answers 0 % were accepted" in changed.stderr

    text = Path(two).read_text(encoding="utf-8")
    Path(two).write_text(text.replace("[gate]", '[quality]\nmode = "fast"\n\n[gate]'), encoding="utf-8")
    void = cascadeflow("plan", *arguments, QUESTION)
    assert "calibrated with other checks" in void.stderr
    assert "calibrated on" not in void.stdout
