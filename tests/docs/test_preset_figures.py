"""The tables of `presets.md` are what the code says for the day that the page names."""

from __future__ import annotations

import re
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from cascadeflow import PRESETS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_tables_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes a preset, a price or the plan makes them anew."""
    spec = spec_from_file_location("make_presets", DOCS / "make_presets.py")
    assert spec is not None
    assert spec.loader is not None
    make_presets = module_from_spec(spec)
    spec.loader.exec_module(make_presets)
    written = (DOCS / "presets.md").read_text(encoding="utf-8")
    days = set(re.findall(r"On (\d{4}-\d\d-\d\d)", written))
    assert len(days) == 1
    day = days.pop()
    monkeypatch.setattr("cascadeflow.catalog.models._today", lambda: date.fromisoformat(day))
    assert written == make_presets.filled(written, day), "docs/presets.md is old; run: python docs/make_presets.py"
    assert all(written.count(f"| `{name}` |") == 4 for name in PRESETS)
