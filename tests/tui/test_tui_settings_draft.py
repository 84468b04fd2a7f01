"""The draft behind the settings: shapes from the schema, differences to the preset, problems, undo; and what is offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cascadeflow import PRESETS
from cascadeflow.catalog import entries, resolve
from cascadeflow.config import dumps, loads
from cascadeflow.presets import preset_configuration
from cascadeflow.quality.validators import validator_names
from cascadeflow.workspace import with_defaults
from tui.own import preset_or_none
from tui.settings.difference import MISSING
from tui.settings.draft import Draft
from tui.settings.picker import found
from tui.settings.picks import Offer, Pick, catalogue, new_item, offer_for, offer_for_new
from tui.settings.rows import rows_of, section_names
from tui.settings.shape import Path, Shape, configuration_shape
from tui.settings.summaries import parsed, typed


def draft_of(preset: str = "production_ready") -> Draft:
    configuration = preset_or_none(preset)
    assert configuration is not None
    return Draft(configuration, preset_or_none)


def leaves(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Every single field; one item stands for all of a list or map."""
    if shape.is_value:
        yield path, shape
    for key, one in shape.fields.items():
        yield from leaves(one, (*path, key))
    if shape.item is not None:
        yield from leaves(shape.item, (*path, 0 if shape.kind == "list" else "x"))


def test_every_field_says_what_it_is_for_and_what_is_allowed() -> None:
    all_leaves = list(leaves(configuration_shape()))
    assert len(all_leaves) > 60
    for path, shape in all_leaves:
        assert shape.allowed
        if not isinstance(path[-1], int):
            assert shape.description, path


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_does_not_differ_from_itself_and_comes_back_whole(name: str) -> None:
    draft = draft_of(name)
    assert (draft.base_name, draft.differences, draft.problems) == (name, [], {})
    assert draft.configuration() == preset_or_none(name)
    assert not draft.unapplied
    assert loads(dumps(draft.configuration())) == draft.configuration()


@pytest.mark.parametrize("name", PRESETS)
def test_every_field_has_a_row_and_can_be_put_back(name: str) -> None:
    """Unfolded, every value of the configuration is on the screen; changed, its row says so; reset, it does not."""
    draft = draft_of(name)
    everywhere = _Everywhere()
    rows = [row for section in section_names(draft.shape) for row in rows_of(draft, section, everywhere)]
    values = [row.path for row in rows if draft.shape.at(row.path).is_value and row.kind != "add"]
    assert len(values) == len(set(values))
    for path in values:
        if path[0] in ("name", "based_on") or path[-1] == "name" or draft.shape.at(path[:-1]).kind == "list":
            continue
        before = draft.value(path)
        draft.set(path, "something else")
        assert [one.path for one in draft.differences] == [path]
        assert draft.base_value(path) == before
        assert draft.reset(path)
        assert draft.value(path) == before
        assert not draft.differences


class _Everywhere(set[Path]):
    """Every path is in it."""

    def __contains__(self, path: object) -> bool:
        return True


def test_what_is_typed_is_read_back_and_what_means_nothing_stays_as_it_is() -> None:
    shape = configuration_shape()
    for _, one in leaves(shape):
        if one.kind in ("integer", "number", "text") and one.default is not None:
            assert parsed(one, typed(one.default)) == one.default
    number = shape.at(("quality", "threshold"))
    assert (parsed(number, " 0.5 "), parsed(number, ""), parsed(number, "half")) == (0.5, None, "half")
    assert parsed(shape.at(("generation", "system")), " keep  spaces\n") == " keep  spaces\n"


@given(st.floats(0, 2) | st.integers(0, 10**9))
@hypothesis_settings(deadline=None)
def test_numbers_survive_being_typed(value: float) -> None:
    assert parsed(configuration_shape().at(("generation", "temperature")), typed(value)) == value


def test_differences_name_what_is_new_gone_and_moved() -> None:
    draft = draft_of()
    first = draft.data["models"][0]["name"]
    draft.move(("models", 0), 2)
    assert [(one.path, one.kind) for one in draft.differences] == [(("models",), "moved")]
    draft.remove(("models", 2))
    assert [one.word for one in draft.differences] == [f"without {first}"]
    draft.add(("models",), new_item(draft, ("models",), Pick("x", "x", also={"provider": "openai"})))
    assert {one.kind for one in draft.differences} == {"gone", "new"}
    assert draft.reset(("models",))
    assert not draft.differences


def test_a_model_is_compared_by_its_name_wherever_it_stands() -> None:
    draft = draft_of()
    draft.move(("models", 2), -2)
    draft.set(("models", 0, "quality_score"), 0.5)
    assert draft.base_value(("models", 0, "quality_score")) == 0.95
    draft.set(("models", 0, "name"), "renamed")
    assert draft.base_value(("models", 0, "quality_score")) is MISSING


def test_problems_are_at_the_field_in_words_of_what_is_allowed() -> None:
    draft = draft_of("cost_optimized_saas")
    cases: list[tuple[Path, Any, str]] = [
        (("models", 0, "cost"), -1, "“-1” is not allowed: a number of at least 0"),
        (("models", 0, "name"), "", "needed: text, not empty"),
        (("models", 0, "provider"), "azure", "Provider 'azure' not supported"),
        (("models", 1, "name"), "llama-3.1-8b-instant", "two models are called"),
        (("budget", "user", "timezone"), "Mars", "no time zone is called 'Mars'"),
        (("quality", "mode"), "careful", "one of fast, balanced, strict, cost-optimized"),
        (("calls", "max_retries"), "11", "a whole number from 0 to 10"),
    ]
    for path, value, words in cases:
        draft.set(path, value)
        assert words in draft.problems[path], path
        draft.undo()
        assert not draft.problems
    draft.set(("models", 0, "cost"), -1)
    with pytest.raises(ValidationError):
        draft.configuration()


def test_a_tier_of_one_s_own_needs_its_models() -> None:
    draft = draft_of()
    draft.add(("tiers",), draft.shape.at(("tiers",)).items.fresh(), key="mine")
    assert "allowed_models" in draft.problems[("tiers", "mine")]


def test_undo_and_redo_walk_through_every_state() -> None:
    draft = draft_of()
    states = [draft.data]
    for path, value in [(("quality", "mode"), "strict"), (("routing", "max_steps"), 2), (("name",), "x")]:
        draft.set(path, value)
        states.append(draft.data)
    for state in reversed(states[:-1]):
        assert draft.undo() is not None
        assert draft.data == state
    assert draft.undo() is None
    for state in states[1:]:
        step = draft.redo()
        assert step is not None
        assert draft.data == state
    draft.undo()
    draft.set(("name",), "y")
    assert draft.redo() is None


def test_another_preset_to_be_based_on_is_what_it_is_compared_with() -> None:
    draft = draft_of()
    draft.set(("based_on",), "local")
    assert draft.base_name == "local"
    assert any(one.path == ("models",) for one in draft.differences)
    draft.set(("based_on",), "nobody's")
    assert (draft.base_name, draft.differences) == ("", [])


# -- what is offered


def test_the_catalogue_offers_what_still_answers_with_its_price() -> None:
    picks = {pick.value: pick for pick in catalogue()}
    offered = {(pick.value, pick.also["provider"]) for pick in catalogue()}
    for entry in entries():
        still = resolve(entry.name, entry.provider).reason == ""
        assert ((entry.name, entry.provider) in offered) == still
    assert "$0.15 / $0.60" in picks["gpt-4o-mini"].note
    assert "no key" in picks["gpt-4o-mini"].note
    assert picks["smollm2-135m-instruct"].note == "free"


def test_the_search_finds_by_a_few_letters_and_takes_what_is_typed_last() -> None:
    offer = offer_for_new(draft_of(), ("models",))
    assert found(offer, "sonnet-5")[0].value == "claude-sonnet-5"
    assert [pick.value for pick in found(offer, "xyz-1")] == ["xyz-1"]
    retired = found(offer, "llama-3.1-8b-instant")[-1]
    assert (retired.note, retired.also) == ("as typed", {"provider": "groq"})
    assert "gpt-4o-mini" not in [pick.value for pick in found(offer, "")]
    closed = Offer([Pick("a", "a")])
    assert found(closed, "zzz") == []


@pytest.mark.parametrize("words", ["e" * 24, "-" * 24, "aeiou" * 40, "[red]\x1b"])
def test_no_search_takes_long(words: str) -> None:
    """The fuzzy search tries every way to place the letters; longer ones are searched as they stand."""
    offer = offer_for(draft_of(), ("budget", "user", "timezone"))
    assert offer is not None
    found(offer, words)


def test_fields_offer_what_is_registered() -> None:
    draft = draft_of("code_specialist")
    validators = offer_for(draft, ("strategies", "code", "steps", 0, "validation"))
    assert validators is not None
    assert [pick.value for pick in validators.picks] == [None, *validator_names()]
    providers = offer_for(draft, ("models", 0, "provider"))
    assert providers is not None
    assert "openai" in [pick.value for pick in providers.picks]
    roles = offer_for(draft, ("strategies", "code", "steps", 0, "role"))
    assert roles is not None
    assert ([pick.value for pick in roles.picks], roles.free) == (["answer", "verify"], False)
    assert offer_for(draft, ("generation", "system")) is None
    assert [pick.value for pick in offer_for_new(draft, ("strategies",)).picks] == [
        "math", "medical", "legal", "finance", "science", "general",
    ]  # fmt: skip


def test_new_items_begin_with_what_is_known_of_them() -> None:
    draft = draft_of()
    legal = new_item(draft, ("strategies",), Pick("legal", "legal"))
    assert [step["role"] for step in legal["steps"]] == ["answer", "verify"]
    model = new_item(draft, ("models",), Pick("gpt-4", "gpt-4", also={"provider": "openai"}))
    assert (model["quality_score"], model["domains"]) == (0.95, ["expert"])
    embedded = new_item(draft, ("models",), Pick("smollm2-135m-instruct", "", also={"provider": "local"}))
    assert embedded["quality_score"] == 0.30
    for path, key in ((("strategies",), "legal"), (("tiers",), "gold"), (("budget", "users"), "ann")):
        draft.add(path, new_item(draft, path, Pick(key, key)), key=key)
        assert not draft.problems


def test_a_configuration_that_is_silent_on_ledger_and_history_is_shown_with_the_console_s(own_home: object) -> None:
    configuration = with_defaults(preset_configuration("local"))
    assert (configuration.ledger.kind, configuration.history.mode) == ("sqlite", "full")
    assert preset_configuration("local").history.mode == "off"
