"""`whatif`: a question under presets and tiers, and the recorded runs under other settings."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cascadeflow import PRESETS
from cascadeflow.cli.whatif import read_settings
from cascadeflow.errors import ConfigError
from cascadeflow.history import RunArchive, RunFilter
from cascadeflow.paths import history_path
from cascadeflow.testing import ScriptedClient
from cascadeflow.whatif import ReplaySettings, replay
from cascadeflow.whatif.command import history_command, question_command

Command = Callable[..., Result]
Script = Callable[[dict[str, list[Any]]], ScriptedClient]
QUESTION = "What is 17 * 23?"
TIERS = [None, "free", "starter", "pro", "enterprise"]


def data_of(result: Result) -> dict[str, Any]:
    """The one JSON object on standard output."""
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert isinstance(data, dict)
    return data


# -- one question


def test_a_question_has_a_row_for_each_preset_and_tier(cascadeflow: Command, scripted: Script) -> None:
    """In JSON with its plan; nobody is asked; standard input is read too."""
    client = scripted({})
    rows = data_of(cascadeflow("whatif", "--no-rehearse", "--json", stdin=QUESTION))["rows"]
    assert [(row["preset"], row["tier"]) for row in rows] == [(name, tier) for name in PRESETS for tier in TIERS]
    for row in rows:
        assert row["fits"]
        assert row["models"] == [step["model"] for step in row["plan"]["steps"]]
        assert row["cost_expected"] <= row["cost_worst"]
        assert row["reason"] == ""
    assert client.calls == []


def test_the_table_says_the_same_in_words(cascadeflow: Command, scripted: Script) -> None:
    """Without colour, with what does not fit and why."""
    scripted({})
    result = cascadeflow("whatif", "--no-rehearse", "--tier", "gold", "--preset", "local", QUESTION)
    assert "local with tier gold does not fit: local has no tier 'gold'" in result.stdout
    result = cascadeflow("whatif", "--no-rehearse", "--preset", "production_ready", QUESTION)
    assert result.stdout.startswith("math (confidence ")
    lines = result.stdout.splitlines()
    assert lines[2].split() == ["preset", "tier", "models", "escalates", "expected", "worst", "time", "fits"]
    assert lines[3].split()[:2] == ["production_ready", "none"]
    assert "gpt-4o-mini → claude-3-5-haiku → gpt-4o" in lines[3]
    assert lines[3].endswith("yes")
    assert len([line for line in lines if line.startswith("production_ready")]) == 5


def test_without_keys_the_plan_is_shown_and_what_is_missing(cascadeflow: Command) -> None:
    """What it would cost is known before there is a key."""
    result = cascadeflow("whatif", "--no-rehearse", "--preset", "production_ready", "--tier", "free", QUESTION)
    assert result.exit_code == 0
    assert "not now" in result.stdout
    assert "not now: OPENAI_API_KEY is not set" in result.stdout
    [row] = data_of(
        cascadeflow("whatif", "--no-rehearse", "--preset", "production_ready", "--tier", "free", "--json", QUESTION)
    )["rows"]
    assert (row["fits"], row["ready"], row["lacking"][0]["kind"]) == (True, False, "key")


def test_the_user_s_own_budget_counts(cascadeflow: Command, scripted: Script, two: str, tmp_path: Path) -> None:
    """A file is a row of its own beside the presets; with nothing left it does not fit, and says why."""
    scripted({})
    path = tmp_path / "poor.toml"
    path.write_text(Path(two).read_text() + "\n[budget.user]\ndaily = 0.0\n")
    rows = data_of(cascadeflow("whatif", "--config", str(path), "--no-rehearse", "--tier", "", "--json", QUESTION))[
        "rows"
    ]
    assert [row["preset"] for row in rows] == ["poor.toml", *PRESETS]
    assert not rows[0]["fits"]
    assert "small: " in rows[0]["reason"]
    assert all(row["fits"] for row in rows[1:])


def test_a_domain_may_be_given(cascadeflow: Command, scripted: Script) -> None:
    """Instead of detecting it."""
    scripted({})
    [row] = data_of(
        cascadeflow(
            "whatif", "--no-rehearse", "--preset", "code_specialist", "--tier", "", "--domain", "code", "--json", "Hi"
        )
    )["rows"]
    assert row["plan"]["strategy"] == "code"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mode", "strict", QUESTION], "These settings are for --history"),
        (["--history", QUESTION], "takes no QUESTION"),
        (["--preset", "local", "--config", "x.toml", QUESTION], "contradict each other"),
        (["--history", "--set", "colour=red"], "KEY of preset, tier, mode"),
        (["--history", "--set", "mode"], "KEY of preset, tier, mode"),
        (["--history", "--set", "mode=slow"], "there is no quality mode 'slow'"),
        (["--history", "--threshold", "high"], "is not a number"),
        (["--history", "--price", "gpt-4o=1"], "write MODEL=IN,OUT"),
        (["--history", "--preset", "nope"], "Unknown preset"),
    ],
)
def test_wrong_usage_exits_with_2(cascadeflow: Command, arguments: list[str], said: str) -> None:
    """And says what is right."""
    result = cascadeflow("whatif", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr.replace("\n", " ")


# -- the history


@pytest.fixture
def history(cascadeflow: Command, scripted: Script, two: str) -> None:
    """Two runs: one that escalated, and one of a conversation that did not."""
    scripted({"small": ["381", "17 * 23 = 391"], "large": ["17 * 23 = 391"]})
    for words in ([QUESTION], ["--session", "sums", f"{QUESTION} Once more."]):
        cascadeflow("ask", "--config", two, "--no-rehearse", *words)


def test_history_as_json_is_the_whole_result(cascadeflow: Command, history: None) -> None:
    """Every figure with its parts, and every run behind it."""
    [result] = data_of(cascadeflow("whatif", "--history", "--set", "threshold=0", "--json"))["results"]
    archive = RunArchive(history_path())
    expected = replay(archive, ReplaySettings(threshold=0.0))
    archive.close()
    assert (result["settings"], result["threshold"], result["runs"]) == ("threshold 0.00", 0.0, 2)
    assert result["cost"] == {
        "value": expected.cost.value, "low": expected.cost.low, "high": expected.cost.high,
        "recorded": expected.cost.recorded, "exact_runs": 2, "estimated_runs": 0, "exact": True,
    }  # fmt: skip
    assert result["escalated"]["value"] == 0
    assert (result["right"], result["labelled_runs"], result["skipped"], result["lacking"]) == (None, 0, {}, [])
    first = result["outcomes"][0]
    assert (first["before"], first["model"], first["exact"], first["low"]) == ("large", "small", True, None)
    assert first["values"]["changed"] == 1


def test_history_in_words_stands_beside_what_was_recorded(cascadeflow: Command, history: None, two: str) -> None:
    """Estimates are marked and have their interval; the answers that change are listed."""
    lower = cascadeflow("whatif", "--history", "--threshold", "0").stdout
    assert "2 runs; 0 of them are not wholly recorded under threshold 0.00" in lower
    heading = next(line for line in lower.splitlines() if "as recorded" in line)
    assert heading.split("  ")[-1].strip() == "threshold 0.00"
    cost = next(line for line in lower.splitlines() if line.startswith("cost"))
    assert "~" not in cost
    assert "sure" in next(line for line in lower.splitlines() if "large" in line)
    higher = cascadeflow("whatif", "--history", "--threshold", "0.99").stdout
    assert "~" in next(line for line in higher.splitlines() if line.startswith("cost"))
    assert "not wholly recorded" in higher
    other = cascadeflow("whatif", "--history", "--preset", "production_ready").stdout
    assert "2 of them are not wholly recorded under preset production_ready" in other
    budget = cascadeflow("whatif", "--history", "--budget", "0").stdout
    assert "runs refused a call" in budget
    assert "answer" in cascadeflow("whatif", "--history", "--config", two).stdout


def test_history_is_filtered_and_compared(cascadeflow: Command, history: None) -> None:
    """Two settings side by side on the runs that match; none is no error."""
    data = data_of(
        cascadeflow(
            "whatif", "--history", "--session", "sums", "--price", "small=100,100",
            "--against", "preset=production_ready", "--against", "mode=strict", "--json",
        )
    )  # fmt: skip
    one, other = data["results"]
    assert (one["runs"], other["runs"]) == (1, 1)
    assert (one["settings"], other["settings"]) == (
        "small at $100 and $100 per 1M", "preset production_ready, mode strict",
    )  # fmt: skip
    recorded = data_of(cascadeflow("whatif", "--history", "--mode", "strict", "--against", "recorded", "--json"))
    assert [result["settings"] for result in recorded["results"]] == ["mode strict", "as recorded"]
    nothing = cascadeflow("whatif", "--history", "--domain", "legal")
    assert nothing.exit_code == 0
    assert "No run matches" in nothing.stderr


def test_the_curve_marks_where_you_are(cascadeflow: Command, history: None) -> None:
    """As a table, and as data."""
    words = cascadeflow("whatif", "--history", "--curve").stdout
    assert len([line for line in words.splitlines() if "you are here" in line]) == 1
    curve = data_of(cascadeflow("whatif", "--history", "--curve", "--json"))["curve"]
    assert (curve["measure"], len(curve["points"]), curve["here"]["threshold"]) == ("quality", 21, 0.7)
    assert curve["points"][0]["cost"]["value"] < curve["points"][-1]["cost"]["value"]


def test_marked_answers_are_counted(cascadeflow: Command, history: None) -> None:
    """Where there are any the table has a line for them."""
    run = json.loads(cascadeflow("history", "list", "--json").stdout)[0]["run_id"]
    cascadeflow("history", "label", run, "right")
    assert "right, of 1 marked" in cascadeflow("whatif", "--history").stdout


# -- the command of a screen


def test_the_command_of_a_screen_gives_the_same_settings_and_filter(cascadeflow: Command, monkeypatch: Any) -> None:
    """Whatever the settings are, the command that is copied says them all."""
    from cascadeflow.cli import whatif

    settings = ReplaySettings(
        preset="local", tier="free", mode="strict", threshold=0.55, budget=0.1, prices={"a=b": (0.5, 1e-05)}
    )
    matching = RunFilter(
        session="a b", since=1_700_000_040.0, until=1_700_006_400.0, domain="code", model="m", preset="p", tag="t",
        status="finished", validated=False, cost_from=1, cost_to=2_500_000_000, labelled=False, rehearsal=True,
    )  # fmt: skip
    seen: list[Any] = []
    monkeypatch.setattr(whatif, "_history", lambda *given, **options: seen.append((given, options)))
    command = history_command(settings, matching=matching, against=ReplaySettings())
    assert cascadeflow(*shlex.split(command)[1:]).exit_code == 0
    (pairs, against, config, wanted), options = seen[0]
    assert read_settings(pairs) == settings
    assert (against, config, options) == (["recorded"], None, {"curve": False, "as_json": True})
    assert whatif.read_filter(wanted) == matching


def test_the_command_of_a_question_is_understood(cascadeflow: Command, scripted: Script) -> None:
    """Also where the question looks like an option."""
    scripted({})
    command = question_command("--json? 'What' is it?", preset="local", tier="free", user="me", domain="code")
    [row] = data_of(cascadeflow(*shlex.split(command)[1:]))["rows"]
    assert (row["preset"], row["tier"], row["plan"]["domain"]) == ("local", "free", "code")


def test_a_setting_that_is_given_twice_holds_as_given_last() -> None:
    """Prices add up."""
    settings = read_settings(["mode=fast", "mode=strict", "price=a=1,2", "price=b=$3,4", "tier="])
    assert settings == ReplaySettings(mode="strict", tier="", prices={"a": (1, 2), "b": (3, 4)})
    with pytest.raises(ConfigError):
        read_settings(["price=a=1,2,3"])
