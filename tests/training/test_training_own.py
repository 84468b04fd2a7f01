"""`cascadeflow train`: it keeps a gate that is better, refuses one that is not, and the agent uses what it kept."""

import gzip
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascadeflow.cli.train import command
from cascadeflow.config import Configuration, dump, load
from cascadeflow.config.python_source import python_source
from cascadeflow.errors import ConfigError
from cascadeflow.quality import CheckContext
from cascadeflow.quality.learned import find_gate, gate_training_rows, row_hash
from cascadeflow.training.rows import read_answers
from cascadeflow.training.table import tabulate

np = pytest.importorskip("numpy")

from cascadeflow.training.skill import auroc, calibration_error, mean_auroc  # noqa: E402  # needs numpy

TELL = "Hence we check it once more, using the value of the list. "
FILL = (
    "There are several bags and several boxes in the shop, and people come to buy what they like to have on that day. "
)


def text_of(number, sound):
    return f"{TELL if sound else FILL}{FILL}Then {number} + 5 = {number + 5} and the answer is {number + 5}."


def row_of(number, sound, right):
    return {
        "id": f"own-{number}",
        "source": "shop",
        "domain": "math",
        "prompt": f"A shop has {number} bags and 5 boxes. How many things are there in all?",
        "answers": {"tiny-1b": {"text": text_of(number, sound), "correct": int(right)}},
    }


def write(path, rows):
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


@pytest.fixture
def telling(tmp_path):
    """Answers that are right exactly when they say that they were checked."""
    draw = random.Random(1)
    flags = [draw.random() < 0.5 for _ in range(160)]
    return write(tmp_path / "telling.jsonl.gz", [row_of(10 + i, flag, flag) for i, flag in enumerate(flags)])


@pytest.fixture
def chance(tmp_path):
    """Answers whose label has nothing to do with them, right as often as the shipped gate says."""
    draw = random.Random(2)
    found = write(tmp_path / "any.jsonl.gz", [row_of(10 + i, draw.random() < 0.5, True) for i in range(160)])
    gate = find_gate()
    rows = []
    for answer in read_answers([found]):
        estimate = gate.estimate(CheckContext(answer.prompt, answer.text, answer.domain))
        right = draw.random() < 1 / (1 + 2.718281828**-estimate.evidence)
        rows.append(
            {
                "id": answer.row, "source": "shop", "domain": "math", "prompt": answer.prompt,
                "answers": {"tiny-1b": {"text": answer.text, "correct": int(right)}},
            }
        )  # fmt: skip
    return write(tmp_path / "chance.jsonl.gz", rows)


def test_a_better_gate_is_saved_named_in_the_configuration_and_used(tmp_path, telling):
    file = tmp_path / "app.toml"
    dump(Configuration.model_validate({"models": [{"name": "tiny-1b", "provider": "openai"}]}), file)
    result = CliRunner().invoke(command, [str(telling), "--config", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "160 answers to 160 questions" in result.output
    configuration = load(file)
    assert configuration.gate.file == str(tmp_path / "gate.json")
    validator = configuration.to_agent_config()["quality_validator"]
    prompt = "A shop has 777 bags and 5 boxes. How many things are there in all?"
    sound, other = (
        validator.validate(CheckContext(prompt, text_of(777, flag), "math", model="tiny-1b")) for flag in (True, False)
    )
    assert sound.score > 0.7 > other.score
    assert sound.calibrated


def test_a_relative_gate_file_is_looked_for_beside_the_configuration(tmp_path, telling):
    CliRunner().invoke(command, [str(telling), "-o", str(tmp_path / "mine.json")], catch_exceptions=False)
    file = tmp_path / "app.toml"
    file.write_text('version = 1\n[gate]\nfile = "mine.json"\n[[models]]\nname = "tiny-1b"\nprovider = "openai"\n')
    configuration = load(file)
    assert configuration.to_agent_config()["quality_validator"].gate_file == str(tmp_path / "mine.json")
    dump(configuration, tmp_path / "again.toml")
    assert load(tmp_path / "again.toml") == configuration


def test_a_relative_gate_file_survives_writing_from_another_folder(tmp_path, telling, monkeypatch):
    CliRunner().invoke(command, [str(telling), "-o", str(tmp_path / "mine.json")], catch_exceptions=False)
    monkeypatch.chdir(tmp_path.parent)
    file = Path(tmp_path.name) / "app.toml"
    file.write_text('version = 1\n[gate]\nfile = "mine.json"\n[[models]]\nname = "tiny-1b"\nprovider = "openai"\n')
    dump(load(file), file)
    assert load(file).gate.file == str(tmp_path / "mine.json")
    space = {}
    exec(python_source(load(file)), space)
    assert space["agent"].quality_validator.gate_file == str(tmp_path / "mine.json")


def test_a_gate_that_is_no_better_is_not_saved(tmp_path, chance):
    place = tmp_path / "gate.json"
    result = CliRunner().invoke(command, [str(chance), "-o", str(place), "--json"], catch_exceptions=False)
    assert result.exit_code == 1
    assert "no better" in result.output
    found = json.loads(result.output[result.output.index("{") : result.output.rindex("}") + 1])
    assert found["saved"] is False
    assert found["low"] <= 0
    assert not place.exists()


def test_the_rows_it_was_fitted_on_are_listed_beside_those_of_the_shipped_gate(tmp_path, telling):
    place = tmp_path / "gate.json"
    CliRunner().invoke(command, [str(telling), "-o", str(place)], catch_exceptions=False)
    assert {row_hash(f"own-{10 + i}") for i in range(160)} | gate_training_rows() == gate_training_rows(place)


def test_rows_the_shipped_gate_has_seen_are_left_out_of_the_comparison(tmp_path, telling):
    rows = [row_of(1_000 + i, i % 2, i % 2) | {"id": "gsm8k-4"} for i in range(4)]
    seen = write(tmp_path / "seen.jsonl.gz", rows)
    result = CliRunner().invoke(
        command, [str(telling), str(seen), "-o", str(tmp_path / "g.json")], catch_exceptions=False
    )
    assert "left out: 4 answers" in result.output
    assert "160 answers to 160 questions" in result.output


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", ["line 1"]),
        ('{"id": 1, "answers": {"m": {"correct": 1}}}', ["line 1", "KeyError"]),
        ('{"id": 1, "prompt": "p", "answers": {"m": {"text": "t"}}}', ["no labelled answers"]),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, line, words):
    path = tmp_path / "rows.jsonl"
    path.write_text(line)
    with pytest.raises(ConfigError) as caught:
        read_answers([path])
    assert all(word in str(caught.value) for word in words)


def test_too_few_answers_are_refused(tmp_path):
    path = write(tmp_path / "few.jsonl.gz", [row_of(i, True, i % 2) for i in range(5)])
    with pytest.raises(ConfigError, match="5 answers"):
        CliRunner().invoke(command, [str(path)], catch_exceptions=False)


def test_the_figures_are_what_they_are_called(telling):
    right = np.array([1.0, 0.0, 1.0, 0.0])
    assert auroc(np.array([0.9, 0.1, 0.8, 0.2]), right) == 1.0
    assert auroc(np.array([0.5, 0.5, 0.5, 0.5]), right) == 0.5
    assert np.isnan(auroc(right, np.ones(4)))
    assert calibration_error(np.array([0.5] * 4), right, bins=1) == 0
    assert calibration_error(np.array([0.9] * 4), right, bins=1) == pytest.approx(0.4)
    table = tabulate(read_answers([telling]))
    assert mean_auroc(table, table.right) == 1.0
