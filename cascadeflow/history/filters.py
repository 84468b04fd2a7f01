"""`RunFilter`: which of the recorded runs are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cascadeflow.history.records import RunStatus

_TAGGED = "(run_id IN (SELECT run_id FROM run_tags WHERE tag = ?) OR session IN (SELECT session FROM session_tags WHERE tag = ?))"
_ASKED = "run_id IN (SELECT run_id FROM steps WHERE model = ?)"
_LABELLED = "run_id IN (SELECT run_id FROM labels)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are meant; what is None does not count.

    Attributes:
        session: of this conversation.
        since: begun at this instant or later, in seconds since the epoch.
        until: begun before this instant.
        domain: of this domain.
        model: in which this model was asked (configured name).
        preset: made with this preset.
        tag: that have this tag themselves, or whose conversation has.
        status: that ended this way.
        validated: whose answer passed its checks, or did not.
        cost_from: that cost at least so many nano-USD.
        cost_to: that cost at most so many nano-USD.
        labelled: of which an answer is marked right or wrong, or none is.
        rehearsal: made in rehearsal, or not.

    Example:
        >>> dear_code = RunFilter(domain="code", cost_from=5_000_000)
    """

    session: str | None = None
    since: float | None = None
    until: float | None = None
    domain: str | None = None
    model: str | None = None
    preset: str | None = None
    tag: str | None = None
    status: RunStatus | None = None
    validated: bool | None = None
    cost_from: int | None = None
    cost_to: int | None = None
    labelled: bool | None = None
    rehearsal: bool | None = None

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Conditions of SQL on the table of runs, and the values of their question marks."""
        given: list[tuple[str, tuple[Any, ...]]] = [
            ("session = ?", (self.session,)),
            ("started >= ?", (self.since,)),
            ("started < ?", (self.until,)),
            ("domain = ?", (self.domain,)),
            (_ASKED, (self.model,)),
            ("preset = ?", (self.preset,)),
            (_TAGGED, (self.tag, self.tag)),
            ("status = ?", (self.status,)),
            ("validated = ?", (self.validated,)),
            ("cost_nanousd >= ?", (self.cost_from,)),
            ("cost_nanousd <= ?", (self.cost_to,)),
            (f"({_LABELLED}) = ?", (self.labelled,)),
            ("rehearsal = ?", (self.rehearsal,)),
        ]
        wanted = [(condition, values) for condition, values in given if values[0] is not None]
        return [condition for condition, _ in wanted], [value for _, values in wanted for value in values]


def where(conditions: list[str]) -> str:
    """A WHERE clause in which all conditions hold; empty without any."""
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
