"""What a Redis server says of itself that matters to a ledger: may it forget what budgets have spent?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisHealth:
    """A server, or the nodes of a cluster, by what ``INFO`` says.

    Attributes:
        version: of the server.
        primary: whether it takes writes; a replica does not.
        clustered: whether it is part of a cluster.
        evicts: the ``maxmemory-policy`` by which it throws keys away when memory is short; empty: it does not.
        appends: whether it logs every write (``appendonly yes``), so that a restart loses none.
    """

    version: str
    primary: bool
    clustered: bool
    evicts: str
    appends: bool


def read_health(info: Mapping[str, Any]) -> RedisHealth:
    """Read what ``INFO`` answered.

    Args:
        info: of one server; of a cluster, node → the same.

    Example:
        >>> read_health({"redis_version": "7.2.4", "role": "master", "aof_enabled": 1}).appends
        True
    """
    nodes = [info] if "redis_version" in info else list(info.values())
    policies = [str(node.get("maxmemory_policy", "")) for node in nodes if node.get("maxmemory")]
    return RedisHealth(
        version=str(nodes[0].get("redis_version", "unknown")),
        primary=any(node.get("role") == "master" for node in nodes),
        clustered=any(node.get("cluster_enabled") for node in nodes),
        evicts=next((policy for policy in policies if policy and policy != "noeviction"), ""),
        appends=all(node.get("aof_enabled") for node in nodes),
    )
