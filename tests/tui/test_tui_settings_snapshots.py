"""How the settings and the export look: their states as SVG, at both sizes and in themes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePath
from typing import Any

import pytest
from console_support import NARROW, WIDE, settle, until
from settings_support import go, opened, pick, real_console, type_value
from textual.pilot import Pilot

from cascadeflow.catalog import entries
from cascadeflow.catalog.models import CatalogEntry
from tui.app import ConsoleApp
from tui.screens.settings import SettingsScreen

Compare = Callable[..., bool]
Step = Callable[[Pilot[None], SettingsScreen], Awaitable[None]]

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


@pytest.fixture(autouse=True)
def the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local time, the folder, and a catalogue whose prices and retirements do not change with time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.chdir(PurePath("/"))
    monkeypatch.setattr("cascadeflow.catalog.models.day_number", lambda: 739_944)
    known = {"gpt-4o-mini", "gpt-4o", "gpt-4", "smollm2-135m-instruct"}
    kept: list[CatalogEntry] = [entry for entry in entries() if entry.name in known]
    monkeypatch.setattr("cascadeflow.catalog.entries", lambda: tuple(kept))


@pytest.fixture
def snapshot_of(snap_compare: Compare) -> Callable[..., bool]:
    """Compares the console with its settings open, after some steps."""

    def compare(preset: str, size: tuple[int, int], *steps: Step, config: Path | None = None) -> bool:
        app = real_console(None if config else preset, config)

        async def run(pilot: Pilot[Any]) -> None:
            await until(pilot, lambda: app.main.engine is not None)
            await settle(pilot)
            screen = await opened(app, pilot)
            for step in steps:
                await step(pilot, screen)
                await pilot.pause()
            await still(app, pilot)

        return snap_compare(app, terminal_size=size, run_before=run)

    return compare


async def still(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """Nothing blinks, and nothing is told in the corner."""
    from textual.widgets import Input, TextArea

    for widget in [*app.screen.query(Input), *app.screen.query(TextArea)]:
        widget.cursor_blink = False
    app.clear_notifications()
    await pilot.pause(0.3)


def at(*path: str | int) -> Step:
    async def step(pilot: Pilot[None], screen: SettingsScreen) -> None:
        await go(pilot, screen, *path)

    return step


def press(*keys: str) -> Step:
    async def step(pilot: Pilot[None], screen: SettingsScreen) -> None:
        await pilot.press(*keys)

    return step


def value(text: str) -> Step:
    async def step(pilot: Pilot[None], screen: SettingsScreen) -> None:
        await type_value(pilot, screen, text)

    return step


def picked(words: str) -> Step:
    async def step(pilot: Pilot[None], screen: SettingsScreen) -> None:
        await pick(pilot, words)

    return step


@SIZES
def test_as_it_opens(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of("cost_optimized_saas", size)


@SIZES
def test_changes_and_what_is_not_valid(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of(
        "cost_optimized_saas", size,
        at("budget", "warn_threshold"), value("too much"), at("budget", "user"), press("right"),
        at("budget", "user", "daily"), value("2.5"),
    )  # fmt: skip


@SIZES
def test_while_a_value_is_typed(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of("local", size, at("generation", "temperature"), press("enter", *"2.5"))


@SIZES
def test_models_with_one_added_and_one_removed(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of("local", size, at("models", 0), press("d", "a"), picked("gpt-4o-mini"))


@SIZES
def test_the_catalogue(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of("local", size, at("models", 0), press("a"), press(*"4o"))


@SIZES
def test_a_strategy_unfolded(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of(
        "local", size, at("strategies"), press("a"), picked("law"), at("strategies", "law", "steps", 1), press("right")
    )


def test_tiers(snapshot_of: Compare) -> None:
    assert snapshot_of("cost_optimized_saas", NARROW, at("tiers", "pro"), press("right"))


@SIZES
def test_the_export_with_the_difference(snapshot_of: Compare, size: tuple[int, int]) -> None:
    assert snapshot_of("local", size, at("quality", "mode"), press("space", "ctrl+o"))


def test_the_export_as_python(snapshot_of: Compare) -> None:
    assert snapshot_of("local", NARROW, at("quality", "mode"), press("space", "ctrl+o", "f2"))


def test_saving(snapshot_of: Compare) -> None:
    assert snapshot_of("local", NARROW, press("ctrl+s"), press(*"local"))


def test_an_import_with_an_error(snapshot_of: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text('version = 1\n[[models]]\nname = "a"\nprovider = "openai"\nquality_scor = 1\n')
    assert snapshot_of("local", NARROW, press("f6"), press(*"bad.toml", "enter"))


def test_leaving_with_changes(snapshot_of: Compare) -> None:
    assert snapshot_of("local", NARROW, at("quality", "mode"), press("space", "escape"))


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_in_another_theme(snapshot_of: Compare, theme: str) -> None:
    async def chosen(pilot: Pilot[None], screen: SettingsScreen) -> None:
        pilot.app.theme = theme
        await pilot.pause()

    assert snapshot_of("local", NARROW, at("quality", "threshold"), value("high"), chosen)
