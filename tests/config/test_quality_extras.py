"""The two checks that need an extra, from the file to the run: what each key changes, and what absence does."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from cascadeflow import PRESET_LOCAL, CascadeAgent
from cascadeflow.config import Configuration, dumps, loads
from cascadeflow.errors import ConfigError
from cascadeflow.schema import CascadeResult
from cascadeflow.testing import ScriptedClient

QUESTION = "How long does it take to boil an egg?"
GOOD = "A soft-boiled egg takes six minutes, a hard-boiled one ten."
RUDE = "A soft-boiled egg takes six minutes, a hard-boiled one ten. Any child knows that, you stupid idiot."
OFF = "The treaty of 1648 ended the Thirty Years' War and is often called the beginning of the modern state system."
MODELS = [
    {"name": "small", "provider": "openai", "quality_score": 0.5, "cost": 0.001},
    {"name": "big", "provider": "openai", "quality_score": 0.9, "cost": 0.01},
]
KEYS = {"semantic_similarity": OFF, "toxicity": RUDE}
PACKAGES = {"semantic_similarity": "numpy", "toxicity": "profanity_check"}
each_key = pytest.mark.parametrize("key", KEYS)


async def ask(draft: str, configuration: Configuration) -> CascadeResult:
    """One question to an agent of that configuration; the small model answers with the draft."""
    client = ScriptedClient({"small": [draft], "big": [GOOD]})
    agent = CascadeAgent(**configuration.to_agent_config() | {"client": client})
    result = await agent.run(QUESTION)
    await agent.aclose()
    return result


def configured(**quality: bool) -> Configuration:
    """A configuration with these keys in ``[quality]``, as read from a file."""
    return loads(dumps(Configuration.model_validate({"version": 1, "models": MODELS, "quality": quality})))


@pytest.mark.models
@pytest.mark.usefixtures("sentence_encoder")
class TestInstalled:
    """With both extras."""

    @each_key
    async def test_the_key_rejects_what_passes_without_it(self, key):
        assert (await ask(KEYS[key], configured())).model_used == "small"
        result = await ask(KEYS[key], configured(**{key: True}))
        assert result.model_used == "big"
        assert result.trace[0].verdict.deciding == key

    @each_key
    async def test_a_good_answer_passes_with_the_key(self, key):
        result = await ask(GOOD, configured(**{key: True}))
        assert result.model_used == "small"
        assert key in {check.name for check in result.trace[0].verdict.checks}

    @pytest.mark.parametrize("draft", KEYS.values())
    async def test_the_preset_s_switch_asks_for_both(self, draft):
        preset = replace(PRESET_LOCAL, models=configured().models, enable_ml_quality=True)
        assert loads(preset.to_toml()).to_preset() == preset
        assert (await ask(draft, Configuration.of_preset(preset))).model_used == "big"
        assert (
            await ask(draft, Configuration.of_preset(replace(preset, enable_ml_quality=False)))
        ).model_used == "small"


@each_key
async def test_where_it_is_not_installed_the_draft_stands_and_the_verdict_says_so(key, monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGES[key], None)
    result = await ask(KEYS[key], configured(**{key: True}))
    assert result.model_used == "small"
    check = next(check for check in result.trace[0].verdict.checks if check.name == key)
    assert check.reason.startswith("not installed: pip install 'cascadeflow-console[")


@each_key
def test_one_of_the_two_alone_has_no_field_in_a_preset(key):
    with pytest.raises(ConfigError, match="quality"):
        configured(**{key: True}).to_preset()
