"""Whether the traffic is still like the answers that the gate was calibrated on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cascadeflow.history import RunArchive
    from cascadeflow.quality.certificate import Certificate, Certified, Drift


class DomainDrift(NamedTuple):
    """The drift of what is certified for a domain, or for all others."""

    certified: Certified
    drift: Drift


def drifts(certificate: Certificate, archive: RunArchive) -> Iterator[DomainDrift]:
    """Compare the acceptance rates in the history with those of the calibration.

    Args:
        certificate: of the gate.
        archive: the history.

    Yields:
        One for each certified domain that has answers since the calibration.

    Raises:
        HistoryError: the archive could not be read.
    """
    if certificate.model is None or certificate.date is None:
        return
    since = datetime.combine(certificate.date, time.min, UTC).timestamp()
    own = tuple(certificate.domains)
    for part in certificate.parts():
        accepted, total = archive.acceptance(
            certificate.model, since, domains=(part.domain,) if part.domain else (), but=() if part.domain else own
        )
        drift = part.drift(accepted, total)
        if drift is not None:
            yield DomainDrift(part, drift)
