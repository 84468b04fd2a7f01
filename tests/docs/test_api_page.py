"""The page of the public API says what the code says, and leaves nothing out."""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def make_api() -> ModuleType:
    """The script, as a module."""
    spec = spec_from_file_location("make_api", DOCS / "make_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(make_api: ModuleType) -> None:
    """Whoever changes a signature or a docstring makes the page anew."""
    written = (DOCS / "api.md").read_text(encoding="utf-8")
    assert written == make_api.page(), "docs/api.md is older than the code; run: python docs/make_api.py"


def test_a_constant_is_described_where_it_is_defined(make_api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A constant of the same name in another module, loaded before, does not speak for it."""
    other = ModuleType("cascadeflow.aaa")
    vars(other)["ANONYMOUS"] = "someone else"
    monkeypatch.setitem(sys.modules, "cascadeflow.aaa", other)
    assert make_api.constant("ANONYMOUS", import_module("cascadeflow.telemetry").ANONYMOUS) == (
        "- `ANONYMOUS` (str) is `'anonymous'`: Whose budget a run without a user uses."
    )


def test_every_public_name_has_its_entry(make_api: ModuleType) -> None:
    """With its parameters."""
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    for module_name in make_api.MODULES:
        module = import_module(module_name)
        section = page.split(f"\n## {module_name}\n")[1].split("\n## ")[0]
        for name in make_api.public_names(module):
            value = getattr(module, name)
            entry = f"### {name}\n" if callable(value) else f"- `{name}` ("
            assert entry in section, f"{module_name}.{name}"
            if inspect.isfunction(value):
                text = section.split(entry)[1].split("\n### ")[0]
                assert all(f"{parameter}:" in text for parameter in inspect.signature(value).parameters), name


def test_sections_of_a_docstring(make_api: ModuleType) -> None:
    """First paragraph, arguments with their second lines, no example."""

    class Sample:
        """Does one thing.

        And more.

        Args:
            size: how big,
                in tokens.
            **options: others; ``None``: none.

        Returns:
            What it made.

        Example:
            >>> Sample()
        """

    said = make_api.Docstring(inspect.getdoc(Sample))
    assert said.first == "Does one thing."
    assert list(said.sections) == [
        "Args:\n\n- `size`: how big, in tokens.\n- `**options`: others; `None`: none.",
        "Returns: What it made.",
    ]


def test_a_name_without_a_docstring_is_refused(make_api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has no empty entries."""
    import cascadeflow.testing

    monkeypatch.setattr(cascadeflow.testing.FakeClock.advance, "__doc__", None)
    with pytest.raises(SystemExit, match=r"FakeClock\.advance has no docstring"):
        make_api.page()
