"""``cascadeflow doctor``: what works on this machine, and the fix for what does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cascadeflow.cli.finding import Finding, State
from cascadeflow.cli.options import check_settings, json_option, settings_options

_COLOURS = {"ok": "green", "note": "yellow", "broken": "red"}


@click.command("doctor")
@settings_options
@json_option("As JSON.")
def command(preset: str | None, config: Path | None, as_json: bool) -> None:
    """Look at keys, models, terminal and stores, and say what to do. Exits with 1 if something needed is broken.

    With --preset or --config the models, the ledger and the history of that configuration are looked at.
    """
    from cascadeflow.cli.output import echo_json, styled
    from cascadeflow.plain import to_plain

    check_settings(preset, config)
    findings = list(examine(preset, config))
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


def examine(preset: str | None = None, config: Path | None = None) -> Iterator[Finding]:
    """Everything `cascadeflow doctor` looks at, in order.

    Args:
        preset: whose models, ledger and history; None: the default's, or those of `config`.
        config: a configuration file instead.

    Raises:
        ConfigError: the file cannot be used.
    """
    from cascadeflow.cli.doctor_stores import history_finding, ledger_finding, memory_finding
    from cascadeflow.workspace import configuration_for

    configuration = configuration_for(preset, config)
    yield _python()
    yield _terminal()
    keys = list(_keys())
    yield from keys
    answering = any(finding.state == "ok" for finding in keys)
    if preset is not None or config is not None:
        from cascadeflow.cli.doctor_models import configured_models

        models, answering = configured_models(configuration)
        yield from models
    yield _runtime(answering)
    yield from _embedded(answering)
    yield from _checks()
    yield _folder()
    yield ledger_finding(configuration)
    in_programs = None if config is None else memory_finding(configuration_for(config=config, ledger=False).ledger)
    if in_programs is not None:
        yield in_programs
    yield history_finding(configuration)


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


def _runtime(others_answer: bool) -> Finding:
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        state: State = "note" if others_answer else "broken"
        return Finding(
            "xllamacpp", state, "not installed: no embedded models", "pip install 'cascadeflow-console[local]'"
        )
    from importlib.metadata import version

    return Finding("xllamacpp", "ok", version("xllamacpp"))


def _embedded(others_answer: bool) -> Iterator[Finding]:
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.cli.output import size
    from cascadeflow.integrations.model_store import ModelStore

    store = ModelStore()
    statuses = [store.status(model.name) for model in EMBEDDED]
    anyone = others_answer or any(status.state == "ready" for status in statuses)
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


def _checks() -> Iterator[Finding]:
    from importlib.util import find_spec

    from cascadeflow.embedding import missing

    toxicity = "" if find_spec("profanity_check") else "pip install 'cascadeflow-console[toxicity]'"
    for name, steps in (("semantic_similarity", missing()), ("toxicity", toxicity)):
        yield Finding(f"check: {name}", "note" if steps else "ok", "not installed" if steps else "can run", steps)


def _folder() -> Finding:
    from cascadeflow.cli.doctor_stores import writable
    from cascadeflow.paths import data_dir

    folder = data_dir()
    if not writable(folder):
        return Finding(
            "data folder", "broken", f"{folder} cannot be written", "make it writable, or set CASCADEFLOW_HOME"
        )
    return Finding("data folder", "ok", str(folder))
