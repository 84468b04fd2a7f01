"""Names of v0.1.1: an import says what takes their place, and what it says is there."""

from __future__ import annotations

import importlib
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cascadeflow
from cascadeflow.errors import CascadeFlowError, RemovedNameError
from cascadeflow.removed import SUCCESSORS

ROOT = Path(__file__).parents[2]
MIGRATION = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")


def output_of(code: str) -> str:
    """What a user sees of a program that fails."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("statement", "successor"),
    [
        ("from cascadeflow import PRESET_BEST_OVERALL", "PRESET_PRODUCTION_READY"),
        ("from cascadeflow import CascadeAgent, PRESET_ULTRA_FAST", "PRESET_COST_OPTIMIZED_SAAS"),
        ("from cascadeflow import PRESET_ULTRA_CHEAP", "PRESET_COST_OPTIMIZED_SAAS"),
        ("from cascadeflow.utils import PRESET_FREE_LOCAL", "PRESET_LOCAL"),
        ("from cascadeflow.utils.presets import PRESET_BEST_OVERALL", "PRESET_PRODUCTION_READY"),
        ("import cascadeflow; cascadeflow.CascadePresets", "auto_detect_models"),
    ],
)
def test_the_user_sees_the_successor(statement: str, successor: str) -> None:
    """The last line of the traceback is enough to go on."""
    said = output_of(statement)
    assert said.startswith("cascadeflow.errors.RemovedNameError: ")
    assert f"use {successor}" in said
    assert "docs/migration.md" in said


def test_it_is_an_import_error_and_ours() -> None:
    """A program that tries both versions catches it as it catches any missing name."""
    with pytest.raises(ImportError) as caught:
        from cascadeflow import PRESET_BEST_OVERALL  # type: ignore[attr-defined]  # noqa: F401
    assert isinstance(caught.value, CascadeFlowError)
    assert caught.value.name == "PRESET_BEST_OVERALL"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (RemovedNameError, str(caught.value))


@pytest.mark.parametrize("module", ["cascadeflow", "cascadeflow.utils", "cascadeflow.utils.presets"])
def test_a_name_that_never_was_stays_an_attribute_error(module: str) -> None:
    """As for any module, so that `hasattr` works."""
    assert not hasattr(importlib.import_module(module), "PRESET_NEVER")
    with pytest.raises(ImportError, match="cannot import name 'PRESET_NEVER'"):
        exec(f"from {module} import PRESET_NEVER")


@pytest.mark.parametrize("name", SUCCESSORS)
def test_what_takes_its_place_is_there(name: str) -> None:
    """Each name that a successor mentions can be imported, and the migration page has the old name."""
    assert name not in cascadeflow.__all__
    words = SUCCESSORS[name]
    for path in re.findall(r"cascadeflow(?:\.\w+)+", words):
        module, _, last = path.rpartition(".")
        assert hasattr(importlib.import_module(module), last) or importlib.import_module(path)
    for word in re.findall(r"(?<![\w.])(?:PRESET_\w+|[A-Z][a-z]+[A-Z]\w+|auto_detect_models)", words):
        assert word in cascadeflow.__all__ or f"cascadeflow.{word}" in words
    assert re.search(rf"`[^`\n]*\b{name}\b", MIGRATION), f"docs/migration.md does not name {name}"


def test_importing_the_package_does_not_read_the_list() -> None:
    """Who needs none of the old names does not pay for them."""
    code = "import sys, cascadeflow; cascadeflow.CascadeAgent; assert 'cascadeflow.removed' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
