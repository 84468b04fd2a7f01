"""The learned part of the gate: from features to the chance that an answer is right.

Weights, calibration and the list of training rows are data (``learned_gate.json``, or a file that
``cascadeflow train`` wrote); here they are only read and added up. One set of weights for all kinds
of questions, moved for each kind as far as its answers support it. Where answers of a kind carry exact labels, the sum is
calibrated: for a model family that was recorded by an offset of its own, for others pooled. Where they do not,
the sum only moves the gate's prior a little, and the estimate says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from math import tanh
from pathlib import Path
from typing import Any

from cascadeflow.errors import ConfigError
from cascadeflow.quality.asked import Asked
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.features import answer_features, read_question
from cascadeflow.quality.text import pattern

VERSION = 1
PRIOR = 1.75
"""Log-odds of an answer that nothing is known about: 0.85."""
CLIP = 4.0
"""Spreads from the mean beyond which a feature counts no more."""
LIMIT = 3.0
"""Most that the features move the log-odds of a calibrated kind."""
NUDGE = 0.85
"""Most that they move them where the level is not known: alone that never rejects in mode ``balanced``."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the learned part says of an answer.

    Attributes:
        evidence: log-odds that it is right; of an uncalibrated kind what to add to the gate's prior.
        absolute: whether ``evidence`` stands by itself, in place of the prior.
        calibrated: whether it was fitted to labelled answers of this model family to questions of this kind.
        reason: what it rests on, for people.
    """

    evidence: float
    absolute: bool
    calibrated: bool
    reason: str


@dataclass(frozen=True, slots=True)
class KindCalibration:
    """How the sum of one kind becomes log-odds.

    Attributes:
        intercept: log-odds at the centre, pooled over the recorded models.
        slope: what a unit of the sum counts.
        centre: the sum of an answer like all of its kind.
        exact: whether its labels are exact, so that the level means anything.
        answers: labelled answers it was fitted on.
        shortest: characters that nearly all of those have; of shorter answers the level is not known.
        families: model family → offset to the intercept.
    """

    intercept: float
    slope: float
    centre: float
    exact: bool
    answers: int
    shortest: int
    families: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class LearnedGate:
    """A fitted gate.

    Attributes:
        name: what to call it.
        about: sources, licences, date and cross-validated scores.
        weights: for each kind, feature → (mean, 1 / spread, weight).
        calibration: by kind.
        rows: hashes of the ids of the rows it was trained on.
    """

    name: str
    about: dict[str, Any]
    weights: dict[str, dict[str, tuple[float, float, float]]]
    calibration: dict[str, KindCalibration]
    rows: frozenset[str]

    def estimate(self, context: CheckContext) -> Estimate | None:
        """What the features of an answer say.

        Args:
            context: question, answer, domain and, where known, the model.

        Returns:
            None where there is nothing to go by: a very short answer to an open question, one that is
            JSON by request or calls a tool, a kind this gate does not know.
        """
        if context.tool_calls or context.response_format or context.asked.json or not context.text.strip():
            return None
        question = read_question(context.prompt, context.asked, context.domain)
        settings = self.calibration.get(question.kind)
        if settings is None:
            return None
        absolute = settings.exact and len(context.text) >= settings.shortest
        if not settings.exact and len(context.text) < settings.shortest:
            return None
        total = _question_total(self, context.prompt, context.asked, context.domain)
        total += self.total(question.kind, answer_features(question, context.text))
        if not absolute:
            what = "short answers" if settings.exact else "questions"
            evidence = _nudge(settings.slope * (total - settings.centre))
            return Estimate(evidence, absolute=False, calibrated=False, reason=f"not calibrated for such {what}")
        family = family_of(context.model)
        known = family in settings.families
        who = f"of {family} and others" if known else f"of {len(settings.families)} other models"
        reason = f"{'calibrated' if known else 'pooled'} on {settings.answers} answers {who}"
        return Estimate(_log_odds(settings, total, family), absolute=True, calibrated=known, reason=reason)

    def log_odds(self, kind: str, features: dict[str, float], size: int, family: str = "") -> float:
        """Log-odds that an answer is right, by its features alone; `PRIOR` for a kind that is not known.

        Args:
            kind: of the question.
            features: of question and answer.
            size: characters of the answer.
            family: who answered.
        """
        settings = self.calibration.get(kind)
        if settings is None or (not settings.exact and size < settings.shortest):
            return PRIOR
        total = self.total(kind, features)
        if not settings.exact or size < settings.shortest:
            return PRIOR + _nudge(settings.slope * (total - settings.centre))
        return _log_odds(settings, total, family)

    def total(self, kind: str, features: dict[str, float]) -> float:
        """The weighted sum of features."""
        total = 0.0
        table = self.weights[kind]
        for name, value in features.items():
            found = table.get(name)
            if found is not None:
                mean, scale, weight = found
                distance = (value - mean) * scale
                total += weight * (distance if -CLIP < distance < CLIP else CLIP if distance > 0 else -CLIP)
        return total


@lru_cache(maxsize=64)
def _question_total(gate: LearnedGate, prompt: str, asked: Asked, domain: str) -> float:
    question = read_question(prompt, asked, domain)
    return gate.total(question.kind, question.features)


def _log_odds(settings: KindCalibration, total: float, family: str) -> float:
    moved = settings.slope * (total - settings.centre)
    return settings.intercept + max(-LIMIT, min(LIMIT, moved)) + settings.families.get(family, 0.0)


def _nudge(moved: float) -> float:
    return NUDGE * tanh(moved / NUDGE)


@lru_cache(maxsize=256)
def family_of(model: str) -> str:
    """A model's name without provider, release date and serving details.

    Example:
        >>> family_of("openai/gpt-4o-mini-2024-07-18"), family_of("groq/llama-3.1-8b-instant")
        ('gpt-4o-mini', 'llama-3.1-8b')
    """
    name = model.lower().rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return pattern(
        r"-(?:20\d\d-\d\d-\d\d|20\d{6}|\d{4}(?:-preview)?|instruct|instant|chat|it|latest|preview|turbo)(?=-|$)"
    ).sub("", name)


def row_hash(row_id: str) -> str:
    """The hash under which a training row is listed."""
    return blake2b(row_id.encode("utf-8", "replace"), digest_size=6).hexdigest()


def gate_training_rows(file: str | Path | None = None) -> frozenset[str]:
    """Hashes (`row_hash`) of the ids of the rows a gate was trained on; calibration leaves them out.

    Args:
        file: a gate that ``cascadeflow train`` wrote; None: the one that is shipped.

    Raises:
        ConfigError: the file is no gate.
    """
    return find_gate(file).rows


def find_gate(file: str | Path | None = None) -> LearnedGate:
    """The gate of that file; None: the one that is shipped.

    Raises:
        ConfigError: the file is no gate.
    """
    if file is None:
        return _shipped()
    path = Path(file).expanduser()
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"the gate {path} cannot be read: {error.strerror or error}", key="gate.file") from None


@cache
def _shipped() -> LearnedGate:
    from importlib.resources import files

    return gate_of(json.loads(files("cascadeflow.quality").joinpath("learned_gate.json").read_text("utf-8")))


@lru_cache(maxsize=8)
def _read(path: str, _changed: int) -> LearnedGate:
    try:
        return gate_of(json.loads(Path(path).read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} is no gate of version {VERSION} ({type(error).__name__}: {error}); `cascadeflow train` writes one",
            key="gate.file",
        ) from None


def gate_of(data: dict[str, Any]) -> LearnedGate:
    """A gate from the data of its file.

    Raises:
        ValueError, KeyError, TypeError: it is not of this form.
    """
    if data["version"] != VERSION:
        raise ValueError(f"its version is {data['version']!r}")
    scales = {name: (float(mean), 1 / float(spread)) for name, (mean, spread) in data["features"].items()}
    weights = {
        kind: {name: (*scales[name], float(weight)) for name, weight in table.items()}
        for kind, table in data["weights"].items()
    }
    calibration = {kind: KindCalibration(**settings) for kind, settings in data["calibration"].items()}
    if set(weights) != set(calibration):
        raise ValueError("its weights and its calibration name different kinds")
    size = 12
    rows = data["rows"]
    listed = frozenset(rows[start : start + size] for start in range(0, len(rows), size))
    return LearnedGate(data["name"], data["about"], weights, calibration, listed)
