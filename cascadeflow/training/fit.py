"""Fitting a gate: weights by one step of penalised least squares on the logit scale, then calibration.

What is fitted is the difference between answers of *one* model to questions of *one* source: each
pair's own rate of right answers is taken out first. So the weights do not learn that one model is better
than another by its style, which would not help a user whose drafts all come from one model.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cascadeflow.errors import ConfigError
from cascadeflow.quality.learned import VERSION, LearnedGate, gate_of, row_hash
from cascadeflow.training.table import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED, OWN = 1500.0, 1000.0
"""Penalties of the weights that all kinds share, and of what a kind has of its own. Of 500 to 5,000 none
is better by more than 0.005 of mean AUROC."""
FOLDS = 5
"""Parts of the questions for the scores that calibration is fitted on."""
FEW = 40
"""Answers of a family to questions of a kind from which on it gets an offset of its own."""
_LEAST = 60
"""Answers a gate can be fitted on at all."""


def fit_gate(
    table: Table, name: str, about: dict[str, Any], base: LearnedGate | None = None, models: int = 1
) -> dict[str, Any]:
    """Fit a gate.

    Args:
        table: labelled answers.
        name: what to call it.
        about: sources, licences and scores to keep with it.
        base: a gate to start from: its weights are moved, and kept where there is no data; None: from nothing.
        models: families that a kind needs with exact labels for its level to mean anything.

    Returns:
        The gate as the data of its file.

    Raises:
        ConfigError: too few answers, or all of them right or wrong.
    """
    if len(table) < _LEAST or not 0 < table.right.mean() < 1:
        raise ConfigError(f"{len(table)} answers cannot tell right from wrong; it takes {_LEAST}, of both sorts")
    import numpy as np

    scales = _scales(table, base)
    weights = fit_weights(table, scales, base)
    totals = np.zeros(len(table))
    folds = table.folds(FOLDS)
    for fold in range(FOLDS):
        held = folds == fold
        if held.any() and not held.all():
            part = table.chosen(held)
            totals[held] = totals_of(part, scales, fit_weights(table.chosen(~held), scales, base))
    calibration = {} if base is None else {kind: _settings(item) for kind, item in base.calibration.items()}
    for kind in np.unique(table.kinds):
        mask = table.kinds == kind
        calibration[str(kind)] = _calibrate(table.chosen(mask), totals[mask], models)
    return {
        "version": VERSION,
        "name": name,
        "about": {"fitted": datetime.now(UTC).date().isoformat(), "answers": len(table), **about},
        "features": {key: [round(mean, 5), round(spread, 5)] for key, (mean, spread) in scales.items()},
        "weights": {kind: {key: round(value, 5) for key, value in item.items()} for kind, item in weights.items()},
        "calibration": calibration,
        "rows": "".join(sorted({row_hash(row) for row in table.rows} | (base.rows if base else frozenset()))),
    }


def live(data: dict[str, Any]) -> LearnedGate:
    """The gate of such data."""
    return gate_of(data)


def _scales(table: Table, base: LearnedGate | None) -> dict[str, tuple[float, float]]:
    import numpy as np

    scales: dict[str, tuple[float, float]] = {}
    for index, name in enumerate(table.names):
        known = table.values[:, index][~np.isnan(table.values[:, index])]
        if known.size > 1 and known.std() > 1e-6:
            scales[name] = (float(known.mean()), float(known.std()))
    for kind in base.weights.values() if base else ():
        scales.update({name: (mean, 1 / scale) for name, (mean, scale, _) in kind.items()})
    return scales


def fit_weights(
    table: Table, scales: dict[str, tuple[float, float]], base: LearnedGate | None
) -> dict[str, dict[str, float]]:
    """Weights by kind and feature."""
    import numpy as np

    values = table.scaled(scales)
    rest, weight = _residuals(table)
    centred = _centred(values, weight, table.sources)
    balance = _balance(table)
    start = np.zeros(len(table.names)) if base else _solve(centred, weight * balance, rest, SHARED)
    weights = {
        kind: {name: item[2] for name, item in found.items()} for kind, found in (base.weights if base else {}).items()
    }
    for kind in np.unique(table.kinds):
        mask = table.kinds == kind
        before = start
        if str(kind) in weights:
            before = np.array([weights[str(kind)].get(name, 0.0) for name in table.names])
        own = _solve(centred[mask], weight[mask], rest[mask] - centred[mask] @ before, OWN)
        moved = {
            name: float(value)
            for name, value in zip(table.names, before + own, strict=True)
            if name in scales and value
        }
        weights[str(kind)] = weights.get(str(kind), {}) | moved
    return weights


def totals_of(
    table: Table, scales: dict[str, tuple[float, float]], weights: dict[str, dict[str, float]]
) -> NDArray[Any]:
    """The weighted sum of features of each answer; of a kind without weights the mean of the others."""
    import numpy as np

    values = table.scaled(scales)
    columns = {kind: np.array([item.get(name, 0.0) for name in table.names]) for kind, item in weights.items()}
    shared = np.mean(list(columns.values()), axis=0)
    totals = np.zeros(len(table))
    for kind in np.unique(table.kinds):
        mask = table.kinds == kind
        totals[mask] = values[mask] @ columns.get(str(kind), shared)
    return totals


def _residuals(table: Table) -> tuple[NDArray[Any], NDArray[Any]]:
    """What is left of the label without the rate of its model on its source, on the logit scale, and its weight."""
    import numpy as np

    rest, weight = np.zeros(len(table)), np.zeros(len(table))
    groups = np.char.add(np.char.add(table.sources, "|"), table.families)
    for group in np.unique(groups):
        mask = groups == group
        rate = table.right[mask].mean()
        spread = max(0.04, rate * (1 - rate))
        rest[mask] = (table.right[mask] - rate) / spread
        weight[mask] = spread
    return rest, weight


def _centred(values: NDArray[Any], weight: NDArray[Any], groups: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    values = values.copy()
    for group in np.unique(groups):
        mask = groups == group
        values[mask] -= np.average(values[mask], axis=0, weights=weight[mask])
    return values


def _balance(table: Table) -> NDArray[Any]:
    """Weights that keep a large source from speaking for all."""
    import numpy as np

    balance = np.zeros(len(table))
    for source in np.unique(table.sources):
        mask = table.sources == source
        balance[mask] = mask.sum() ** -0.6
    balanced: NDArray[Any] = balance / balance.mean()
    return balanced


def _solve(values: NDArray[Any], weight: NDArray[Any], rest: NDArray[Any], penalty: float) -> NDArray[Any]:
    import numpy as np

    left = (values * weight[:, None]).T @ values + penalty * np.eye(values.shape[1])
    return np.linalg.solve(left, (values * weight[:, None]).T @ rest)


def _settings(calibration: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(calibration)


def _calibrate(table: Table, totals: NDArray[Any], models: int) -> dict[str, Any]:
    import numpy as np

    exact = bool(table.exact.mean() >= 0.9) and len(np.unique(table.families[table.exact])) >= models
    # What a check rejects for sure says nothing about the rest.
    kept = (table.checks > -5) & (table.exact if exact else True)
    part, totals = table.chosen(kept), totals[kept]
    centre = float(totals.mean()) if len(totals) else 0.0
    totals = totals - centre
    intercept, slope = _line(totals, part.right, part.checks)
    families: dict[str, float] = {}
    for family in np.unique(part.families) if exact else ():
        mask = part.families == family
        if mask.sum() >= FEW:
            offset = _offset(intercept + slope * totals[mask] + part.checks[mask], part.right[mask])
            families[str(family)] = round(offset, 4)
    return {
        "intercept": round(intercept, 4),
        "slope": round(slope, 4),
        "centre": round(centre, 4),
        "exact": exact,
        "answers": int(kept.sum()),
        "shortest": int(np.quantile(part.sizes, 0.02)) if len(part) else 0,
        "families": families,
    }


def _line(totals: NDArray[Any], right: NDArray[Any], offset: NDArray[Any]) -> tuple[float, float]:
    """Intercept and slope of a logistic regression; the slope is held at 0 or above, and weakly to 1."""
    import numpy as np

    found = np.array([0.0, 1.0])
    for _ in range(30):
        chance = _chance(found[0] + found[1] * totals + offset)
        weight = chance * (1 - chance)
        design = np.stack([np.ones_like(totals), totals])
        gradient = design @ (right - chance) - np.array([0.0, 2.0]) * (found - [0.0, 1.0])
        curve = (design * weight) @ design.T + np.diag([1e-3, 2.0])
        found = found + np.clip(np.linalg.solve(curve, gradient), -1, 1)
    return float(found[0]), max(0.0, float(found[1]))


def _offset(evidence: NDArray[Any], right: NDArray[Any]) -> float:
    """What to add to the log-odds of one family; held to 0 by a prior of spread 1.5."""
    offset = 0.0
    for _ in range(30):
        chance = _chance(evidence + offset)
        step = (float((right - chance).sum()) - offset / 2.25) / (float((chance * (1 - chance)).sum()) + 1 / 2.25)
        offset += max(-1.0, min(1.0, step))
    return offset


def _chance(evidence: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    chance: NDArray[Any] = 1 / (1 + np.exp(-np.clip(evidence, -30, 30)))
    return chance
