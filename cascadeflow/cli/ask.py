"""``cascadeflow ask``: one question, or a conversation line by line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from cascadeflow.cli.options import check_settings, console_options, json_option, read_query

if TYPE_CHECKING:
    from cascadeflow.core.agent import CascadeAgent
    from cascadeflow.schema import Message


@click.command("ask")
@click.argument("words", nargs=-1, metavar="[QUESTION]")
@console_options
@json_option("One event a line, as JSON; the last one is run_finished, run_failed or run_cancelled.")
@click.option("--plain", is_flag=True, help="A conversation in whole lines, for pipes and screen readers.")
@click.option("--session", metavar="ID", help="Go on with a conversation of the history, or begin one under that name.")
@click.option("--system", metavar="TEXT", help="System message.")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Completion tokens at most.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="For the whole run.")
def command(
    words: tuple[str, ...],
    preset: str | None,
    config: Path | None,
    as_json: bool,
    plain: bool,
    session: str | None,
    rehearse: bool | None,
    tier: str | None,
    user: str | None,
    **options: Any,
) -> None:
    """Ask a question and see what the cascade does with it.

    The question is the argument, or standard input. On a terminal the answer streams, and a
    rejected draft is withdrawn in words; in a pipe only the answer that stands is written.
    With --plain and no question, every line of standard input is a question of one conversation.
    """
    from cascadeflow.cli.story import sink_for
    from cascadeflow.workspace import open_agent

    if as_json and plain:
        raise click.UsageError("--json and --plain contradict each other; give one of them.")
    check_settings(preset, config)
    if plain and not words:
        questions, session = _lines(), session or uuid4().hex
    else:
        questions = iter([read_query(words)])
    agent = open_agent(preset, config=config, rehearse=rehearse)
    sink, hold_drafts = sink_for(as_json=as_json, plain=plain)
    options |= {"user_id": user, "user_tier": tier, "hold_drafts": hold_drafts}
    with asyncio.Runner() as runner:
        try:
            _converse(runner, agent, questions, sink, session=session, options=options, may_prompt=not as_json)
        finally:
            runner.run(agent.aclose())


def _converse(
    runner: asyncio.Runner,
    agent: CascadeAgent,
    questions: Iterator[str],
    sink: Callable[[Any], None],
    *,
    session: str | None,
    options: dict[str, Any],
    may_prompt: bool,
) -> None:
    """Ask one question after another, each with the conversation before it."""
    from cascadeflow.cli.failure import code_for, report
    from cascadeflow.cli.running import follow
    from cascadeflow.errors import CascadeFlowError

    messages = earlier_messages(agent, session)
    code = 0
    for question in questions:
        messages.append({"role": "user", "content": question})
        if may_prompt:
            offer_models(agent, messages, tier=options["user_tier"], domain=options["domain"])
        stream = agent.stream(messages, session=session, **options)
        try:
            runner.run(follow(stream, sink))
        except CascadeFlowError as error:
            report(error)
            code = code_for(error)
            messages.pop()
        else:
            assert stream.result is not None  # noqa: S101  # a run that neither failed nor was stopped has one
            messages.append({"role": "assistant", "content": stream.result.text})
    if code:
        raise click.exceptions.Exit(code)


def _lines() -> Iterator[str]:
    """Questions from standard input, with a prompt where a person types them."""
    typed = sys.stdin.isatty()
    while True:
        if typed:
            click.echo("You: ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def earlier_messages(agent: CascadeAgent, session: str | None) -> list[Message]:
    """What was said before in a conversation of the history: questions and the answers that stand."""
    if session is None or agent.archive is None:
        return []
    return agent.archive.messages(session)


def offer_models(agent: CascadeAgent, messages: list[Message], *, tier: str | None, domain: str | None) -> None:
    """Offer to fetch the embedded models where a plan has nobody to ask without them, and a person is there."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or find_spec("xllamacpp") is None:
        return
    plan = agent.plan(messages, user_tier=tier, domain=domain)
    if plan.steps:
        return
    from cascadeflow.catalog import EMBEDDED
    from cascadeflow.cli.output import size
    from cascadeflow.cli.pulling import pull_all

    lacking = {item.model for item in plan.left_out if item.kind == "file"}
    wanted = [model for model in EMBEDDED if model.name in lacking or (lacking and plan.rehearsal)]
    total = size(sum(model.bytes for model in wanted))
    question = f"The embedded models are not on this machine ({total}). Fetch them now?"
    if wanted and click.confirm(question, default=True, err=True):
        pull_all([model.name for model in wanted])
