"""Errors as words and an exit code. No traceback reaches the user; a bug goes to the crash log."""

from __future__ import annotations

import click

from cascadeflow.cli.output import note, styled
from cascadeflow.errors import BudgetExceededError, CascadeFlowError, ConfigError, NoModelsError
from cascadeflow.sanitise import one_line, visible

FAILED, USAGE, BUDGET, NO_MODELS, INTERRUPTED = 1, 2, 3, 4, 130


class StoppedError(Exception):
    """The user stopped the command; what was under way is settled.

    Args:
        code: exit code of the process.
    """

    def __init__(self, code: int = INTERRUPTED) -> None:
        self.code = code
        super().__init__("stopped")


def exit_code_of(error: Exception) -> int:
    """Tell the user what went wrong, and give the exit code for it.

    Args:
        error: whatever a command raised.
    """
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort):
        return INTERRUPTED
    if isinstance(error, StoppedError):
        return error.code
    if isinstance(error, CascadeFlowError):
        report(error)
        return code_for(error)
    _report_bug(error)
    return FAILED


def code_for(error: CascadeFlowError) -> int:
    """Exit code for an error of ours."""
    if isinstance(error, ConfigError):
        return USAGE
    if isinstance(error, BudgetExceededError):
        return BUDGET
    return NO_MODELS if isinstance(error, NoModelsError) else FAILED


def report(error: CascadeFlowError) -> None:
    """Write an error's text to standard error; parts of it may be a provider's words."""
    note(styled(f"Error: {visible(str(error))}", fg="red"))
    if type(error) is CascadeFlowError and error.__cause__ is not None:  # how the engine reports a bug of its own
        _tell_where(error.__cause__)


def _report_bug(error: Exception) -> None:
    note(styled(f"Error: a bug in CascadeFlow: {type(error).__name__}: {one_line(str(error))}", fg="red"))
    _tell_where(error)


def _tell_where(error: BaseException) -> None:
    from cascadeflow.crash import write_crash_log

    path = write_crash_log(error)
    if path is not None:
        note(f"Where it happened is written in {path} (no question, no answer, no key).")
