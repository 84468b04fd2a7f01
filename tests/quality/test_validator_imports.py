"""What a validator needs is imported off the event loop, so that the first answer it judges stops nobody else's run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cascadeflow.quality import CheckContext, register_validator, run_validator
from cascadeflow.quality.citations import citation_validator

ROOT = Path(__file__).parents[2]
CITES = "Roe v. Wade, 410 U.S. 113 (1973); ISBN 978-3-16-148410-0."
CODE = "```python\ndef f(x):\n    return y\n```"

PROGRAM = """
import asyncio, json, sys, threading

HEAVY = ("eyecite", "idutils", "pyflakes", "tree_sitter")
found = {}

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in HEAVY:
            found[name] = threading.current_thread() is threading.main_thread()

sys.meta_path.insert(0, Watch)
from cascadeflow.quality import CheckContext, run_validator
from cascadeflow.quality.validators import find_validator

async def main(name, text, as_function):
    validator = find_validator(name) if as_function else name
    verdicts = await asyncio.gather(*(run_validator(validator, CheckContext("", text)) for _ in range(3)))
    print(json.dumps({"on_the_loop": found, "verdicts": [[v.is_valid, v.reason] for v in verdicts]}))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] == "function"))
"""


@pytest.mark.parametrize(
    ("name", "given", "text", "needs", "reason"),
    [
        ("citation_validator", "name", CITES, {"eyecite", "idutils"}, "1 ISBN, 1 court decision"),
        ("citation_validator", "function", CITES, {"eyecite", "idutils"}, "1 ISBN, 1 court decision"),
        ("compliance_validator", "name", CITES, {"eyecite"}, "compliance_validator: "),
        ("code_quality_validator", "name", CODE, {"pyflakes", "tree_sitter"}, "left open: y on line 2"),
        ("syntax_validator", "name", CODE, {"tree_sitter"}, "syntax_validator: "),
    ],
)
def test_no_heavy_package_is_imported_on_the_loop(
    name: str, given: str, text: str, needs: set[str], reason: str
) -> None:
    """Whether the validator is named or passed, and however many runs begin at once."""
    command = [sys.executable, "-c", PROGRAM, name, text, given]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert needs <= said["on_the_loop"].keys()
    assert not any(said["on_the_loop"].values())
    assert len({tuple(verdict) for verdict in said["verdicts"]}) == 1
    assert said["verdicts"][0][0]
    assert reason in said["verdicts"][0][1]


async def test_a_package_that_is_missing_is_the_validators_own_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Getting ready is no check of what is installed."""
    monkeypatch.setattr("cascadeflow.quality.validators._ready", set())
    monkeypatch.setitem(sys.modules, "eyecite", None)
    monkeypatch.setitem(sys.modules, "idutils", None)
    verdict = await run_validator("citation_validator", CheckContext("", CITES))
    assert verdict.is_valid
    assert "cascadeflow-console[legal]" in verdict.reason


async def test_a_validator_that_took_the_name_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its packages are its own affair."""
    monkeypatch.setattr("cascadeflow.quality.validators._VALIDATORS", {})
    monkeypatch.setattr("cascadeflow.quality.validators._ready", set())
    monkeypatch.setattr("cascadeflow.quality.validators._import_all", pytest.fail)
    register_validator("citation_validator", lambda text: "source" in text)
    assert (await run_validator("citation_validator", CheckContext("", "a source"))).is_valid


def test_without_a_loop_it_works_as_any_function() -> None:
    """Scripts and tests call validators directly."""
    assert citation_validator(CITES).is_valid
