"""How well domain and complexity are told, on prompts labelled by their source.

    python tests/benchmarks/routing_skill.py [--errors]

Reads ``domain_prompts.jsonl.gz`` and ``complexity_prompts.jsonl.gz`` from the folder in
``CASCADEFLOW_DATA``. Labels without a domain of ours (conversation, writing, …) count as general. Words
and weights were set by hand and not fitted to these files; one sign ("write a function" is code, whatever
the function is about) and some words were added after looking at errors, so the figures are flattered a little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections import Counter, defaultdict
from pathlib import Path

from cascadeflow.routing import ComplexityAnalyzer, DomainDetector
from cascadeflow.routing.domain import DOMAINS

LEVELS = {"simple": 0, "medium": 1, "high": 2, "hard": 2}


def rows(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def ranks(values: list[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranked, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            ranked[index] = (start + end - 1) / 2
        start = end
    return ranked


def spearman(left: list[float], right: list[float]) -> float:
    a, b = ranks(left), ranks(right)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    cross = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    size = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    return cross / size if size else float("nan")


def domains(folder: Path, errors: bool) -> None:
    data = rows(folder / "domain_prompts.jsonl.gz")
    detector = DomainDetector()
    detector.detect("warm up")
    by_source: dict[str, list[bool]] = defaultdict(list)
    by_domain: dict[str, list[bool]] = defaultdict(list)
    confusion: Counter[tuple[str, str]] = Counter()
    began = time.perf_counter()
    found = [detector.detect(row["prompt"]) for row in data]
    spent = (time.perf_counter() - began) / len(data)
    for row, (domain, confidence) in zip(data, found, strict=True):
        label = row["domain"] if row["domain"] in DOMAINS else "general"
        by_source[row["source"].split("/")[0]].append(domain == label)
        by_domain[row["domain"]].append(domain == label)
        confusion[label, domain] += 1
        if errors and domain != label:
            print(f"    {label} -> {domain} {confidence:.2f} [{row['source']}] {row['prompt'][:110]!r}")
    size = sum(len(row["prompt"]) for row in data) / len(data)
    right = sum(count for (label, domain), count in confusion.items() if label == domain)
    print(f"domain: {right / len(data):.3f} of {len(data)} right; {spent * 1e6:.0f} us for {size:.0f} characters")
    for name, table in (("source", by_source), ("label", by_domain)):
        listed = sorted(table.items(), key=lambda item: -len(item[1]))
        print(f"  by {name}: " + ", ".join(f"{key} {sum(hits) / len(hits):.2f} ({len(hits)})" for key, hits in listed))
    for label in DOMAINS:
        total = sum(count for (_, domain), count in confusion.items() if domain == label)
        print(
            f"  said {label}: {total}, of which right {confusion[label, label] / total if total else float('nan'):.2f}"
        )


def complexity(folder: Path, errors: bool) -> None:
    data = rows(folder / "complexity_prompts.jsonl.gz")
    analyzer = ComplexityAnalyzer()
    began = time.perf_counter()
    found = [analyzer.analyze(row["prompt"]) for row in data]
    spent = (time.perf_counter() - began) / len(data)
    hits = [LEVELS[item["complexity"]] == LEVELS[row["level"]] for row, item in zip(data, found, strict=True)]
    scores = [item["score"] for item in found]
    print(
        f"complexity: {sum(hits) / len(hits):.3f} of {len(data)} right, Spearman with the level "
        f"{spearman(scores, [LEVELS[row['level']] for row in data]):.2f}; {spent * 1e6:.0f} us"
    )
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(data):
        groups[row["source"].split("/")[0] + " " + row["level"]].append(index)
    for name, indices in sorted(groups.items()):
        levels = Counter(found[index]["complexity"] for index in indices)
        mean = sum(scores[index] for index in indices) / len(indices)
        print(
            f"  {name:24} {len(indices):3}  right {sum(hits[i] for i in indices) / len(indices):.2f}  score {mean:.2f} {dict(levels)}"
        )
        if errors:
            for index in indices[:6]:
                print(f"      {scores[index]:.2f} {data[index]['prompt'][:110]!r}")
    for family in sorted({row["family"] for row in data}):
        chosen = [i for i, row in enumerate(data) if row["family"] == family]
        levels = [float(LEVELS[data[i]["level"]]) for i in chosen]
        line = f"  Spearman in {family}: level {spearman([scores[i] for i in chosen], levels):.2f}"
        measured = [i for i in chosen if data[i].get("difficulty") is not None]
        if len(measured) > 10:
            line += f", measured difficulty {spearman([scores[i] for i in measured], [data[i]['difficulty'] for i in measured]):.2f}"
        print(line)
    for name in ("gsm8k", "math_l5", "crux"):
        measured = [row for row in rows(folder / f"{name}.jsonl.gz") if row.get("difficulty") is not None]
        scored = [analyzer.analyze(row["prompt"])["score"] for row in measured]
        print(
            f"  Spearman with the measured difficulty of {name}: {spearman(scored, [row['difficulty'] for row in measured]):.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CASCADEFLOW_DATA", default)))
    parser.add_argument("--errors", action="store_true", help="print what was told wrongly")
    options = parser.parse_args()
    domains(options.data, options.errors)
    complexity(options.data, options.errors)


if __name__ == "__main__":
    main()
