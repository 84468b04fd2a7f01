"""Configuration files: read with errors at the line, written atomically with the user's comments kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cascadeflow.config.contradictions import contradictions
from cascadeflow.config.lines import explain, located
from cascadeflow.config.schema import SCHEMA_VERSION, Configuration
from cascadeflow.errors import ConfigError
from cascadeflow.schema import ModelConfig


def loads(text: str, *, file: str | None = None) -> Configuration:
    """Read a configuration from TOML text.

    Args:
        text: TOML, schema version 1.
        file: name for error messages.

    Raises:
        ConfigError: names file, line, key, value and what is allowed.
    """
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is not TOML: {error}", file=file) from None
    if data.get("version") != SCHEMA_VERSION:
        found = data.get("version", "missing")
        raise ConfigError(
            f"version is {found}; this release reads version = {SCHEMA_VERSION}", file=file, key="version"
        )
    try:
        configuration = Configuration.model_validate(data)
    except ValidationError as error:
        raise explain(error, text, file) from None
    for contradiction in contradictions(configuration):
        raise located(contradiction, text, file)
    return configuration


def load(path: str | Path) -> Configuration:
    """Read a configuration file.

    Raises:
        ConfigError: the file cannot be read, or names line, key, value and what is allowed.
    """
    path = Path(path).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read it: {error}", file=str(path)) from None
    configuration = loads(text, file=str(path))
    if configuration.gate.file is not None:
        # Whole, since what is loaded here may be written into another folder.
        configuration.gate.file = str((path.parent / Path(configuration.gate.file).expanduser()).absolute())
    return configuration


_SAID = {"ledger": "kind", "history": "mode"}
"""Sections without which console and command use their own: said even where they are at their default."""


def to_data(configuration: Configuration) -> dict[str, Any]:
    """The configuration as plain data, without what is at its default."""
    data = configuration.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    data["models"] = [_plain_model(model) for model in configuration.models]
    for section, key in _SAID.items():
        if section in configuration.model_fields_set:
            data.setdefault(section, {key: getattr(getattr(configuration, section), key)})
    return {"version": SCHEMA_VERSION} | data


def _plain_model(model: ModelConfig) -> dict[str, Any]:
    from dataclasses import fields

    data = {item.name: getattr(model, item.name) for item in fields(model)}
    return {key: value for key, value in data.items() if value is not None}


def dumps(configuration: Configuration) -> str:
    """Write a configuration as TOML text; `loads` gives the same value back."""
    import tomli_w

    return tomli_w.dumps(to_data(configuration))


def dump(configuration: Configuration, path: str | Path) -> Path:
    """Write a configuration file: whole or not at all, keeping a backup and the user's comments.

    Args:
        configuration: what to write.
        path: where to; a file that is there is kept beside it as ``NAME.bak``.

    Returns:
        The path written.

    Raises:
        ConfigError: the file cannot be written.
    """
    path = Path(path).expanduser()
    try:
        old = path.read_text(encoding="utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot write it: {error}", file=str(path)) from None
    write_keeping_backup(path, dumps(configuration) if old is None else _merge(old, to_data(configuration)))
    return path


def write_keeping_backup(path: Path, text: str) -> None:
    """Write a text file whole or not at all; a file that is there is kept beside it as ``NAME.bak``.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            backup = path.with_name(path.name + ".bak")
            write_atomically(backup, path.read_text(encoding="utf-8", errors="surrogateescape"))
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"cannot write it: {error}", file=str(path)) from None


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    import os
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _merge(old: str, data: dict[str, Any]) -> str:
    """New values in an old text, whose comments stay."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(old)
    except TOMLKitError:
        import tomli_w

        return tomli_w.dumps(data)
    _update(document, data)
    return tomlkit.dumps(document)


def _update(table: Any, data: dict[str, Any]) -> None:
    for key in [key for key in table if key not in data]:
        del table[key]
    for key, value in data.items():
        current = table.get(key)
        if isinstance(value, dict) and isinstance(current, dict):
            _update(current, value)
        elif _is_tables(value) and _is_tables(current) and len(value) == len(current):
            for old_item, new_item in zip(current, value, strict=True):
                _update(old_item, new_item)
        elif current != value:
            table[key] = value


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
