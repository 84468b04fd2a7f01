"""Who may import whom, and what importing the front doors must not bring along."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVERYWHERE = {
    "errors",
    "money",
    "paths",
    "plain",
    "sanitise",
    "tokens",
    "database",
    "crash",
    "cancellation",
    "validated",
}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "money": set(),
    "paths": set(),
    "crash": set(),
    "cancellation": set(),
    "plain": set(),
    "sanitise": set(),
    "database": set(),
    "validated": set(),
    "tokens": {"schema"},
    "schema": set(),
    "events": {"schema"},
    "client": {"schema"},
    "catalog": {"schema"},
    "integrations": {"schema", "client", "catalog"},
    "embedding": {"catalog", "integrations"},
    "quality": {"schema", "client", "embedding"},
    "training": {"quality"},
    "routing": {"schema", "catalog", "quality"},
    "telemetry": {"schema", "events"},
    "history": {"schema", "events"},
    "core": {
        "schema", "events", "client", "catalog", "integrations", "quality", "routing", "telemetry", "history", "config",
    },
    "presets": {"schema", "routing", "telemetry", "config"},
    "config": {
        "schema", "catalog", "quality", "routing", "telemetry", "history", "core", "presets",
    },
    "evaluation": {"schema", "catalog", "integrations", "quality"},
    "removed": set(),
    "utils": {"presets", "removed"},
    "discovery": {"schema", "catalog", "presets"},
    "workspace": {"schema", "client", "catalog", "integrations", "routing", "core", "config", "presets"},
    "whatif": {
        "schema", "events", "client", "catalog", "quality", "routing", "telemetry", "history", "core", "config",
        "presets", "workspace",
    },
    "testing": {"schema", "client", "events"},
}  # fmt: skip


def rooms_imported(path: Path) -> set[str]:
    """Rooms of the engine that a file imports, `tui` included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
            if node.module == "cascadeflow":
                names = [f"cascadeflow.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "tui":
                found.add("tui")
            elif parts[0] == "cascadeflow" and len(parts) > 1:
                found.add(parts[1])
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "cascadeflow").rglob("*.py")), ids=str)
def test_arrows(path: Path) -> None:
    """The rooms of the design hold: what a file imports is allowed to its room."""
    parts = path.relative_to(ROOT / "cascadeflow").with_suffix("").parts
    room = parts[0]
    if room in ("__init__", "__main__"):
        return
    found = rooms_imported(path) - {room} - EVERYWHERE
    if room == "cli":
        assert "tui" not in found or parts[1] == "console"
        return
    assert found <= MAY_IMPORT[room], f"{room} imports {found - MAY_IMPORT[room]}"


@pytest.mark.parametrize("path", sorted((ROOT / "cascadeflow").rglob("*.py")), ids=str)
def test_the_engine_never_imports_a_display_nor_prints(path: Path) -> None:
    """Only the command writes to the terminal."""
    if path.relative_to(ROOT / "cascadeflow").parts[0] == "cli":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"textual", "rich"}
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in ("textual", "rich")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"


HEAVY = tuple(
    "litellm numpy sklearn tokenizers safetensors xllamacpp httpx openai tiktoken textual rich sqlite3 redis opentelemetry".split()
)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import cascadeflow", set()),
        ("from cascadeflow import CascadeAgent", set()),
        ("import cascadeflow.presets", set()),
        ("import cascadeflow.cli", set()),
        ("import tui", {"textual", "rich"}),
        ("import tui.app", {"textual", "rich", "sqlite3"}),
    ],
)
def test_front_doors_stay_light(statement: str, allowed: set[str]) -> None:
    """Importing brings neither a provider, nor a runtime, nor a display that is not asked for."""
    code = f"import sys; {statement}; print([name for name in {HEAVY!r} if name in sys.modules])"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(ast.literal_eval(output.stdout)) <= allowed


def test_public_names_are_sorted_and_complete() -> None:
    """`__all__` names what is public, and each name can be imported."""
    import cascadeflow

    assert set(cascadeflow.__all__) == set(cascadeflow._HOMES)
    for name in cascadeflow.__all__:
        assert getattr(cascadeflow, name) is not None
    assert all(name in dir(cascadeflow) for name in cascadeflow.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As for any module."""
    import cascadeflow

    with pytest.raises(AttributeError, match="no_such_name"):
        cascadeflow.no_such_name  # noqa: B018


def test_presets_under_the_document_s_path() -> None:
    """The document's import path hands on the same objects."""
    from cascadeflow import PRESET_PRODUCTION_READY
    from cascadeflow.utils import presets_v2

    assert presets_v2.PRESET_PRODUCTION_READY is PRESET_PRODUCTION_READY
