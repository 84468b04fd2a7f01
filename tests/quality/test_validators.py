"""Validators of users: every shape of function and of result, and what happens when one raises."""

import asyncio
import subprocess
import sys

import pytest

from cascadeflow.errors import ConfigError
from cascadeflow.quality import CheckContext, register_validator, run_validator, validators
from cascadeflow.schema import Verdict

CONTEXT = CheckContext("What is 17 * 23?", "391")


def short(text):
    return len(text) < 10


def with_reason(text):
    return False, f"{text} is odd"


def whole(text):
    return Verdict(is_valid=True, reason="mine", score=0.5, deciding="mine")


def sees_context(text, context):
    return context.prompt.startswith("What"), "question seen"


def has_option(text, least=3):
    return len(text) >= least


async def slow(text):
    await asyncio.sleep(0)
    return True, "waited"


class Callable:
    def __call__(self, text):
        return text.isdigit()


@pytest.mark.parametrize(
    ("validator", "valid", "reason"),
    [
        (short, True, "short: passed"),
        (with_reason, False, "with_reason: 391 is odd"),
        (whole, True, "mine"),
        (sees_context, True, "sees_context: question seen"),
        (has_option, True, "has_option: passed"),
        (slow, True, "slow: waited"),
        (Callable(), True, "Callable: passed"),
        (str.isdigit, True, "isdigit: passed"),
        (lambda text: not text, False, "<lambda>: failed"),
    ],
)
async def test_every_shape_of_validator_gives_a_verdict(validator, valid, reason):
    verdict = await run_validator(validator, CONTEXT)
    assert tuple(verdict) == (valid, reason)


async def test_a_validator_that_raises_is_a_failed_check():
    def broken(text):
        raise KeyError("age")

    verdict = await run_validator(broken, CONTEXT)
    assert tuple(verdict) == (False, "broken raised KeyError: 'age'")
    assert verdict.deciding == "broken"


@pytest.mark.parametrize("outcome", [None, 1, "yes", (True, 3), (1, "a"), (True, "a", "b")])
async def test_any_other_result_is_a_failed_check_that_says_what_is_expected(outcome):
    verdict = await run_validator(lambda _text: outcome, CONTEXT)
    assert not verdict.is_valid
    assert "(bool, reason)" in verdict.reason


async def test_cancelling_a_run_is_not_a_failed_check():
    async def forever(text):
        await asyncio.sleep(3600)

    task = asyncio.create_task(run_validator(forever, CONTEXT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_names_find_their_validator_and_back(monkeypatch):
    monkeypatch.setattr(validators, "_VALIDATORS", dict(validators._VALIDATORS))
    register_validator("is_short", short)
    assert validators.find_validator("is_short") is short
    assert validators.name_of(short) == "is_short"
    assert validators.name_of(whole) is None
    assert "is_short" in validators.validator_names()
    assert (await run_validator("is_short", CONTEXT)).deciding == "is_short"
    with pytest.raises(ConfigError, match="is_short"):
        validators.find_validator("is_long")
    with pytest.raises(ConfigError, match="callable"):
        register_validator("bad", "not a function")


@pytest.mark.parametrize(("name", "threshold"), [("quality_validator", 0.70), ("confidence_validator", 0.80)])
async def test_the_gate_is_a_validator_too(name, threshold):
    verdict = await run_validator(name, CONTEXT)
    assert verdict.is_valid
    assert verdict.threshold == threshold
    assert not (await run_validator(name, CheckContext("What is 17 * 23?", "381"))).is_valid
    assert validators.find_validator(name)("Paris").is_valid


def test_the_ready_made_validators_are_imported_when_asked_for_and_know_their_names():
    code = (
        "import sys\n"
        "from cascadeflow.quality.validators import find_validator, name_of, validator_names\n"
        "names = {'citation_validator', 'compliance_validator', 'medical_fact_checker', 'medical_safety_checker'}\n"
        "assert names <= set(validator_names())\n"
        "rooms = {'citations', 'compliance', 'medical_facts', 'medical_safety', 'medicines'}\n"
        "assert not {f'cascadeflow.quality.{room}' for room in rooms} & set(sys.modules)\n"
        "for name in sorted(names):\n"
        "    found = find_validator(name)\n"
        "    assert found.__name__ == name == name_of(found)\n"
        "    assert name in found('Paris is the capital of France.').reason\n"
        "assert not {'eyecite', 'idutils', 'lxml'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
