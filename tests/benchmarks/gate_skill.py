"""How well the gate tells right answers from wrong ones, on recorded answers with exact labels.

    python tests/benchmarks/gate_skill.py [--mode balanced] [--sets gsm8k,crux]

Reads ``*.jsonl.gz`` from the folder in ``CASCADEFLOW_DATA`` (rows with ``prompt`` and ``answers``, each
answer with ``text`` and ``correct``). Prints, for each set and model: share of right answers, AUROC
of the gate's score, AUROC of "the shorter answer is right", how often the gate accepts a right and a
wrong answer, and, with the set's best model as the one that is asked next, the accuracy of the
cascade beside a *random mix* that keeps as many answers of the cheap model. The shipped gate was fitted to four fifths of
these questions: ``decisions.py`` says what it does on others.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections import defaultdict
from pathlib import Path

from cascadeflow.evaluation.metrics import ScoredLabels
from cascadeflow.quality.context import CheckContext
from cascadeflow.quality.gate import judge

SETS = ("gsm8k", "math_l5", "crux", "mbpp", "arena_bench")


def auroc(scores: list[float], right: list[int]) -> float:
    found = ScoredLabels(scores, [bool(label) for label in right]).auroc()
    return float("nan") if found is None else found


def rows(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def measure(name: str, folder: Path, mode: str) -> None:
    data = rows(folder / f"{name}.jsonl.gz")
    judged: dict[str, dict[str, tuple[float, bool, int, int]]] = defaultdict(dict)
    began, count = time.perf_counter(), 0
    for row in data:
        for model, answer in row["answers"].items():
            if answer.get("correct") is None:
                continue
            verdict = judge(CheckContext(row["prompt"], answer["text"], row.get("domain", "general")), mode)
            judged[model][row["id"]] = (verdict.score, verdict.is_valid, len(answer["text"]), int(answer["correct"]))
            count += 1
    spent = (time.perf_counter() - began) / max(count, 1)
    accuracy = {model: sum(item[3] for item in items.values()) / len(items) for model, items in judged.items()}
    best = max(accuracy, key=accuracy.__getitem__)
    print(f"\n{name}: {count} answers, {spent * 1e6:.0f} us each; asked next: {best} ({accuracy[best]:.3f})")
    print(f"  {'model':32} right  AUROC shorter | acc|right acc|wrong | cascade  mix   gain")
    means: list[tuple[float, float]] = []
    for model in sorted(accuracy, key=accuracy.__getitem__):
        items = judged[model]
        labels = [item[3] for item in items.values()]
        ours = auroc([item[0] for item in items.values()], labels)
        shorter = auroc([-item[2] for item in items.values()], labels)
        means.append((ours, shorter))
        kept_right = [item[1] for item in items.values() if item[3]]
        kept_wrong = [item[1] for item in items.values() if not item[3]]
        line = (
            f"  {model:32} {accuracy[model]:.3f}  {ours:.3f}  {shorter:.3f}  |  "
            f"{share(kept_right):.3f}     {share(kept_wrong):.3f}   |"
        )
        if model != best:
            shared = [key for key in items if key in judged[best]]
            kept = share([items[key][1] for key in shared])
            cascade = share([items[key][3] if items[key][1] else judged[best][key][3] for key in shared])
            mix = kept * share([items[key][3] for key in shared])
            mix += (1 - kept) * share([judged[best][key][3] for key in shared])
            line += f"  {cascade:.3f}  {mix:.3f} {cascade - mix:+.3f}"
        print(line)
    print(f"  {'mean over models':32}        {mean(means, 0):.3f}  {mean(means, 1):.3f}")


def share(flags: list) -> float:
    return sum(flags) / len(flags) if flags else float("nan")


def mean(pairs: list[tuple[float, float]], index: int) -> float:
    known = [pair[index] for pair in pairs if pair[index] == pair[index]]
    return sum(known) / len(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CASCADEFLOW_DATA", default)))
    parser.add_argument("--mode", default="balanced")
    parser.add_argument("--sets", default=",".join(SETS))
    options = parser.parse_args()
    for name in options.sets.split(","):
        measure(name, options.data, options.mode)


if __name__ == "__main__":
    main()
