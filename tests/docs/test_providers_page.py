"""The page on providers names each of them, its keys, its aliases, and why the others are out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cascadeflow.catalog import providers

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("provider", providers.SUPPORTED_PROVIDERS)
def test_each_provider_stands_with_its_keys(provider: str) -> None:
    """In the order in which they are looked for."""
    row = next(line for line in ROWS if line.startswith(f"| `{provider}` |"))
    keys = ", ".join(f"`{name}`" for name in providers.key_variables(provider)) or "none"
    assert row.endswith(f"| {keys} |")


def test_aliases() -> None:
    """Each stands beside what it means."""
    for alias, meant in providers._ALIASES.items():
        assert any(f"`{alias}`" in line and line.endswith(f"| `{meant}` |") for line in ROWS), alias


def test_those_that_are_out() -> None:
    """Each that has a known reason."""
    out = PAGE.split("## Why not the others")[1].split("## ")[0]
    for name in providers._WHY_OUT:
        assert f"`{name}`" in out, name
