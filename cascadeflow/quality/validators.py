"""Validators: functions that decide on an answer in place of the gate, by name or as callables.

A validator takes the text, or the text and the `CheckContext`, and returns a bool, ``(bool, reason)``
or a `Verdict`; it may be async. In a TOML file a validator stands under its registered name.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, cast

from cascadeflow.errors import ConfigError
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.gate import judge
from cascadeflow.schema import Verdict

Outcome = bool | tuple[bool, str] | Verdict
Validator = Callable[..., Outcome | Awaitable[Outcome]]

_VALIDATORS: dict[str, Validator] = {}
_BUILT_IN = {
    "citation_validator": "cascadeflow.quality.citations",
    "code_quality_validator": "cascadeflow.quality.code_quality",
    "compliance_validator": "cascadeflow.quality.compliance",
    "medical_fact_checker": "cascadeflow.quality.medical_facts",
    "medical_safety_checker": "cascadeflow.quality.medical_safety",
    "syntax_validator": "cascadeflow.quality.syntax",
}
"""Validators by name and the module that holds a function of that name; it is imported when asked for."""
_NEEDS = {
    "citation_validator": ("eyecite", "idutils"),
    "code_quality_validator": ("pyflakes.checker", "tree_sitter"),
    "compliance_validator": ("eyecite",),
    "syntax_validator": ("tree_sitter",),
}
"""Packages that take long to import: eyecite 0.6 s, idutils 0.5 s (measured)."""
_ready: set[str] = set()
"""Built-in validators whose imports are done."""


def register_validator(name: str, validator: Validator) -> None:
    """Give a validator a name, under which configuration files can ask for it.

    Args:
        name: any word; an existing name is replaced.
        validator: the callable.

    Raises:
        ConfigError: the name is empty, or what is given cannot be called.

    Example:
        >>> register_validator("says_please", lambda text: "please" in text.lower())
    """
    if not name or not callable(validator):
        raise ConfigError(f"a validator is a name and a callable, not {name!r} and {validator!r}")
    _VALIDATORS[name] = validator


def find_validator(name: str) -> Validator:
    """The validator of that name.

    Raises:
        ConfigError: there is none; the text lists those that exist.
    """
    if name in _VALIDATORS:
        return _VALIDATORS[name]
    if name in _BUILT_IN:
        return cast("Validator", getattr(import_module(_BUILT_IN[name]), name))
    known = ", ".join(validator_names())
    raise ConfigError(f"there is no validator {name!r}; known are {known}; add yours with register_validator")


def validator_names() -> tuple[str, ...]:
    """The registered names, sorted."""
    return tuple(sorted({*_VALIDATORS, *_BUILT_IN}))


def name_of(validator: Validator) -> str | None:
    """The name a validator is registered under; None where it has none."""
    for name, known in _VALIDATORS.items():
        if known is validator:
            return name
    # Only a function that bears the name can be it, so that no module is imported for another's sake.
    name = getattr(validator, "__name__", "")
    return name if name in _BUILT_IN and find_validator(name) is validator else None


async def run_validator(validator: Validator | str, context: CheckContext) -> Verdict:
    """Let a validator decide.

    Args:
        validator: the callable, or its registered name.
        context: question and answer.

    Returns:
        Its verdict. One that raises, or returns something else than a verdict, has failed: the run
        goes on, and the reason says what happened.

    Raises:
        ConfigError: no validator has that name.
    """
    name = validator if isinstance(validator, str) else name_of(validator) or _label(validator)
    await _make_ready(name)
    function = find_validator(validator) if isinstance(validator, str) else validator
    try:
        outcome: Any = function(context.text, context) if _takes_context(function) else function(context.text)
        if inspect.isawaitable(outcome):
            outcome = await outcome
    except Exception as error:
        return Verdict(is_valid=False, reason=f"{name} raised {type(error).__name__}: {error}", deciding=name)
    return _verdict(name, outcome)


async def _make_ready(name: str) -> None:
    """Import what a built-in validator needs, once and in a thread: on the loop every other run would stand still."""
    if name in _BUILT_IN and name not in _VALIDATORS and name not in _ready:
        import asyncio

        await asyncio.to_thread(_import_all, name)
        _ready.add(name)


def _import_all(name: str) -> None:
    import_module(_BUILT_IN[name])
    for package in _NEEDS.get(name, ()):
        try:
            import_module(package)
        except ImportError:  # the validator says itself what is not installed
            continue


def _verdict(name: str, outcome: Any) -> Verdict:
    if isinstance(outcome, Verdict):
        return outcome
    valid, reason = outcome if isinstance(outcome, tuple) and len(outcome) == 2 else (outcome, "")
    if not isinstance(valid, bool) or not isinstance(reason, str):
        got = type(outcome).__name__
        reason = f"{name} returned {got}; a validator returns a bool, (bool, reason) or a Verdict"
        return Verdict(is_valid=False, reason=reason, deciding=name)
    said = reason or ("passed" if valid else "failed")
    return Verdict(is_valid=valid, reason=f"{name}: {said}", deciding=name)


def _label(function: Validator) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _takes_context(function: Validator) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = [item for item in parameters if item.kind in {item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD}]
    if len(positional) < 2:
        return False
    # An option with a default is the validator's own, unless it is called context.
    return positional[1].default is inspect.Parameter.empty or positional[1].name == "context"


def quality_validator(text: str, context: CheckContext | None = None) -> Verdict:
    """The gate in mode ``balanced``.

    Args:
        text: the answer.
        context: what else is known; None: the text alone is judged.
    """
    return judge(context or CheckContext("", text), "balanced")


def confidence_validator(text: str, context: CheckContext | None = None) -> Verdict:
    """The gate in mode ``strict``: for steps whose answer goes out unseen.

    Args:
        text: the answer.
        context: what else is known; None: the text alone is judged.
    """
    return judge(context or CheckContext("", text), "strict")


register_validator("quality_validator", quality_validator)
register_validator("confidence_validator", confidence_validator)
