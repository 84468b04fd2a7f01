"""What a user may tell the console beside asking: what the slash commands and their keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cascadeflow.errors import CascadeFlowError
from tui.attachments import AttachError, read_file
from tui.widgets.ask import Ask
from tui.widgets.conversation import Conversation

if TYPE_CHECKING:
    from tui.screens.main import MainScreen
    from tui.state import Turn

NONE = "none"


def turn_of(screen: MainScreen, *, answered: bool = False) -> Turn | None:
    """The turn a command is about: the chosen one, else the last that has ended.

    Args:
        screen: the main screen.
        answered: whether it must have an answer.
    """
    chosen = screen.query_one(Conversation).chosen
    turns = [] if screen.runner is None else screen.runner.session.turns
    candidates = [chosen] if chosen is not None else list(reversed(turns))
    turn = next((turn for turn in candidates if turn.ended and (turn.answer or not answered)), None)
    if turn is None:
        screen.tell("There is no answer yet." if answered else "Nothing has been asked yet.")
    return turn


def attach(screen: MainScreen, path: str) -> None:
    """Let a text file go along with the question."""
    if not path:
        screen.tell("Write the path of a text file after it: /file notes.md")
        return
    try:
        screen.query_one(Ask).attach(read_file(path))
    except AttachError as error:
        screen.tell(str(error))


def choose_preset(screen: MainScreen, name: str) -> bool:
    """Take another preset from the next question on; tells whether it is in use now."""
    engine = screen.engine
    if engine is None:
        return False
    if name not in engine.presets:
        screen.tell(f"There is no preset {name!r}; there are {', '.join(engine.presets)}.")
        return False
    return screen.take_preset(name)


def choose_tier(screen: MainScreen, name: str) -> None:
    """Take another tier, or none, from the next question on."""
    if screen.engine is None:
        return
    known = [NONE, *(tier for tier, _ in screen.engine.tiers)]
    if name not in known:
        screen.tell(f"There is no tier {name!r}; there are {', '.join(known)}.")
        return
    screen.take_tier(None if name == NONE else name)


def set_budget(screen: MainScreen, amount: str) -> None:
    """Set the budget of a day for each user; it holds from the next call on."""
    if screen.engine is None:
        return
    try:
        told = screen.engine.set_budget(amount)
    except CascadeFlowError as error:
        screen.tell(str(error))
        return
    screen.settings_changed()
    screen.tell(told)


def choose_theme(screen: MainScreen, name: str) -> None:
    """Take other colours, now and at the next start."""
    from tui.preferences import keep_theme

    known = sorted(screen.app.available_themes)
    if name not in known:
        screen.tell(f"There is no theme {name!r}; there are {', '.join(known)}.")
        return
    screen.app.theme = name
    try:
        screen.tell(f"Theme {name}, kept in {keep_theme(name)}.")
    except (OSError, CascadeFlowError) as error:
        screen.tell(f"Theme {name} for now; it could not be kept: {error}")


def edit(screen: MainScreen) -> None:
    """Take a question back into the input; sending it drops the turns from there on from the conversation."""
    if screen.answering:
        screen.tell("An answer is under way. Esc stops it.")
        return
    turn = turn_of(screen)
    if turn is None:
        return
    ask = screen.query_one(Ask)
    ask.put(turn.question, turn.attached)
    screen.edited = turn
    ask.focus()
    screen.tell("Enter asks it again in place of what came; Esc leaves everything as it is.")


def ask_again(screen: MainScreen, preset: str) -> None:
    """Ask a question again in its place, under another preset if one is named."""
    if screen.answering:
        screen.tell("An answer is under way. Esc stops it.")
        return
    turn = turn_of(screen)
    if turn is not None and (not preset or choose_preset(screen, preset)):
        screen.drop_from(turn)
        screen.ask(turn.question, turn.attached)


async def copy_answer(screen: MainScreen) -> None:
    """Copy the whole answer, as it came."""
    turn = turn_of(screen, answered=True)
    if turn is not None:
        await _copy(screen, turn.answer, "The answer", "answer.md")


async def copy_code(screen: MainScreen) -> None:
    """Copy a code block of the answer; once more takes the next one."""
    turn = turn_of(screen, answered=True)
    if turn is None:
        return
    from cascadeflow.quality.text import find_fences

    blocks = [fence.body for fence in find_fences(turn.answer)]
    if not blocks:
        screen.tell("The answer has no code block.")
        return
    number = turn.copied_block % len(blocks)
    turn.copied_block = number + 1
    await _copy(screen, blocks[number], f"Code block {number + 1} of {len(blocks)}", "code.txt")


async def _copy(screen: MainScreen, text: str, what: str, name: str) -> None:
    from tui.clipboard import copy

    screen.tell(f"{what}: {await copy(screen.app, text, name)}")


def mark(screen: MainScreen, *, right: bool | None) -> None:
    """Mark an answer as right or wrong in the history; None takes the mark off."""
    turn = turn_of(screen, answered=True)
    archive = screen.engine.agent.archive if screen.engine is not None else None
    if turn is None:
        return
    if archive is None:
        screen.tell("This configuration records nothing, so no answer can be marked: [history] mode is off.")
        return
    try:
        archive.label(turn.run_id, right)
    except CascadeFlowError as error:
        screen.tell(str(error))
        return
    turn.right = right
    screen.query_one(Conversation).update_turn(turn)
    word = "not marked any more" if right is None else "marked right" if right else "marked wrong"
    screen.tell(f"The answer is {word}. Marked answers calibrate the gate: F3, then x exports them.")


def save_answer(screen: MainScreen) -> None:
    """Write an answer, whole, to a file of its own."""
    turn = turn_of(screen, answered=True)
    if turn is None:
        return
    from tui.files import save_answer as save

    try:
        screen.tell(f"The answer is in {save(turn.answer)}")
    except OSError as error:
        screen.tell(f"The answer could not be written: {error}")
