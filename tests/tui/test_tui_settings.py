"""The settings screen, key by key: what it shows of the schema, how a field is changed, and when it acts."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_support import NARROW, WIDE, ask, text_of, turns
from settings_support import fields, go, opened, pick, settings, shown, told, type_value
from textual import events

from cascadeflow.presets import preset_configuration
from tui.screens.help import HelpScreen
from tui.screens.settings import SettingsScreen
from tui.settings.editor import FieldEditor
from tui.settings.outline import Outline, Sections
from tui.settings.picker import Picker
from tui.settings.prompt import Prompt
from tui.settings.rows import section_names


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_every_section_and_field_of_the_schema_is_there(size: tuple[int, int]) -> None:
    async with settings("cost_optimized_saas", size=size) as (_app, pilot, screen):
        names = section_names(screen.draft.shape)
        for name in names:
            assert f"{name}" in shown(screen, "sections")
            assert screen.query_one(Outline).border_title == name
            for key, shape in (
                screen.draft.shape.fields[name].fields.items() if name in screen.draft.shape.fields else ()
            ):
                assert key in fields(screen)
                assert shape.description
            await pilot.press("down")
            await pilot.pause()
        assert "0 changes · in use" in shown(screen, "header")


async def test_f4_and_alt_4_open_and_close_it() -> None:
    async with settings() as (app, pilot, _screen):
        for close, again in (("escape", "alt+4"), ("f4", "f4"), ("alt+4", "f4")):
            await pilot.press(close)
            await pilot.pause()
            assert app.screen is app.main
            await pilot.press(again)
            await pilot.pause()
            assert isinstance(app.screen, SettingsScreen)


async def test_a_number_out_of_range_stays_marked_with_what_is_allowed_until_it_is_mended() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "budget", "warn_threshold")
        await pilot.press("enter", *"1.5")
        await pilot.pause()
        assert "Not valid yet: “1.5” is not allowed: a number above 0 up to 1" in " ".join(
            shown(screen, "about").split()
        )
        await pilot.press("enter")
        await pilot.pause()
        assert "1.5" in fields(screen)
        assert "not valid: “1.5” is not allowed" in fields(screen)
        assert "budget 1 not valid" in shown(screen, "sections")
        before = app.main.engine.agent  # type: ignore[union-attr]
        await pilot.press("home", "f9")
        await pilot.pause()
        assert app.main.engine.agent is before  # type: ignore[union-attr]
        assert any("1 field not valid" in message for message in told(app))
        assert screen.query_one(Outline).row.path == ("budget", "warn_threshold")  # type: ignore[union-attr]
        await type_value(pilot, screen, "0.5")
        assert not screen.draft.problems
        await pilot.press("f9")
        await pilot.pause()
        assert app.main.engine.agent.cost_tracker.warn_threshold == 0.5  # type: ignore[union-attr]


async def test_words_where_a_number_belongs_are_not_lost() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "generation", "max_tokens")
        await type_value(pilot, screen, "many")
        assert "many" in fields(screen)
        assert "a whole number of at least 1" in fields(screen)
        await pilot.press("enter")
        await pilot.pause()
        assert screen.query_one(FieldEditor).text == "many"
        await pilot.press("escape")
        assert "many" in fields(screen)


async def test_esc_leaves_a_field_as_it_was_and_an_empty_optional_one_is_nothing() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "generation", "temperature")
        await pilot.press("enter", "1", "escape")
        await pilot.pause()
        assert screen.draft.value(("generation", "temperature")) is None
        await type_value(pilot, screen, "1")
        assert screen.draft.value(("generation", "temperature")) == 1.0
        await type_value(pilot, screen, "")
        assert screen.draft.value(("generation", "temperature")) is None


async def test_a_system_message_may_have_several_lines() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "generation", "system")
        await pilot.press("enter", *"Be brief.", "ctrl+j", *"No lists.", "enter")
        await pilot.pause()
        await pilot.press("f9")
        await pilot.pause()
        assert app.main.engine.agent.system == "Be brief.\nNo lists."  # type: ignore[union-attr]


async def test_letters_typed_in_one_breath_after_enter_reach_the_editor() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "calls", "total_timeout")
        outline = screen.query_one(Outline)
        for key in ("enter", "4", "2"):
            event = events.Key(key, key if len(key) == 1 else "\r")
            event._set_forwarded()  # as the app hands keys to what has the focus when they come
            outline.post_message(event)
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert screen.draft.value(("calls", "total_timeout")) == 42.0


async def test_switches_and_choices_change_by_space_and_by_list() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "quality", "hedging")
        await pilot.press("space")
        assert "hedging" in fields(screen)
        assert screen.draft.value(("quality", "hedging")) is False
        await pilot.press("enter")
        assert screen.draft.value(("quality", "hedging")) is True
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space")
        assert screen.draft.value(("quality", "mode")) == "strict"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Picker)
        assert "strict (as it is now)" in shown(pilot.app.screen, "found")
        await pilot.press("home", "enter")
        await pilot.pause()
        assert screen.draft.value(("quality", "mode")) == "fast"


async def test_a_change_is_told_by_word_and_can_be_put_back_undone_and_made_again() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space")
        await pilot.pause()
        assert "strict" in fields(screen)
        assert "changed" in fields(screen)
        assert "In production_ready: balanced. R puts that back." in " ".join(shown(screen, "about").split())
        assert "quality 1 change" in shown(screen, "sections")
        assert "1 change · not applied yet (F9)" in shown(screen, "header")
        await pilot.press("r")
        assert "changed" not in fields(screen)
        await pilot.press("u")
        assert screen.draft.value(("quality", "mode")) == "strict"
        await pilot.press("ctrl+z")
        assert screen.draft.value(("quality", "mode")) == "balanced"
        await pilot.press("alt+z")
        assert "There is nothing more." in told(pilot.app)  # type: ignore[arg-type]
        await pilot.press("U")
        assert screen.draft.value(("quality", "mode")) == "strict"
        await pilot.press("ctrl+y")
        assert screen.draft.value(("quality", "mode")) == "balanced"


async def test_undo_goes_to_where_the_change_was() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space")
        await go(pilot, screen, "calls", "max_retries")
        await pilot.press("u")
        await pilot.pause()
        assert screen.query_one(Outline).border_title == "quality"
        assert screen.query_one(Outline).row.path == ("quality", "mode")  # type: ignore[union-attr]


async def test_a_model_is_found_in_the_catalogue_with_its_price_added_moved_and_removed() -> None:
    async with settings() as (_app, pilot, screen):
        await pilot.press("down", "right")
        await pilot.pause()
        assert "1 claude-3-5-haiku" in fields(screen)
        assert "$0.15 / $0.60" in fields(screen)
        await pilot.press("a")
        await pilot.pause()
        assert "prices" not in fields(screen)
        assert "per 1M tokens" in shown(pilot.app.screen, "count")
        await pick(pilot, "54mini")
        added = screen.draft.data["models"][1]
        assert (added["name"], added["provider"]) == ("gpt-5.4-mini", "openai")
        assert "2 gpt-5.4-mini" in fields(screen)
        assert "new" in fields(screen)
        await pilot.press("K")
        assert [model["name"] for model in screen.draft.data["models"]][:2] == ["gpt-5.4-mini", "claude-3-5-haiku"]
        await pilot.press("ctrl+down", "J")
        assert screen.draft.data["models"][2]["name"] == "gpt-5.4-mini"
        assert screen.query_one(Outline).row.path == ("models", 2)  # type: ignore[union-attr]
        assert screen.query_one(Outline).row.unfolded  # type: ignore[union-attr]
        await pilot.press("d")
        assert "gpt-5.4-mini" not in fields(screen)
        await go(pilot, screen, "models", 0)
        await pilot.press("delete")
        assert "without claude-3-5-haiku" in fields(screen)
        await pilot.press("ctrl+up")
        assert not screen.draft.problems


async def test_the_order_of_models_is_a_change_of_its_own() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "models", 0)
        await pilot.press("J")
        assert "order changed" in fields(screen)
        await pilot.press("K")
        assert not screen.draft.differences


async def test_another_model_brings_its_provider_along() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "models", 0, "name")
        await pilot.press("enter")
        await pick(pilot, "llama-3.1-8b-instant")
        model = screen.draft.data["models"][0]
        assert (model["name"], model["provider"]) == ("llama-3.1-8b-instant", "groq")


async def test_a_model_that_nobody_knows_can_be_typed_and_its_provider_is_checked() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "models", 0)
        await pilot.press("a")
        await pick(pilot, "my-very-own-model")
        await go(pilot, screen, "models", 1, "provider")
        await pilot.press("enter")
        await pick(pilot, "azure")
        assert "azure" in fields(screen)
        assert "it serves OpenAI's models in an enterprise wrapper" in " ".join(fields(screen).split())


async def test_a_strategy_is_built_step_by_step_and_used() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "models", 0)
        for _ in range(4):
            await pilot.press("left")
        assert screen.query_one(Sections).has_focus
        await pilot.press(*["down"] * 5, "right", "a")
        await pick(pilot, "law")
        assert screen.draft.value(("routing", "multi_step")) is True
        assert screen.draft.data["strategies"]["law"]["steps"][0]["model"] == "claude-3-5-haiku"
        await go(pilot, screen, "strategies", "law", "steps", 0, "validation")
        await pilot.press("enter")
        await pick(pilot, "citat")
        await go(pilot, screen, "strategies", "law", "steps", 1, "run")
        await pilot.press("space")
        await go(pilot, screen, "strategies", "law", "steps", 1, "role")
        await pilot.press("space", "a")
        await pick(pilot, "gpt-5.4-mini")
        assert screen.query_one(Outline).row.path == ("strategies", "law", "steps", 2)  # type: ignore[union-attr]
        await pilot.press("K")
        await pilot.press("f9")
        await pilot.pause()
        steps = app.main.engine.agent.domain_strategies["law"].steps  # type: ignore[union-attr]
        assert [(step.model, step.validation, step.role, step.run) for step in steps] == [
            ("claude-3-5-haiku", "citation_validator", "answer", "if_needed"),
            ("gpt-5.4-mini", None, "answer", "if_needed"),
            ("gpt-4o", None, "verify", "always"),
        ]


async def test_too_few_steps_and_unknown_validators_are_told_at_the_field() -> None:
    async with settings("code_specialist") as (_app, pilot, screen):
        await go(pilot, screen, "strategies", "code", "steps", 1)
        await pilot.press("d")
        assert "1 are not allowed: a list of 2 to 5" in " ".join(fields(screen).split())
        await pilot.press("u")
        await go(pilot, screen, "strategies", "code", "steps", 0, "validation")
        await pilot.press("enter")
        await pick(pilot, "no_such_validator")
        assert "there is no validator 'no_such_validator'" in " ".join(fields(screen).split())


async def test_tiers_and_budgets_are_built_and_used() -> None:
    async with settings() as (app, pilot, screen):
        screen.show(("tiers",))
        screen.set_focus(screen.query_one(Outline))
        await pilot.press("a")
        await pick(pilot, "gold")
        assert screen.draft.value(("tiers", "gold", "allowed_models")) == ["claude-3-5-haiku", "gpt-4o-mini", "gpt-4o"]
        await go(pilot, screen, "tiers", "gold", "allowed_models")
        await pilot.press("right", "down", "d")
        assert screen.draft.value(("tiers", "gold", "allowed_models")) == ["gpt-4o-mini", "gpt-4o"]
        await go(pilot, screen, "tiers", "gold", "budget")
        await pilot.press("enter")
        await go(pilot, screen, "tiers", "gold", "budget", "daily")
        await type_value(pilot, screen, "2.5")
        await go(pilot, screen, "budget", "users")
        await pilot.press("right", "down", "enter")
        await pick(pilot, "ann")
        await go(pilot, screen, "budget", "users", "ann", "monthly")
        await type_value(pilot, screen, "50")
        await pilot.press("f9")
        await pilot.pause()
        engine = app.main.engine
        assert engine is not None
        assert ("gold", "$2.5/day") in engine.tiers
        assert engine.agent.cost_tracker.user_budgets["ann"].monthly == 50  # type: ignore[union-attr]
        await pilot.press("escape")
        await pilot.pause()
        assert "gold $2.5/day" in text_of(app, "tiers")


async def test_removing_says_what_cannot_be_left_out() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("d")
        assert any("cannot be left out" in message for message in told(app))
        await go(pilot, screen, "budget", "user")
        await pilot.press("d")
        assert screen.draft.value(("budget", "user")) is None
        await pilot.press("r")
        assert screen.draft.value(("budget", "user", "daily")) == 10.0
        await go(pilot, screen, "calls", "max_retries")
        await pilot.press("a")
        assert any("Nothing can be added here" in message for message in told(app))


async def test_folding_by_arrows_and_enter() -> None:
    async with settings() as (_app, pilot, screen):
        await go(pilot, screen, "models", 0)
        await pilot.press("right")
        assert "quality_score" in fields(screen)
        await pilot.press("down", "down", "left")
        assert screen.query_one(Outline).row.path == ("models", 0)  # type: ignore[union-attr]
        await pilot.press("left")
        assert "quality_score" not in fields(screen)
        await pilot.press("enter")
        assert "quality_score" in fields(screen)
        await pilot.press("end")
        assert screen.query_one(Outline).row.kind == "add"  # type: ignore[union-attr]
        await pilot.press("pageup", "home")
        assert screen.query_one(Outline).row.path == ("models", 0)  # type: ignore[union-attr]


async def test_what_is_applied_answers_the_next_question_and_is_listed() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "generation", "system")
        await type_value(pilot, screen, "Be brief.")
        await pilot.press("alt+a")
        await pilot.pause()
        assert "in use" in shown(screen, "header")
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.main
        assert "> production_ready, changed" in text_of(app, "presets")
        await ask(pilot)
        call = app.main.engine.agent.client.calls[-1]  # type: ignore[union-attr]
        assert call.messages[0] == {"role": "system", "content": "Be brief."}
        assert turns(app)[-1].status == "finished"
        await pilot.press("f5", "home", "down", "enter")
        await pilot.pause()
        assert app.main.engine.preset == "production_ready"  # type: ignore[union-attr]
        await pilot.press("home", "enter")
        assert app.main.engine.agent.system == "Be brief."  # type: ignore[union-attr]


async def test_what_is_typed_is_taken_when_it_is_applied() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "routing", "max_steps")
        await pilot.press("enter", "2", "f9")
        await pilot.pause()
        assert app.main.engine.agent.max_steps == 2  # type: ignore[union-attr]


async def test_applying_the_preset_s_own_values_is_the_preset() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space", "f9")
        await pilot.pause()
        assert app.main.engine.preset == "production_ready, changed"  # type: ignore[union-attr]
        await pilot.press("r", "f9")
        await pilot.pause()
        assert app.main.engine.preset == "production_ready"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("keys", "applied", "open_still"),
    [(["home"], True, False), (["home", "down"], False, True), (["end"], False, False)],
)
async def test_leaving_with_changes_asks_first(keys: list[str], applied: bool, open_still: bool) -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space", "escape")
        await pilot.pause()
        assert isinstance(app.screen, Picker)
        await pilot.press(*keys, "enter")
        await pilot.pause()
        assert (app.screen is screen) == open_still
        assert (app.main.engine.agent.quality_validator.mode == "strict") == applied  # type: ignore[union-attr]


async def test_saved_as_a_preset_of_one_s_own_it_is_listed_and_loads_the_same(own_home: Path) -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("space", "ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, Prompt)
        for wrong, why in (("local", "built in"), ("../x", "cannot name a preset")):
            app.screen.query_one("#line").value = wrong  # type: ignore[attr-defined]
            await pilot.pause()
            assert why in shown(app.screen, "reply")
            await pilot.press("enter")
            assert isinstance(app.screen, Prompt)
        app.screen.query_one("#line").value = "careful"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is screen
        assert app.main.engine.preset == "careful"  # type: ignore[union-attr]
        assert "Settings careful" in shown(screen, "header")
        assert "1 change to production_ready · in use" in shown(screen, "header")
        saved = preset_configuration("careful")
        assert (own_home / "presets" / "careful.toml").exists()
        assert (saved.quality.mode, saved.based_on) == ("strict", "production_ready")
        await pilot.press("escape")
        await pilot.pause()
        assert "> careful (own)" in text_of(app, "presets")
        again = await opened(app, pilot)
        assert "1 change to production_ready · in use" in shown(again, "header")
        await pilot.press("alt+s")
        await pilot.pause()
        assert "replaces" in shown(app.screen, "reply")


async def test_an_import_shows_the_line_that_is_wrong_and_can_be_undone(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('version = 1\n[[models]]\nname = "a"\nprovider = "openai"\ncost = -1\n')
    good = tmp_path / "good.toml"
    good.write_text('version = 1\nname = "mine"\n[[models]]\nname = "gpt-4o"\nprovider = "openai"\n')
    async with settings() as (app, pilot, screen):
        await pilot.press("f6")
        await pilot.pause()
        line = app.screen.query_one("#line")
        line.value = str(tmp_path / "none.toml")  # type: ignore[attr-defined]
        await pilot.pause()
        assert "no such file" in shown(app.screen, "reply")
        line.value = str(bad)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
        reply = shown(app.screen, "reply")
        assert "models[1].cost" in reply
        assert "greater than or equal to 0" in " ".join(reply.split())
        assert ">    5  cost = -1" in reply
        line.value = str(good)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
        assert [model["name"] for model in screen.draft.data["models"]] == ["gpt-4o"]
        assert screen.draft.value(("history", "mode")) == "full"
        await pilot.press("u")
        assert len(screen.draft.data["models"]) == 3
        await pilot.press("U", "f9")
        await pilot.pause()
        assert [model.name for model in app.main.engine.agent.models] == ["gpt-4o"]  # type: ignore[union-attr]


async def test_help_tells_every_key_of_the_fields() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "quality", "mode")
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        words = shown(app.screen, "help")
        for part in ("Puts back what the preset has there", "F9, Alt+A", "Ctrl+S, Alt+S", "F6, Alt+I", "Adds a model"):
            assert part in words


async def test_names_full_of_markup_and_control_characters_are_only_text(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(
        'version = 1\nname = "[bold]x[/]\\u001b[31m"\n[[models]]\nname = "[red]m\\u202e"\nprovider = "openai"\n'
        '[tiers."[link=x]"]\nallowed_models = ["[red]m\\u202e"]\n[budget.users."\\u001b]0;x"]\ndaily = 1.0\n'
    )
    async with settings(config=file) as (app, pilot, screen):
        for _ in section_names(screen.draft.shape):
            await pilot.press("right", "right", "left", "left", "down")
            await pilot.pause()
        await go(pilot, screen, "models", 0, "name")
        assert "[red]m⟨U+202E⟩" in fields(screen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Picker)
        await pilot.press("escape", "ctrl+o")
        await pilot.pause()
        assert "\x1b" not in shown(app.screen, "preview")
        await pilot.press("escape")
        await pilot.pause()
        for notification in app._notifications:
            assert "\x1b" not in notification.message


def test_every_binding_of_the_settings_has_an_id_and_a_tooltip() -> None:
    from textual.binding import Binding

    from tui.screens.export import ExportScreen
    from tui.widgets.cursor_list import CursorList

    seen = set()
    for owner in (SettingsScreen, Outline, Sections, CursorList, FieldEditor, Picker, Prompt, ExportScreen):
        for binding in vars(owner)["BINDINGS"]:
            assert isinstance(binding, Binding)
            assert binding.id not in seen
            seen.add(binding.id)
            assert binding.tooltip, binding
            keys = binding.key.split(",")
            if any(key.startswith("f") and key[1:].isdigit() for key in keys):
                assert len(keys) > 1, binding


@pytest.mark.parametrize("size", [(60, 16), (250, 60)], ids=str)
async def test_it_works_in_small_and_in_large_terminals(size: tuple[int, int]) -> None:
    async with settings(size=size) as (_app, pilot, screen):
        await go(pilot, screen, "quality", "threshold")
        await pilot.press("enter", *"0.9")
        await pilot.pause()
        assert screen.query_one(FieldEditor).size.height >= 1
        assert screen.query_one(Outline).size.height >= 1
        await pilot.press("enter")
        assert screen.draft.value(("quality", "threshold")) == 0.9


async def test_budgets_switched_off_and_on_again_are_counted_where_they_were() -> None:
    async with settings("enterprise_grade") as (app, pilot, screen):
        ledger = app.main.engine.agent.cost_tracker.store.path  # type: ignore[union-attr]
        await go(pilot, screen, "budget", "tracking")
        await pilot.press("space", "f9")
        await pilot.pause()
        assert app.main.engine.agent.cost_tracker is None  # type: ignore[union-attr]
        await pilot.press("escape")
        await pilot.pause()
        again = await opened(app, pilot)
        assert [one.path for one in again.draft.differences] == [("budget", "tracking")]
        await go(pilot, again, "budget", "tracking")
        await pilot.press("space", "f9")
        await pilot.pause()
        assert app.main.engine.agent.cost_tracker.store.path == ledger  # type: ignore[union-attr]
        await go(pilot, again, "ledger", "kind")
        await pilot.press("space", "space", "f9")
        await pilot.pause()
        assert type(app.main.engine.agent.cost_tracker.store).__name__ == "MemoryLedger"  # type: ignore[union-attr]


async def test_a_history_switched_off_stays_off_under_every_preset() -> None:
    async with settings() as (app, pilot, screen):
        await go(pilot, screen, "history", "mode")
        await pilot.press("space", "space", "f9")
        await pilot.pause()
        assert screen.draft.value(("history", "mode")) == "off"
        engine = app.main.engine
        assert engine is not None
        assert engine.agent.archive is None
        engine.choose_preset("local")
        assert engine.agent.archive is None
