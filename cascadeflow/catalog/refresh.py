"""Bring prices and context windows up to date: ``python -m cascadeflow.catalog.refresh [WHEEL]``.

Reads the price table that ships inside LiteLLM (the installed one, found without importing it, or
the one in a wheel file) and writes what it says into ``models.json``. What people keep by hand in
that file stays as it is: names, aliases, successors, announced prices, retirements the table does
not know. No entry is ever removed: one that the table has dropped is marked and keeps its last
price and date.

To add a model, add its hand-kept fields and ``"table": {"key": …}`` to ``models.json`` and refresh.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cascadeflow.catalog.models import DATA_FILE
from cascadeflow.errors import CascadeFlowError, ConfigError
from cascadeflow.money import TOKENS_PER_PRICE, parse_usd

TABLE_FILE = "model_prices_and_context_window_backup.json"
_PRICES = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}
_ONLY_WHILE_LISTED = ("retires", "long_prompt", "long_price")  # a table that says nothing of them takes them back
_LONG_PROMPT = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")

Table = Mapping[str, Mapping[str, Any]]


def installed_table() -> tuple[Table, str]:
    """LiteLLM's price table in this environment, without importing LiteLLM.

    Returns:
        The table, its numbers as exact decimals, and LiteLLM's version.

    Raises:
        ConfigError: LiteLLM, or its table, is not installed.
    """
    spec = importlib.util.find_spec("litellm")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        file = Path(folder) / TABLE_FILE
        if file.is_file():
            return _parse(file.read_text(encoding="utf-8")), importlib.metadata.version("litellm")
    raise ConfigError("LiteLLM's price table is not installed here: pip install litellm, or name one of its wheels")


def wheel_table(wheel: Path) -> tuple[Table, str]:
    """The price table inside a LiteLLM wheel, which need not be installed.

    Args:
        wheel: path of a ``litellm-….whl`` file.

    Returns:
        The table and LiteLLM's version.

    Raises:
        ConfigError: there is no such file, or it is no LiteLLM wheel.
    """
    version = re.match(r"litellm-([0-9][^-]*)-", wheel.name)
    try:
        with zipfile.ZipFile(wheel) as archive:
            text = archive.read(f"litellm/{TABLE_FILE}").decode()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigError(f"cannot read LiteLLM's price table: {error}", file=str(wheel)) from None
    if version is None:
        raise ConfigError("a LiteLLM wheel is called litellm-VERSION-….whl", file=str(wheel))
    return _parse(text), version[1]


def refreshed(catalogue: Mapping[str, Any], table: Table, version: str, day: str) -> dict[str, Any]:
    """The catalogue with what a price table says; the input is left alone.

    Args:
        catalogue: content of ``models.json``.
        table: LiteLLM's price table.
        version: of the LiteLLM it came with.
        day: ISO date to stamp prices with.

    Returns:
        The new content, with every entry the old one had.

    Raises:
        ConfigError: the catalogue was made from a newer LiteLLM, so prices would go back in time.
    """
    if _release(version) < _release(catalogue.get("litellm", "0")):
        raise ConfigError(
            f"the catalogue was read from LiteLLM {catalogue['litellm']}, which is newer than {version}; "
            "nothing was changed. Upgrade LiteLLM, or name a newer wheel of it."
        )
    new = deepcopy(dict(catalogue)) | {"litellm": version, "date": day}
    for record in new["models"]:
        row = table.get(record["table"]["key"])
        if row is None:
            record["table"]["listed"] = False
            continue
        stays = {key: value for key, value in record["table"].items() if key not in _ONLY_WHILE_LISTED}
        record["table"] = stays | {"listed": True} | _facts(row, record["provider"], version, day)
    return new


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One line for each model whose price, window, retirement or listing changed.

    Args:
        old: content of ``models.json`` before.
        new: content after.
    """
    ignored = ("date", "litellm")
    lines = []
    for before, after in zip(old["models"], new["models"], strict=True):
        different = [
            f"{key} {before['table'].get(key)} -> {after['table'].get(key)}"
            for key in sorted(before["table"].keys() | after["table"].keys())
            if key not in ignored and before["table"].get(key) != after["table"].get(key)
        ]
        if different:
            lines.append(f"{after['provider']}/{after['name']}: {'; '.join(different)}")
    return lines


def dump(catalogue: Mapping[str, Any]) -> str:
    """The text of ``models.json``: one model a line, so that a difference shows which models changed."""
    head = json.dumps({key: value for key, value in catalogue.items() if key != "models"}, indent=1)
    lines = ",\n".join("  " + json.dumps(record, ensure_ascii=False) for record in catalogue["models"])
    return f'{head.rstrip().removesuffix("}").rstrip()},\n "models": [\n{lines}\n ]\n}}\n'


def main(arguments: Sequence[str] | None = None, *, file: Path = DATA_FILE) -> int:
    """The command.

    Args:
        arguments: command line; None: the process's own.
        file: the catalogue to refresh.

    Returns:
        Exit code: 0 done, 1 with an error on standard error and the file untouched.
    """
    parser = argparse.ArgumentParser(prog="python -m cascadeflow.catalog.refresh", description="Refresh the catalogue.")
    parser.add_argument("wheel", nargs="?", type=Path, help="a LiteLLM wheel file; default: the installed LiteLLM")
    options = parser.parse_args(arguments)
    try:
        table, version = wheel_table(options.wheel) if options.wheel else installed_table()
        old = json.loads(file.read_text(encoding="utf-8"))
        new = refreshed(old, table, version, datetime.now(UTC).date().isoformat())
        written = file.with_suffix(".tmp")
        written.write_text(dump(new), encoding="utf-8")
        os.replace(written, file)  # noqa: PTH105 -- atomic, also where Path.rename refuses to overwrite
    except (CascadeFlowError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lines = changes(old, new)
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(lines)} of {len(new['models'])} models changed; LiteLLM {version}\n")
    return 0


def _parse(text: str) -> Table:
    table: Table = json.loads(text, parse_float=Decimal)
    return table


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _facts(row: Mapping[str, Any], provider: str, version: str, day: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "context_window": _tokens(row.get("max_input_tokens")) or _tokens(row.get("max_tokens")),
        "max_output_tokens": _tokens(row.get("max_output_tokens")),
        "retires": row.get("deprecation_date"),
    }
    price = _price(row, provider)
    if price:
        facts |= {"price": price, "date": day, "litellm": version}
        facts |= _long_prompts(row, provider, facts["context_window"])
    return {key: value for key, value in facts.items() if value is not None}


def _price(row: Mapping[str, Any], provider: str, suffix: str = "") -> dict[str, int] | None:
    price = {
        name: parse_usd(Decimal(row[key + suffix]) * TOKENS_PER_PRICE)
        for name, key in _PRICES.items()
        if row.get(key + suffix) is not None
    }
    if "input" not in price or "output" not in price:
        return None
    # A hosted model at 0 is a price nobody entered, not a gift.
    if provider != "ollama" and not (price["input"] and price["output"]):
        return None
    # DeepSeek's cache writes are listed at 0 because they are billed as plain input.
    if price["input"] and not price.get("cache_write"):
        price.pop("cache_write", None)
    return price


def _long_prompts(row: Mapping[str, Any], provider: str, window: int | None) -> dict[str, Any]:
    """From which length a prompt is dearer, and the price then: the highest, where there are several steps."""
    steps = sorted(int(match[1]) for key in row if (match := _LONG_PROMPT.fullmatch(key)))
    if not steps or (window is not None and steps[0] * 1000 >= window):
        return {}
    price = _price(row, provider, f"_above_{steps[-1]}k_tokens")
    if price and "cache_creation_input_token_cost" not in row:
        price.pop("cache_write", None)
    return {"long_prompt": steps[0] * 1000, "long_price": price} if price else {}


def _tokens(value: object) -> int | None:
    return int(value) if isinstance(value, (int, Decimal)) else None


if __name__ == "__main__":
    sys.exit(main())
