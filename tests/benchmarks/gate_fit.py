"""Fit the gate that is shipped, ``cascadeflow/quality/learned_gate.json``, from recorded answers.

    python tests/benchmarks/gate_fit.py

Reads the five sets in the folder ``CASCADEFLOW_DATA``. A fifth of the questions of each set, and the
40 rows shipped as a sample, are held out: `is_held_out` says which. Needs numpy.
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path

from cascadeflow.training.fit import fit_gate
from cascadeflow.training.rows import LabelledAnswer, read_answers
from cascadeflow.training.table import tabulate

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CASCADEFLOW_DATA", ROOT.parent / "shared" / "data"))
SETS = ("gsm8k", "math_l5", "crux", "mbpp", "arena_bench")
MODELS = 5
"""Model families with exact labels from which on the level of a kind means anything for others."""
ABOUT = {
    "sources": {
        "gsm8k": "GSM8K (MIT), answers of ZeroEval and RouteLLM (Apache-2.0)",
        "math_l5": "MATH level 5 (MIT), answers of ZeroEval (Apache-2.0)",
        "crux": "CRUXEval-O (MIT), answers of ZeroEval (Apache-2.0)",
        "mbpp": "MBPP (CC BY 4.0), answers of LLMDebugger (Apache-2.0)",
        "arena_bench": "arena-bench-v1 (Apache-2.0)",
    },
    "held out": "a fifth of the questions, by the hash of their id, and the rows of the sample",
}


def is_held_out(row: str, sample: frozenset[str]) -> bool:
    """Whether the shipped gate has not been fitted on this row."""
    return row in sample or int.from_bytes(blake2b(row.encode(), digest_size=4).digest(), "big") % 5 == 4


def sample_rows() -> frozenset[str]:
    """Ids of the rows of the sample."""
    return frozenset(json.loads(line)["id"] for line in (DATA / "quickstart.jsonl").read_text("utf-8").splitlines())


def answers() -> list[LabelledAnswer]:
    """Every labelled answer of the five sets, the set as its source."""
    from dataclasses import replace

    return [replace(answer, source=name) for name in SETS for answer in read_answers([DATA / f"{name}.jsonl.gz"])]


def main() -> None:
    sample = sample_rows()
    used = [answer for answer in answers() if not is_held_out(answer.row, sample)]
    data = fit_gate(tabulate(used), "shipped", ABOUT, models=MODELS)
    path = ROOT / "cascadeflow" / "quality" / "learned_gate.json"
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", "utf-8")
    print(f"{path.name}: {len(used)} answers, {path.stat().st_size} bytes, {data['calibration']}")


if __name__ == "__main__":
    main()
