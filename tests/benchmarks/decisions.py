"""Every figure of ``docs/decisions.md``: how well the gate and the detectors decide.

    python tests/benchmarks/decisions.py [--part gate,held-out,signals,cascade,domain,complexity]

Reads the folder in ``CASCADEFLOW_DATA``; needs numpy. Nothing is judged by a gate that has seen its question: the shipped
gate is scored on the fifth it was not fitted on, all else in cross-validation. AUROC is the mean over
models within a set, as a user with one draft model feels it. Intervals: 95 %, by drawing questions anew.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import routing_skill
from gate_fit import DATA, MODELS, SETS, answers, is_held_out, sample_rows

from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.gate import PRIOR, WEIGHTS, run_checks
from cascadeflow.quality.learned import LearnedGate, find_gate
from cascadeflow.quality.modes import ALL
from cascadeflow.routing.domain import DOMAINS, DomainDetector
from cascadeflow.training.fit import FOLDS, fit_gate, live
from cascadeflow.training.skill import calibration_error, held_out, mean_auroc, score_all
from cascadeflow.training.table import Table, tabulate

VENDORS = {
    "claude": "anthropic", "gpt": "openai", "o1": "openai", "gemini": "google", "gemma": "google", "palm": "google",
    "llama": "meta", "codellama": "meta", "vicuna": "meta", "mistral": "mistral", "mixtral": "mistral", "starcoder": "bigcode",
}  # fmt: skip
PARTS = ("gate", "held-out", "signals", "cascade", "domain", "complexity")
DRAWS = 400


def vendor(family: str) -> str:
    """Whose model it is; a model without a vendor here stands alone."""
    return VENDORS.get(family.split("-", maxsplit=1)[0], family)


def of_set(table: Table, scores: Any, name: str) -> tuple[Table, Any]:
    mask = table.sources == name
    return table.chosen(mask), scores[mask]


def interval(table: Table, scores: Any) -> tuple[float, float]:
    """Of the mean AUROC, by drawing questions anew."""
    questions = np.unique(table.rows)
    places = {row: np.flatnonzero(table.rows == row) for row in questions}
    chance = np.random.default_rng(0)
    found = []
    for _ in range(DRAWS):
        drawn = np.concatenate([places[row] for row in chance.choice(questions, len(questions))])
        found.append(mean_auroc(table.chosen(drawn), scores[drawn]))
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)


def line(name: str, table: Table, scores: Any, *, intervals: bool = False) -> None:
    cells, values = [], []
    for source in SETS:
        part, said = of_set(table, scores, source)
        values.append(mean_auroc(part, said))
        low, high = interval(part, said) if intervals else (0.0, 0.0)
        cells.append(f"{values[-1]:.3f} ({low:.2f}-{high:.2f})" if intervals else f"{values[-1]:.3f}")
    print(f"  {name:44} {'  '.join(cells)}   mean {np.nanmean(values):.3f}", flush=True)


def fit(part: Table) -> LearnedGate:
    return live(fit_gate(part, "fold", {}, models=MODELS))


def shipped(table: Table, unseen: Any) -> None:
    gate = find_gate()
    part = table.chosen(unseen)
    scores = score_all(gate, part)
    print(
        f"The shipped gate, {len(part)} answers to {len(np.unique(part.rows))} questions it was not fitted on. AUROC by set:"
    )
    print(f"  {'':44} {'  '.join(SETS)}")
    line("checks alone", part, part.checks)
    line("shorter is right", part, -part.sizes)
    line("learned, without the checks", part, score_all(gate, _without_checks(part)))
    line("the gate", part, scores, intervals=True)
    print(
        "  set            n     right   said   calibration error: known family, pooled   accepts at 0.70: right, wrong"
    )
    for name in SETS:
        own, said = of_set(part, scores, name)
        pooled = score_all(gate, _nameless(own))
        right = own.right == 1
        print(
            f"  {name:12} {len(own):5}   {own.right.mean():.3f}   {said.mean():.3f}   {calibration_error(said, own.right):.3f}"
            f"  {calibration_error(pooled, own.right):.3f}   {(said[right] >= 0.7).mean():.3f}  {(said[~right] >= 0.7).mean():.3f}"
        )


def _without_checks(table: Table) -> Table:
    part = table.chosen(np.ones(len(table), bool))
    part.checks = np.zeros(len(table))
    return part


def _nameless(table: Table) -> Table:
    part = table.chosen(np.ones(len(table), bool))
    part.families = np.full(len(table), "")
    return part


def left_out(table: Table) -> None:
    print("Fitted anew without what it is scored on. AUROC by set:")
    line("questions left out", table, held_out(table, table.folds(FOLDS), fit), intervals=True)
    vendors = np.array([vendor(family) for family in table.families])
    scores = np.zeros(len(table))
    for name in np.unique(vendors):
        for fold in range(3):
            mask = (vendors == name) & (table.folds(3) == fold)
            others = table.chosen((vendors != name) & (table.folds(3) != fold))
            if mask.any():
                scores[mask] = score_all(fit(others), table.chosen(mask))
    line("every model of a vendor and questions left out", table, scores, intervals=True)
    line("whole source left out", table, held_out(table, table.sources, fit), intervals=True)


def signals(table: Table, checked: dict[str, Any]) -> None:
    print("Each check alone (blank score: the middle). AUROC by set:")
    for name, scores in checked.items():
        if np.ptp(scores):
            line(name, table, scores)
    print("The 25 features that tell most alone; below .5 less of it is better:")
    found = []
    for index, name in enumerate(table.names):
        values = np.nan_to_num(table.values[:, index], nan=float(np.nanmean(table.values[:, index])))
        by_set = [mean_auroc(*of_set(table, values, source)) for source in SETS]
        found.append((float(np.nanmean([abs(value - 0.5) for value in by_set])), name, by_set))
    for _, name, by_set in sorted(found, reverse=True)[:25]:
        print(f"  {name:44} {'  '.join(f'{value:.3f}' for value in by_set)}")


def cascade(table: Table) -> None:
    """A threshold for each model chosen on one half of the questions, applied to the other."""
    scores = held_out(table, table.folds(FOLDS), fit)
    print("Cascade against a random mix that keeps as many drafts, points; threshold chosen on the other half:")
    for name in SETS:
        part, said = of_set(table, scores, name)
        rate = {family: part.right[part.families == family].mean() for family in np.unique(part.families)}
        best = max(rate, key=rate.__getitem__)
        strong = dict(zip(part.rows[part.families == best], part.right[part.families == best], strict=True))
        gains = []
        for family in rate:
            mine = [index for index in np.flatnonzero(part.families == family) if part.rows[index] in strong]
            if family == best or not mine:
                continue
            cheap, other, score = part.right[mine], np.array([strong[part.rows[i]] for i in mine]), said[mine]
            half = part.folds(2)[mine]
            for side in (0, 1):
                chosen = max(
                    np.unique(score[half != side]), key=lambda cut: _gain(cheap, other, score, cut, half != side)
                )
                gains.append(100 * _gain(cheap, other, score, chosen, half == side))
        spread = np.std(gains) / len(gains) ** 0.5
        print(
            f"  {name:12} mean gain {np.mean(gains):+.1f} (± {2 * spread:.1f}) over {len(gains) // 2} models, then {best}"
        )


def _gain(cheap: Any, strong: Any, score: Any, cut: float, which: Any) -> float:
    keeps = score[which] >= cut
    kept = keeps.mean()
    mixed = kept * cheap[which].mean() + (1 - kept) * strong[which].mean()
    return float(np.where(keeps, cheap[which], strong[which]).mean() - mixed)


def domain() -> None:
    rows = routing_skill.rows(DATA / "domain_prompts.jsonl.gz")
    labels = np.array([row["domain"] if row["domain"] in DOMAINS else "general" for row in rows])
    sources = np.array([row["source"].split("/")[0] for row in rows])
    detector = DomainDetector()
    rules = np.array([detector.detect(row["prompt"])[0] for row in rows])
    print(f"Domain: {len(rows)} prompts. The rules: {np.mean(rules == labels):.3f}")
    words = _words([row["prompt"] for row in rows])
    hints = np.array([[_hint(detector, row["prompt"], name) for name in DOMAINS] for row in rows])
    shuffled = np.random.default_rng(0).integers(0, 5, len(rows))
    for name, values in (
        ("words alone", words),
        ("rules and words", np.hstack([hints, words])),
        ("rules, weighed anew", hints),
    ):
        shares = [np.mean(_ridge(values, labels, groups) == labels) for groups in (shuffled, sources)]
        print(f"  learned, {name:20} shuffled {shares[0]:.3f}, whole sources left out {shares[1]:.3f}")


def _hint(detector: DomainDetector, prompt: str, name: str) -> float:
    found, count = detector._weigh(prompt)
    return 2 * float(np.tanh(found.get(name, 0.0) / max(1.0, (count / 40) ** 0.5) / 4))


def _words(prompts: list[str]) -> Any:
    from cascadeflow.routing.domain import words_of

    found = [set(words_of(prompt.lower()[:3000])) for prompt in prompts]
    counts: dict[str, int] = {}
    for words in found:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    known = {word: place for place, word in enumerate(word for word, count in sorted(counts.items()) if count > 1)}
    values = np.zeros((len(prompts), len(known)))
    for row, words in enumerate(found):
        for word in words & known.keys():
            values[row, known[word]] = 1 / (len(words) + 1) ** 0.5
    return values


def _ridge(values: Any, labels: Any, groups: Any) -> Any:
    said = np.empty(len(labels), dtype=labels.dtype)
    values = np.hstack([values, np.ones((len(values), 1))])
    for group in np.unique(groups):
        others, own = groups != group, groups == group
        wanted = np.array([labels[others] == name for name in DOMAINS]).T.astype(float)
        kernel = values[others] @ values[others].T + 0.3 * np.eye(others.sum())
        said[own] = np.array(DOMAINS)[
            np.argmax(values[own] @ (values[others].T @ np.linalg.solve(kernel, wanted)), axis=1)
        ]
    return said


def tables() -> Iterator[Any]:
    listed = answers()
    yield tabulate(listed)
    sample = sample_rows()
    yield np.array([is_held_out(answer.row, sample) for answer in listed])
    results = [run_checks(CheckContext(answer.prompt, answer.text, answer.domain), ALL) for answer in listed]
    yield {
        name: np.array([0.5 if item[place].score is None else item[place].score for item in results])
        for place, name in enumerate(ALL)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default=",".join(PARTS))
    parts = parser.parse_args().part.split(",")
    began = time.perf_counter()
    if {"gate", "held-out", "signals", "cascade"} & set(parts):
        made = tables()
        table, unseen = next(made), next(made)
        if "gate" in parts:
            shipped(table, unseen)
        if "held-out" in parts:
            left_out(table)
        if "signals" in parts:
            signals(table, next(made))
        if "cascade" in parts:
            cascade(table)
    if "domain" in parts:
        domain()
    if "complexity" in parts:
        routing_skill.complexity(DATA, errors=False)
    print(
        f"{time.perf_counter() - began:.0f} s; before any evidence the gate says {1 / (1 + np.exp(-PRIOR)):.2f}; {len(WEIGHTS)} checks"
    )


if __name__ == "__main__":
    main()
