"""``cascadeflow doctor``: what works on this machine, and the fix for what does not."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cascadeflow.cli.options import json_option
from cascadeflow.errors import CascadeFlowError

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["ok", "note", "broken"]
_COLOURS = {"ok": "green", "note": "yellow", "broken": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: the thing.
        state: ``ok``; ``note`` where something could be better; ``broken`` where something needed is.
        found: what was found.
        fix: what to do; empty if nothing.
    """

    what: str
    state: State
    found: str
    fix: str = ""


@click.command("doctor")
@json_option("As JSON.")
def command(as_json: bool) -> None:
    """Look at keys, models, terminal and stores, and say what to do. Exits with 1 if something needed is broken."""
    from cascadeflow.cli.output import echo_json, styled
    from cascadeflow.plain import to_plain

    findings = list(examine())
    if as_json:
        echo_json([to_plain(finding) for finding in findings], pretty=True)
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            state = styled(f"{finding.state:6}", fg=_COLOURS[finding.state])
            click.echo(f"{state}  {finding.what:{width}}  {finding.found}")
            if finding.fix:
                click.echo(f"{'':{width + 10}}→ {finding.fix}")
    if any(finding.state == "broken" for finding in findings):
        raise click.exceptions.Exit(1)


def examine() -> Iterator[Finding]:
    """Everything `cascadeflow doctor` looks at, in order."""
    yield _python()
    yield _terminal()
    keys = list(_keys())
    yield from keys
    has_key = any(finding.state == "ok" for finding in keys)
    yield _runtime(has_key)
    yield from _embedded(has_key)
    yield _folder()
    yield _store("ledger", _read_ledger)
    yield _store("history", _read_history)


def _python() -> Finding:
    import platform

    from cascadeflow import __version__

    return Finding("Python", "ok", f"{platform.python_version()}, cascadeflow {__version__}, {platform.system()}")


def _terminal() -> Finding:
    import shutil

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Finding("terminal", "note", "none here (a pipe)", "the console needs one; `cascadeflow ask` does not")
    columns, rows = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower()
    found = f"{os.environ.get('TERM', 'unknown')}, {columns} x {rows}, {encoding}"
    if "utf" not in encoding:
        return Finding("terminal", "note", found, "set a UTF-8 locale, such as LANG=C.UTF-8")
    if columns < 80 or rows < 24:
        return Finding("terminal", "note", found, "the console wants at least 80 x 24")
    return Finding("terminal", "ok", found)


def _keys() -> Iterator[Finding]:
    from cascadeflow.catalog import SUPPORTED_PROVIDERS, key_variables

    for provider in SUPPORTED_PROVIDERS:
        variables = key_variables(provider)
        present = next((name for name in variables if os.environ.get(name)), None)
        if present is not None:
            yield _tried(provider, present)
        elif variables:
            yield Finding(f"key: {provider}", "note", "not set", f"export {variables[0]}=… to use its models")


def _tried(provider: str, variable: str) -> Finding:
    from cascadeflow.integrations.key_check import check_key

    check = check_key(provider)
    found = f"{variable} is set; {check.words}"
    if check.state == "refused":
        return Finding(f"key: {provider}", "broken", found, f"put a valid key into {variable}, or unset it")
    return Finding(f"key: {provider}", "ok", found)


def _runtime(has_key: bool) -> Finding:
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        state: State = "note" if has_key else "broken"
        return Finding(
            "xllamacpp", state, "not installed: no embedded models", "pip install 'cascadeflow-console[local]'"
        )
    from importlib.metadata import version

    return Finding("xllamacpp", "ok", version("xllamacpp"))


def _embedded(has_key: bool) -> Iterator[Finding]:
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.cli.output import size
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore()
    statuses = [store.status(model.name) for model in EMBEDDED]
    anyone = has_key or any(status.state == "ready" for status in statuses)
    for status in statuses:
        what, fix = f"model: {status.name}", f"cascadeflow models pull {status.name}"
        amount = f"{size(status.have_bytes)} of {size(status.total_bytes)}"
        if status.state == "ready":
            yield Finding(what, "ok", f"{size(status.total_bytes)}, whole")
        elif status.state == "damaged":
            yield Finding(what, "broken", f"its file is damaged ({amount})", fix)
        else:
            found = "not fetched" if status.state == "absent" else f"half fetched ({amount})"
            yield Finding(what, "note" if anyone else "broken", found, fix)


def _folder() -> Finding:
    from cascadeflow.paths import data_dir

    folder = data_dir()
    present = folder
    while not present.exists() and present != present.parent:
        present = present.parent
    if not os.access(present, os.W_OK):
        return Finding(
            "data folder", "broken", f"{folder} cannot be written", "make it writable, or set CASCADEFLOW_HOME"
        )
    return Finding("data folder", "ok", str(folder))


def _store(what: str, read: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "ok", read())
    except (CascadeFlowError, OSError) as error:
        return Finding(what, "broken", str(error), "the message says what to do with the file")


def _read_ledger() -> str:
    from cascadeflow.paths import ledger_path
    from cascadeflow.telemetry.ledger import SQLiteLedger

    async def read(path: Path) -> str:
        ledger = SQLiteLedger(path)
        try:
            holds: list[Any] = list(await ledger.open_holds())
        finally:
            await ledger.aclose()
        return f"{path}, {len(holds)} open hold{'' if len(holds) == 1 else 's'}"

    path = ledger_path()
    return asyncio.run(read(path)) if path.exists() else f"{path}, made at the first paid call"


def _read_history() -> str:
    from cascadeflow.history import RunArchive
    from cascadeflow.paths import history_path

    path = history_path()
    if not path.exists():
        return f"{path}, made at the first run"
    archive = RunArchive(path)
    try:
        archive.runs(limit=1)
    finally:
        archive.close()
    return str(path)
