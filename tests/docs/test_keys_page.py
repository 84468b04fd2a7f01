"""The page of keys is what the console does."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from tui.app import all_bindings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    """Whoever changes a key or a command makes it anew."""
    spec = spec_from_file_location("make_keys", DOCS / "make_keys.py")
    assert spec is not None
    assert spec.loader is not None
    make_keys = module_from_spec(spec)
    spec.loader.exec_module(make_keys)
    written = (DOCS / "keys.md").read_text(encoding="utf-8")
    assert written == make_keys.page(), "docs/keys.md is old; run: python docs/make_keys.py"


def test_every_binding_has_a_name_and_says_what_it_does() -> None:
    for place, bindings in all_bindings().items():
        names = [binding.id for binding in bindings]
        assert all(names), place
        assert len(set(names)) == len(names), place
        assert all(binding.tooltip for binding in bindings), place


def test_no_key_of_the_main_screen_does_two_things() -> None:
    """The second would never be reached."""
    found = all_bindings()
    keys = [
        key.strip()
        for place in ("Everywhere", "Main screen")
        for binding in found[place]
        for key in binding.key.split(",")
    ]
    assert len(keys) == len(set(keys))
