"""Measures the presets: really run in rehearsal, and replayed on recorded answers of hosted models.

    python tests/benchmarks/presets.py rehearsal [--write] [--show]
    python tests/benchmarks/presets.py recorded [--write]

``rehearsal`` needs the embedded models (``cascadeflow models pull``) and takes a quarter of an hour on two
cores. ``recorded`` reads ``*.jsonl.gz`` and ``prices.json`` from the folder in ``CASCADEFLOW_DATA``: rows with
``prompt`` and ``answers``, each answer with ``text``, tokens, and ``correct`` or ``score``. ``--write`` puts
the table into ``docs/presets.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path

from preset_questions import QUESTIONS, Question
from preset_replays import replay

from cascadeflow import PRESETS, CascadeAgent, CascadeResult
from cascadeflow.integrations.local import LocalClient
from cascadeflow.money import format_usd
from cascadeflow.workspace import open_agent

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))
from make_presets import DOCUMENT, DOCUMENT_QUALITY, PAGE, put  # beside the page

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LONGEST = 512
"""Tokens of an answer at most in rehearsal: enough that none is cut off in the middle, where 17 take a second."""


async def rehearse(show: bool) -> str:
    """Ask every preset every question, and the strongest embedded model alone."""
    client = LocalClient()
    strongest = PRESETS["local"].models[-1]
    for model in PRESETS["local"].models:  # loading is not part of a run
        await CascadeAgent([model], client=client).run("Say yes.", max_tokens=2)
    agents = {name: open_agent(name, rehearse=True, client=client, history=False, ledger=False) for name in PRESETS}
    rows = []
    for name, agent in agents.items():
        document = "; ".join(dict.fromkeys((DOCUMENT[name], DOCUMENT_QUALITY[name])))
        rows.append(f"| `{name}` | {document} | {await rehearsed(name, agent, show)} |")
    alone = await rehearsed("alone", CascadeAgent([strongest], client=client), show)
    rows.append(f"| {strongest.name} alone | | {alone} |")
    await client.aclose()
    head = "| preset | document | cost | seconds | calls | first answer rejected | right | accepted, yet wrong |"
    return "\n".join([head, "|" + "---|" * 8, *rows])


async def rehearsed(name: str, agent: CascadeAgent, show: bool) -> str:
    """The measured cells of a row."""
    found: list[tuple[Question, CascadeResult]] = []
    for question in QUESTIONS:
        result = await agent.run(question.text, max_tokens=LONGEST)
        found.append((question, result))
        if show:
            right = "right" if question.right(result.text) else "WRONG"
            steps = ", ".join(f"{record.model} {record.outcome}" for record in result.trace)
            print(f"\n{name}, {question.field}: {right}, validated {result.validated} [{steps}]\n{result.text}")
    results = [result for _, result in found]
    right = [question.right(result.text) for question, result in found]
    wrong = sum(result.validated and not good for result, good in zip(results, right, strict=True))
    cells = [
        format_usd(round(statistics.mean(result.total_cost_nanousd for result in results))),
        f"{statistics.mean(result.latency_ms for result in results) / 1000:.1f}",
        f"{statistics.mean(len(result.trace) for result in results):.1f}",
        of(sum(result.trace[0].outcome == "rejected" for result in results)),
        of(sum(right)),
        of(wrong),
    ]
    return " | ".join(cells)


def of(count: int) -> str:
    return f"{count} of {len(QUESTIONS)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rehearsal", "recorded"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CASCADEFLOW_DATA", DATA)))
    parser.add_argument("--write", action="store_true", help="put the table into docs/presets.md")
    parser.add_argument("--show", action="store_true", help="print every answer")
    options = parser.parse_args()
    if options.what == "rehearsal":
        table = asyncio.run(rehearse(options.show))
    else:
        table = asyncio.run(replay(options.data, DOCUMENT_QUALITY))
    day = datetime.now(UTC).date().isoformat()
    command = f"python tests/benchmarks/presets.py {options.what} --write"
    made = f"{table}\n\nMeasured on {day} with `{command}`."
    print(f"\n{made}")
    if options.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), options.what, made, "presets.py"), encoding="utf-8")


if __name__ == "__main__":
    main()
