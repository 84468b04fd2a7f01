"""Export: TOML and Python, compared with the preset, into a file or onto the clipboard; what comes out plans the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from console_support import NARROW, until
from settings_support import go, settings, shown

from cascadeflow import CascadeAgent
from cascadeflow.config import load
from cascadeflow.testing import ScriptedClient
from tui.screens.export import ExportScreen, compared

QUESTIONS = ("What is 17 * 23?", "Write a Python function that sorts a list.", "Is ibuprofen safe with warfarin?")


def agent_of(source: str) -> CascadeAgent:
    """The agent that an exported module builds."""
    names: dict[str, Any] = {}
    exec(compile(source, "exported.py", "exec"), names)
    agent = names["agent"]
    assert isinstance(agent, CascadeAgent)
    return agent


@pytest.mark.parametrize("preset", ["production_ready", "medical_ai", "enterprise_grade"])
async def test_what_is_exported_from_the_settings_loads_and_plans_the_same(preset: str, tmp_path: Path) -> None:
    async with settings(preset) as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space")
        await go(pilot, screen, "models", 0)
        await pilot.press("d", "f9")
        await pilot.pause()
        engine = app.main.engine
        assert engine is not None
        for name, keys in (("mine.toml", []), ("mine.py", ["f2"])):
            await pilot.press("ctrl+o")
            await until(pilot, lambda: isinstance(app.screen, ExportScreen))
            await pilot.press(*keys)
            app.screen.query_one("#path").value = str(tmp_path / name)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda: app.screen is screen)
        toml = CascadeAgent.from_toml(tmp_path / "mine.toml", client=ScriptedClient({}))
        module = agent_of((tmp_path / "mine.py").read_text())
        module._client = ScriptedClient({})
        for question in QUESTIONS:
            for tier in (None, "free", "pro"):
                plan = engine.agent.plan(question, user_tier=tier)
                assert toml.plan(question, user_tier=tier) == plan
                assert module.plan(question, user_tier=tier) == plan
        assert load(tmp_path / "mine.toml").based_on == preset


async def test_the_draft_is_exported_even_where_it_is_not_applied(tmp_path: Path) -> None:
    async with settings(size=NARROW) as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space", "alt+o")
        await pilot.pause()
        preview = shown(app.screen, "preview")
        assert '+ mode = "strict"' in preview
        assert app.screen.query_one("#preview").scroll_offset.y > 0, "the first difference is in sight"
        assert "production_ready" in str(app.screen.query_one("#export").border_title)
        app.screen.query_one("#path").value = str(tmp_path / "x.toml")  # type: ignore[attr-defined]
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert load(tmp_path / "x.toml").quality.mode == "strict"
        assert app.main.engine.agent.quality_validator.mode == "balanced"  # type: ignore[union-attr]


async def test_a_draft_that_is_not_valid_is_not_exported() -> None:
    async with settings() as (app, pilot, screen):
        screen.draft.set(("calls", "max_retries"), "many")
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert app.screen is screen


async def test_form_and_difference_are_switched_by_key() -> None:
    async with settings(size=NARROW) as (app, pilot, screen):
        screen.draft.set(("quality", "mode"), "strict")
        await pilot.press("ctrl+o")
        await pilot.pause()
        export = app.screen
        toml = shown(export, "preview")
        assert "  version = 1" in toml
        await pilot.press("f3")
        assert shown(export, "preview").startswith("version = 1\n")
        assert "+ mode" not in shown(export, "preview")
        await pilot.press("f2")
        assert "agent = CascadeAgent(" in shown(export, "preview")
        assert export.query_one("#path").value == "production_ready.py"  # type: ignore[attr-defined]
        await pilot.press("alt+d")
        assert '+     quality_validator=QualityValidator(mode="strict"),' in shown(export, "preview")
        assert '-     quality_validator=QualityValidator(mode="balanced"),' in shown(export, "preview")
        place = export.query_one("#preview").scroll_offset.y
        assert place > 0, "the first difference is in sight"
        await pilot.press("pageup")
        await pilot.pause()
        assert export.query_one("#preview").scroll_offset.y < place
        await pilot.press("pagedown")
        await pilot.pause()
        assert export.query_one("#preview").scroll_offset.y == place
        await pilot.press("alt+f")
        assert export.query_one("#path").value == "production_ready.toml"  # type: ignore[attr-defined]
        await pilot.press("escape")
        assert app.screen is screen


async def test_a_python_file_that_is_there_is_kept_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "agent.py"
    target.write_text("mine = 1\n")
    async with settings() as (app, pilot, _screen):
        await pilot.press("ctrl+o", "f2")
        await pilot.pause()
        app.screen.query_one("#path").value = str(target)  # type: ignore[attr-defined]
        await pilot.pause()
        assert "stays beside it as .bak" in " ".join(shown(app.screen, "told").split())
        await pilot.press("enter")
        await pilot.pause()
    assert "CascadeAgent(" in target.read_text()
    assert (tmp_path / "agent.py.bak").read_text() == "mine = 1\n"


async def test_a_configuration_file_in_use_is_suggested_and_keeps_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('# my words\nversion = 1\nbased_on = "local"\n[[models]]\nname = "gpt-4o"\nprovider = "openai"\n')
    async with settings(config=file) as (app, pilot, screen):
        await go(pilot, screen, "calls", "max_retries")
        await pilot.press("enter", "5", "enter", "ctrl+o")
        await pilot.pause()
        assert app.screen.query_one("#path").value == str(file)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
    assert "# my words" in file.read_text()
    assert (load(file).calls.max_retries, load(file).based_on) == (5, "local")


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a display."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "TERMUX_VERSION"):
        monkeypatch.delenv(name, raising=False)


async def test_without_a_tool_the_terminal_is_asked_and_a_file_written(no_tools: None, own_home: Path) -> None:
    async with settings() as (app, pilot, _screen):
        await pilot.press("ctrl+o", "f5")
        await until(pilot, lambda: "OSC 52" in shown(app.screen, "told"))
        copied = own_home / "copied" / "production_ready.toml"
        assert str(copied) in shown(app.screen, "told").replace("\n", "")
        assert load(copied).name == "production_ready"
        assert copied.stat().st_mode & 0o077 == 0
        assert app.clipboard == copied.read_text()


def fake_tool(folder: Path, script: str) -> None:
    tool = folder / "xclip"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


async def test_a_clipboard_tool_is_used_and_named(
    no_tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tool(tmp_path, f'cat > "{tmp_path}/clip"')
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    async with settings() as (app, pilot, _screen):
        await pilot.press("ctrl+o", "alt+c")
        await until(pilot, lambda: "Copied by xclip." in shown(app.screen, "told"))
    assert load(tmp_path / "clip").name == "production_ready"


async def test_a_tool_that_fails_is_not_believed(
    no_tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tool(tmp_path, "cat > /dev/null; exit 1")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    async with settings() as (app, pilot, _screen):
        await pilot.press("ctrl+o", "f5")
        await until(pilot, lambda: "OSC 52" in shown(app.screen, "told"))


def test_compared_marks_every_line_that_only_one_has() -> None:
    lines = ["".join(text for text, _ in line) for line in compared("a\nb\nc\n", "a\nx\nc\nd\n")]
    assert lines == ["  a", "- b", "+ x", "  c", "+ d"]
