"""The configuration file, TOML schema version 1: read, check, write, and turn into an agent.

Sections: ``[[models]]``, ``[quality]``, ``[budget]``, ``[tiers.NAME]``, ``[routing]``,
``[generation]``, ``[calls]``, ``[ledger]``, ``[history]``. Nothing in it is secret: keys come
from the environment.
"""

from cascadeflow.config.files import dump, dumps, load, loads, to_data, write_atomically
from cascadeflow.config.published import json_schema
from cascadeflow.config.schema import Configuration

__all__ = ["Configuration", "dump", "dumps", "json_schema", "load", "loads", "to_data", "write_atomically"]
