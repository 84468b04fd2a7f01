"""Every value type and every event survives a trip through JSON unchanged."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from typing import Any

import pytest
from history_samples import sample

from cascadeflow import client, schema
from cascadeflow.events import EVENTS, event_from_dict, event_to_dict
from cascadeflow.plain import from_plain, to_plain
from cascadeflow.schema import CascadeResult, ModelConfig, Usage, Verdict

VALUE_TYPES = [kind for kind in vars(schema).values() if isinstance(kind, type) and is_dataclass(kind)]
VALUE_TYPES += [client.Completed, client.Delta]


@pytest.mark.parametrize("full", [True, False], ids=["full", "sparse"])
@pytest.mark.parametrize("kind", [kind for kind in VALUE_TYPES if kind is not ModelConfig])
def test_value_types_come_back_equal(kind: Any, full: bool) -> None:
    value = sample(kind, full=full)
    assert from_plain(kind, json.loads(json.dumps(to_plain(value)))) == value


@pytest.mark.parametrize("full", [True, False], ids=["full", "sparse"])
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_events_come_back_equal(name: str, full: bool) -> None:
    event = sample(EVENTS[name], full=full)
    data = json.loads(json.dumps(event_to_dict(event)))
    assert data["event"] == name
    assert event_from_dict(data) == event


def test_models_that_users_build_come_back_equal() -> None:
    model = ModelConfig("m", "openai", cost=0.5, domains=["code"], temperature=0.0)
    assert from_plain(ModelConfig, json.loads(json.dumps(to_plain(model)))) == model


def test_what_a_newer_version_added_is_ignored_and_what_is_missing_has_its_default() -> None:
    assert from_plain(Usage, {"prompt_tokens": 3, "audio_tokens": 9}) == Usage(prompt_tokens=3)


@pytest.mark.parametrize("data", [{}, {"is_valid": True, "checks": [{}]}, {"is_valid": True, "checks": 5}, [1], "text"])
def test_what_has_another_shape_is_a_value_error(data: Any) -> None:
    with pytest.raises(ValueError, match=r"not a (Verdict|CheckResult)"):
        from_plain(Verdict, data)


def test_an_unknown_event_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no event is called 'party'"):
        event_from_dict({"event": "party"})


def test_what_goes_in_is_not_what_comes_out() -> None:
    """Changing the plain data later changes no frozen value."""
    result = sample(CascadeResult)
    to_plain(result)["trace"].clear()
    assert len(result.trace) == 2
