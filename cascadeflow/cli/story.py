"""How a run is told: as JSON lines, live on a terminal, as an answer alone in a pipe, or in plain sentences."""

from __future__ import annotations

from collections.abc import Callable

import click

from cascadeflow.cli.output import echo_json, note, on_terminal, styled
from cascadeflow.cli.words import event_words, model_words, plan_notes, usage_words, verdict_words
from cascadeflow.events import (
    Event,
    Planned,
    Retracted,
    RunCancelled,
    RunFinished,
    StepFinished,
    StepStarted,
    TokenDelta,
    Validated,
    event_to_dict,
)
from cascadeflow.money import format_usd
from cascadeflow.sanitise import one_line, visible
from cascadeflow.schema import Verdict

Sink = Callable[[Event], None]


def json_lines(event: Event) -> None:
    """One event as one line."""
    echo_json(event_to_dict(event))


class LiveStory:
    """A run on a terminal: text as it comes, drafts withdrawn in words. What surrounds the answer goes to stderr."""

    def __init__(self) -> None:
        self._at_line_start = True
        self._carry = ""
        self._verdict: Verdict | None = None
        self._finished: dict[int, str] = {}

    def __call__(self, event: Event) -> None:
        """Tell one event."""
        match event:
            case TokenDelta():
                self._text(event)
            case Planned():
                for line in plan_notes(event.plan):
                    note(styled(line, dim=True))
            case StepStarted() if event.role == "audit":
                self._end_line()
                note(styled(f"{model_words(event.model, event.resolved_model)} answers too, to compare.", dim=True))
            case StepStarted():
                self._verdict = None
                self._finished.pop(event.step, None)
                self._say(f"{model_words(event.model, event.resolved_model)}:", fg="cyan")
            case StepFinished():
                self._finished[event.step] = event.model
            case Validated():
                self._verdict = event.verdict
            case Retracted():
                why = one_line(event.reason) if self._verdict is None else verdict_words(self._verdict)
                self._say(f"This draft is withdrawn: {why}", fg="yellow")
            case RunFinished():
                self._end_line()
                note(styled(usage_words(event.result), dim=True))
                if event.result.guarantee:
                    note(styled(one_line(event.result.guarantee), dim=True))
                if not event.result.validated:
                    note(styled(f"Not validated: {one_line(event.result.reason)}", fg="yellow"))
            case RunCancelled():
                self._end_line()
                note(f"Stopped; {format_usd(event.spent)} spent.")
            case _:
                words = event_words(event)
                if words:
                    self._end_line()
                    note(styled(words, fg="yellow"))

    def _text(self, event: TokenDelta) -> None:
        if event.step in self._finished:
            self._say(f"The best of the rejected answers, by {one_line(self._finished.pop(event.step))}:", fg="yellow")
        text = self._carry + event.text
        self._carry = "\r" if text.endswith("\r") else ""
        text = visible(text.removesuffix(self._carry))
        if text:
            click.echo(text, nl=False)
            self._at_line_start = text.endswith("\n")

    def _say(self, words: str, *, fg: str) -> None:
        self._end_line()
        click.echo(styled(words, fg=fg))

    def _end_line(self) -> None:
        self._carry = ""
        if not self._at_line_start:
            click.echo()
        self._at_line_start = True


def answer_alone(event: Event) -> None:
    """A run in a pipe: the answer that stands and nothing else; what happened goes to stderr."""
    match event:
        case Planned():
            for line in plan_notes(event.plan):
                note(line)
        case Validated() if not event.verdict.is_valid:
            note(f"{one_line(event.model)} rejected: {verdict_words(event.verdict)}")
        case RunFinished():
            click.echo(event.result.text)
            note(usage_words(event.result))
            if event.result.guarantee:
                note(one_line(event.result.guarantee))
            if not event.result.validated:
                note(f"Not validated: {one_line(event.result.reason)}")
        case RunCancelled():
            note(f"Stopped; {format_usd(event.spent)} spent.")
        case _:
            words = event_words(event)
            if words:
                note(words)


def plain_sentences(event: Event) -> None:
    """A run for a screen reader or a log: finished lines only, everything in words and in order."""
    match event:
        case Planned():
            for line in plan_notes(event.plan):
                click.echo(line)
        case StepStarted():
            compared = " too, to compare; the answer stands" if event.role == "audit" else ""
            click.echo(f"Asking {model_words(event.model, event.resolved_model)}{compared}.")
        case StepFinished() if event.error:
            click.echo(f"{one_line(event.model)} failed: {one_line(event.error)}.")
        case Validated():
            word = "accepted" if event.verdict.is_valid else "rejected"
            click.echo(f"{one_line(event.model)} {word}: {verdict_words(event.verdict)}.")
        case RunFinished():
            stands = "" if event.result.validated else ", not validated"
            click.echo(f"Answer by {one_line(event.result.model_used)}{stands}:")
            click.echo(visible(event.result.text))
            click.echo(f"Took: {usage_words(event.result)}.")
            if event.result.guarantee:
                click.echo(f"Certified: {one_line(event.result.guarantee)}.")
        case RunCancelled():
            click.echo(f"Stopped; {format_usd(event.spent)} spent.")
        case _:
            words = event_words(event)
            if words:
                click.echo(f"Note: {words}.")


def sink_for(*, as_json: bool, plain: bool) -> tuple[Sink, bool]:
    """Who tells the run, and whether drafts are held back because they cannot be taken back there."""
    if as_json:
        return json_lines, False
    if plain:
        return plain_sentences, True
    return (LiveStory(), False) if on_terminal() else (answer_alone, True)
