"""The file in use is watched: a change of it is told, and taken by one key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from console_support import text_of, until
from settings_support import go, opened, real_console, settings, told

from cascadeflow.presets import preset_configuration, save_own
from tui.engine import Engine, opener
from tui.watch import FileWatch

FILE = 'version = 1\n[[models]]\nname = "gpt-4o"\nprovider = "openai"\n[budget.user]\ndaily = 1.0\n'


def write(file: Path, text: str) -> None:
    """As an editor does: a new file in the place of the old one, with a time of its own."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    state = file.stat().st_mtime_ns if file.exists() else 0
    os.utime(fresh, ns=(state + 1_000_000, state + 1_000_000))
    fresh.replace(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file."""
    path = tmp_path / "mine.toml"
    write(path, FILE)
    return path


def test_a_change_is_news_once_and_only_if_it_says_something_else(file: Path) -> None:
    engine = Engine(opener(str(file), True), config=str(file))
    watch = FileWatch(engine)
    assert watch.news() == ""
    write(file, FILE + "# a remark\n")
    assert watch.news() == ""
    write(file, FILE.replace("1.0", "2.0"))
    assert "mine.toml was changed on disk" in watch.news()
    assert watch.news() == ""
    write(file, FILE.replace("1.0", "-2.0"))
    news = watch.news()
    assert "cannot be used" in news
    assert "mine.toml:6" in news
    file.unlink()
    assert watch.news() == ""
    write(file, FILE.replace("1.0", "3.0"))
    assert "changed on disk" in watch.news()
    engine.reload()
    assert engine.agent.cost_tracker.budget_limit == 3.0  # type: ignore[union-attr]
    engine.choose_preset("local")
    assert watch.news() == ""
    write(file, FILE)
    assert watch.news() == ""


async def test_a_change_is_told_and_ctrl_l_takes_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.watch.EVERY", 0.05)
    app = real_console(config=file)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.main.engine is not None)
        write(file, FILE.replace("1.0", "2.0"))
        await until(pilot, lambda: any("changed on disk. Ctrl+L" in message for message in told(app)))
        assert "of $1.00" in text_of(app, "budget")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "of $2.00" in text_of(app, "budget"))
        assert app.main.engine.preset == "mine.toml"  # type: ignore[union-attr]
        write(file, "version = = 1\n")
        await until(pilot, lambda: any("not TOML" in message for message in told(app)))
        await pilot.press("alt+l")
        assert app.main.engine.agent.cost_tracker.budget_limit == 2.0  # type: ignore[union-attr]
        await app.main.aclose()


async def test_the_settings_read_the_file_again_and_undo_brings_back_what_was_there(file: Path) -> None:
    async with settings(config=file) as (app, pilot, screen):
        await go(pilot, screen, "budget", "warn_threshold")
        await pilot.press("enter", *"0.5", "enter")
        write(file, FILE.replace("1.0", "2.0"))
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert screen.draft.value(("budget", "user", "daily")) == 2.0
        assert screen.draft.value(("budget", "warn_threshold")) == 0.8
        await pilot.press("u")
        assert screen.draft.value(("budget", "warn_threshold")) == 0.5
        await pilot.press("U", "f9")
        await pilot.pause()
        assert app.main.engine.preset == "mine.toml"  # type: ignore[union-attr]
        assert app.main.engine.agent.cost_tracker.budget_limit == 2.0  # type: ignore[union-attr]


async def test_without_a_file_ctrl_l_says_so() -> None:
    async with settings() as (app, pilot, _screen):
        await pilot.press("ctrl+l", "escape")
        await pilot.pause()
        await pilot.press("ctrl+l")
        assert {"No file is in use. F6 reads one.", "No configuration file is in use."} <= set(told(app))


async def test_a_preset_of_one_s_own_is_watched_too() -> None:
    path = save_own(preset_configuration("production_ready"), "careful")
    async with settings("careful") as (app, pilot, _screen):
        engine = app.main.engine
        assert engine is not None
        assert engine.file == path
        watch = FileWatch(engine)
        write(path, path.read_text() + "\n[quality]\nthreshold = 0.9\n")
        assert "careful.toml was changed" in watch.news()
        await pilot.press("escape", "ctrl+l")
        await pilot.pause()
        assert engine.agent.quality_validator.threshold == 0.9
        again = await opened(app, pilot)
        assert again.draft.value(("quality", "threshold")) == 0.9
