"""What the tests of the settings share: a console over a real preset or file, with its settings open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from console_support import WIDE, settle, until
from textual.pilot import Pilot

from cascadeflow import CascadeAgent
from cascadeflow.testing import ScriptedClient
from cascadeflow.workspace import open_agent, with_preset
from tui.app import ConsoleApp, Settings
from tui.screens.settings import SettingsScreen
from tui.settings.editor import FieldEditor
from tui.settings.outline import Outline

ANSWERS = {name: ["391"] for name in ("claude-3-5-haiku", "gpt-4o-mini", "gpt-4o", "gpt-5.4-mini")}


def real_console(preset: str | None = None, config: Path | None = None, **options: Any) -> ConsoleApp:
    """The console as it opens for a user with keys, but for its client."""
    client = ScriptedClient(dict(ANSWERS))

    def open_one(name: str | None, current: CascadeAgent | None) -> CascadeAgent:
        if current is None:
            return open_agent(name, config=config, client=client, rehearse=False)
        return with_preset(current, name or "", rehearse=False)

    chosen = Settings(preset=preset, config=str(config) if config else None, rehearse=False, **options)
    return ConsoleApp(chosen, agent_factory=open_one, pull_command=("false",))


@asynccontextmanager
async def settings(
    preset: str | None = None, *, config: Path | None = None, size: tuple[int, int] = WIDE, **options: Any
) -> AsyncIterator[tuple[ConsoleApp, Pilot[None], SettingsScreen]]:
    """The console with its settings open."""
    app = real_console(preset, config, **options)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.main.engine is not None)
        await settle(pilot)
        yield app, pilot, await opened(app, pilot)
        await app.main.aclose()


async def opened(app: ConsoleApp, pilot: Pilot[None]) -> SettingsScreen:
    """Open the settings."""
    await pilot.press("f4")
    await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
    screen = app.screen
    assert isinstance(screen, SettingsScreen)
    await pilot.pause()
    return screen


async def go(pilot: Pilot[None], screen: SettingsScreen, *path: str | int) -> None:
    """Put the cursor on a field."""
    screen.show(tuple(path))
    screen.set_focus(screen.query_one(Outline))
    await pilot.pause()
    row = screen.query_one(Outline).row
    assert row is not None
    assert row.path == path


async def type_value(pilot: Pilot[None], screen: SettingsScreen, text: str) -> None:
    """Change the field under the cursor by typing."""
    await pilot.press("enter")
    await pilot.pause()
    assert screen.query_one(FieldEditor).has_focus
    screen.query_one(FieldEditor).text = text
    await pilot.press("enter")
    await pilot.pause()


async def pick(pilot: Pilot[None], words: str) -> None:
    """Find something in the list that is open, and take it."""
    from textual.widgets import Input

    await pilot.pause()
    pilot.app.screen.query_one(Input).value = words
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()


def fields(screen: SettingsScreen) -> str:
    """What the fields show."""
    return screen.query_one(Outline).text


def shown(screen: Any, name: str) -> str:
    """What a pane of a screen shows."""
    return str(getattr(screen.query_one(f"#{name}"), "text"))  # noqa: B009  # panes share the name, not a class


def told(app: ConsoleApp) -> list[str]:
    """What was said in the corner."""
    return [notification.message for notification in app._notifications]
