"""What README and docs show works: Python runs, commands parse, files load, links lead somewhere.

The prelude of the Python examples: an empty folder with a `cascade.toml` of the preset
`production_ready`, and a scripted client in place of the default one, so that no example needs a
key or a network. The blocks of one page share their names, in order.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from cascadeflow import PRESET_PRODUCTION_READY
from cascadeflow.config import loads
from cascadeflow.testing import Answer, ScriptedClient
from tui import preferences
from tui.app import binding_ids

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """Line and text of each fenced block of a language."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, match.start()) + 2, match.group(1)) for match in found]


class AnyModel(dict[str, list[Any]]):
    """A script that has an answer of every model."""

    def get(self, key: str, default: Any = None) -> Any:
        return [Answer("17 * 23 = 391, and Paris is the capital of France.")]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand, in the order of the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cascade.toml").write_text(PRESET_PRODUCTION_READY.to_toml(), encoding="utf-8")
    monkeypatch.setattr("cascadeflow.integrations.default.DefaultClient", lambda: ScriptedClient(AnyModel()))
    names: dict[str, Any] = {"__name__": "__main__"}
    for line, source in blocks(page, "python"):
        exec(compile("\n" * (line - 1) + source, str(page), "exec"), names)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `cascadeflow …` of the shell examples, with its arguments."""
    for page in PAGES:
        for _, block in blocks(page, "sh"):
            lexer = shlex.shlex(block, posix=True, punctuation_chars="|&;><\n")
            lexer.whitespace = " \t"
            words: list[str] = []
            for token in [*lexer, "\n"]:
                if set(token) <= set("|&;><\n"):
                    if words and words[0].rpartition("/")[2] == "cascadeflow":
                        yield f"{page.name}: {' '.join(words)}", words[1:]
                    words = []
                else:
                    words.append(token)


@pytest.mark.parametrize("arguments", [pytest.param(words, id=name) for name, words in commands()])
def test_shell_examples_are_understood(arguments: list[str]) -> None:
    """Each command, option and value is one the command takes."""
    from cascadeflow.cli import main

    command: click.Command = main
    context = main.make_context("cascadeflow", list(arguments))
    while isinstance(command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, found, rest = command.resolve_command(context, rest)
        assert name is not None
        assert found is not None
        command, context = found, found.make_context(name, rest, parent=context)


def test_there_are_shell_examples() -> None:
    """The search above finds them."""
    assert len(list(commands())) > 20


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=f"{page.name}:{line}") for page in PAGES for line, text in blocks(page, "toml")]
)
def test_configuration_examples_load(text: str) -> None:
    """Every key and value of them is allowed."""
    if text.startswith("# settings.toml"):
        preferences.path().write_text(text, encoding="utf-8")
        assert preferences.load() != preferences.Preferences()
        assert not preferences.unknown_keys(preferences.load(), binding_ids())
        return
    loads(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file."""
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_s_commands_are_one_line_each() -> None:
    """Each does all the set-up on a fresh machine; `.ci/run` runs the second one as it stands."""
    lines = [text.strip() for _, text in blocks(ROOT / "README.md", "sh") if "venv" in text]
    assert len(lines) == 2
    for line, end in zip(lines, ("cascadeflow", "pytest"), strict=True):
        assert "\n" not in line
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e ")
        assert line.endswith(f"&& .venv/bin/{end}")
