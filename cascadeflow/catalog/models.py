"""Look-up of models: by name or alias, and from a retired model to the one that answers today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from time import time
from typing import Any

from cascadeflow.catalog.embedded import EMBEDDED
from cascadeflow.catalog.providers import LOCAL, normalize_provider
from cascadeflow.money import Price

DATA_FILE = Path(__file__).with_name("models.json")
_FREE = Price(input=0, output=0)
_EPOCH = date(1970, 1, 1).toordinal()
_DATED = re.compile(r"-(?:20\d{6}|20\d\d-\d\d-\d\d)$")


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """What is known of one model of one provider.

    Attributes:
        name: canonical short name, unique within its provider.
        provider: one of the nine, or ``local``.
        litellm_name: what LiteLLM is asked for; for embedded models their own name.
        price: nano-USD per 1,000,000 tokens; None: not known, which is not the same as free.
        price_date: ISO date on which that price was last read; empty for what runs on this machine.
        context_window: tokens of prompt that fit; None: not known.
        max_output_tokens: completion tokens at most; None: not known.
        retired: ISO date on which the provider stopped or will stop serving it; None: not announced.
        successor: canonical name of the model that answers from then on.
        aliases: other names it is found under.
        retired_how: words for the retirement, such as ``was retired on 2026-02-19``.
        listed: whether LiteLLM's table still has it; an entry that was dropped there keeps its last price.
        long_prompt: a prompt of more tokens than this is billed at ``long_price``; None: never.
        long_price: price of the whole call then.
    """

    name: str
    provider: str
    litellm_name: str
    price: Price | None = None
    price_date: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None
    retired: str | None = None
    successor: str | None = None
    aliases: tuple[str, ...] = ()
    retired_how: str = ""
    listed: bool = True
    long_prompt: int | None = None
    long_price: Price | None = None

    @property
    def free(self) -> bool:
        """Whether it is known to cost nothing."""
        return self.price is not None and self.price.is_free

    def price_at(self, prompt_tokens: int) -> Price | None:
        """The price of a call with a prompt of that length; some models are dearer for long prompts.

        Args:
            prompt_tokens: all prompt tokens, cached ones included.

        Example:
            >>> entry = lookup("gpt-6-luna")
            >>> entry.price_at(1_000).input, entry.price_at(300_000).input
            (100000000, 200000000)
        """
        if self.long_prompt is not None and prompt_tokens > self.long_prompt:
            return self.long_price
        return self.price


@dataclass(frozen=True, slots=True)
class Resolved:
    """Which model answers for a configured name.

    Attributes:
        entry: the model that is called; None when the catalogue does not know the name.
        requested: the name as configured.
        reason: for people, why another name is called; empty when it is the same.
    """

    entry: CatalogEntry | None
    requested: str
    reason: str = ""


def entries() -> tuple[CatalogEntry, ...]:
    """Every model of the catalogue, in the order of the providers, embedded ones last."""
    return _read(_today().isoformat()).entries


def lookup(name: str, provider: str | None = None, *, today: date | None = None) -> CatalogEntry | None:
    """Find a model by its name, an alias, or LiteLLM's name for it. Retired ones are found too.

    Args:
        name: letter case does not matter. A dated snapshot of a retired model is that model.
        provider: look only there; aliases of providers are understood. None: the first provider,
            in the order of `SUPPORTED_PROVIDERS`, that has such a model. Any name is known to
            ``ollama`` and ``local``, since what runs on this machine costs nothing.
        today: the day whose prices count; None: today (UTC).

    Returns:
        The entry, or None if the catalogue has none.

    Example:
        >>> lookup("claude-3.5-haiku", "anthropic").name
        'claude-3-5-haiku'
    """
    index = _read((today or _today()).isoformat()).index
    where = normalize_provider(provider) if provider else ""
    plain = name.strip().lower()
    found = index.get((where, plain))
    if found is None and _DATED.search(plain):
        undated = index.get((where, _DATED.sub("", plain)))
        # A snapshot of a living model is a model of its own; one of a retired model has gone with it.
        found = undated if undated is not None and undated.retired else None
    if found is None and where in ("ollama", LOCAL):
        return _on_this_machine(name.strip(), where)
    return found


def resolve(name: str, provider: str | None = None, *, today: date | None = None) -> Resolved:
    """Find the model that answers for a configured name: its alias undone, its successors followed.

    Args:
        name: as configured.
        provider: as configured, or None for any.
        today: the day to judge retirement by; None: today (UTC).

    Returns:
        The entry to call and price, and the reason where that is not the configured name. The
        successor may live at another provider; `CatalogEntry.provider` says where.

    Example:
        >>> resolve("claude-3-5-haiku").reason
        'claude-3-5-haiku was retired on 2026-02-19; claude-haiku-4-5 answers'
    """
    return _resolve(name, provider, day_number() if today is None else today.toordinal())


def day_number() -> int:
    """Today (UTC) as `date.toordinal` counts, without the cost of making a date; a key for caches."""
    return _EPOCH + int(time() // 86_400)


@lru_cache(maxsize=1024)
def _resolve(name: str, provider: str | None, number: int) -> Resolved:
    day = date.fromordinal(number)
    entry = lookup(name, provider, today=day)
    if entry is None:
        return Resolved(None, name)
    chain, why = [entry], []
    if name.strip().lower() not in (entry.name.lower(), entry.litellm_name.lower()):
        why.append(f"{name} means {entry.name}")
    while entry.retired and entry.retired <= day.isoformat() and entry.successor:
        successor = lookup(entry.successor, entry.provider, today=day) or lookup(entry.successor, today=day)
        if successor is None or successor in chain:
            break
        why.append(f"{entry.name} {entry.retired_how}")
        chain.append(successor)
        entry = successor
    reason = ", ".join(why)
    if entry is not chain[0]:
        place = "" if entry.provider == chain[0].provider else f" of {entry.provider}"
        reason += f"; {entry.name}{place} answers"
    return Resolved(entry, name, reason)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    entries: tuple[CatalogEntry, ...]
    index: Mapping[tuple[str, str], CatalogEntry]


@lru_cache(maxsize=4)
def _read(day: str) -> _Catalogue:
    found = tuple(_entry(record, day) for record in _records()) + tuple(_embedded())
    index: dict[tuple[str, str], CatalogEntry] = {}
    # Real names go in before aliases, so that an alias never hides a model of that name.
    for names in (lambda entry: (entry.name, entry.litellm_name), lambda entry: entry.aliases):
        for entry in found:
            for name in names(entry):
                for where in (entry.provider, ""):
                    index.setdefault((where, name.lower()), entry)
    return _Catalogue(found, index)


@cache
def _records() -> list[dict[str, Any]]:
    import json

    records: list[dict[str, Any]] = json.loads(DATA_FILE.read_text(encoding="utf-8"))["models"]
    return records


def _entry(record: dict[str, Any], day: str) -> CatalogEntry:
    table = record["table"]
    retired = record.get("retired") or table.get("retires")
    price, price_date = table.get("price"), table.get("date", "")
    scheduled = record.get("scheduled_price")
    # A price that was read on or after the announced day has the change in it.
    if scheduled and price_date < scheduled["from"] <= day:
        price, price_date = scheduled["price"], scheduled["from"]
    return CatalogEntry(
        name=record["name"],
        provider=record["provider"],
        litellm_name=record["litellm_name"],
        price=Price(**price) if price else None,
        price_date=price_date,
        context_window=table.get("context_window"),
        max_output_tokens=table.get("max_output_tokens"),
        retired=retired,
        successor=record.get("successor"),
        aliases=tuple(record.get("aliases", ())),
        retired_how=record.get("retired_how") or (f"was retired on {retired}" if retired else ""),
        listed=table.get("listed", False),
        long_prompt=table.get("long_prompt"),
        long_price=Price(**table["long_price"]) if "long_price" in table else None,
    )


def _embedded() -> list[CatalogEntry]:
    return [
        CatalogEntry(
            name=model.name,
            provider=LOCAL,
            litellm_name=model.name,
            price=_FREE,
            context_window=model.context_window,
            max_output_tokens=model.context_window,
        )
        for model in EMBEDDED
    ]


def _on_this_machine(name: str, provider: str) -> CatalogEntry:
    if provider == LOCAL:
        return CatalogEntry(name=name, provider=provider, litellm_name=name, price=_FREE)
    model = name.removeprefix("ollama_chat/").removeprefix("ollama/")
    # Ollama's own cloud is billed by subscription, so a token of it has no price.
    price = None if model.endswith("cloud") else _FREE
    return CatalogEntry(name=model, provider=provider, litellm_name=f"ollama_chat/{model}", price=price)


def _today() -> date:
    return datetime.now(UTC).date()
