"""Texts that go along with a question: files, and what was pasted but is too long to be typed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 2_000_000
"""Bytes of a file that may go along; about half a million tokens, more than most models take in."""
LONG_PASTE = 10_000
"""Characters from which a pasted text goes along instead of filling the input."""


class AttachError(Exception):
    """A file cannot go along; its text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One text.

    Attributes:
        name: of the file, or ``pasted text``.
        text: as it is.
    """

    name: str
    text: str

    @property
    def told(self) -> str:
        """Name and size, for people."""
        return f"{self.name} ({len(self.text):,} characters)"


def read_file(path: str) -> Attachment:
    """A text file as an attachment.

    Args:
        path: as typed; ``~`` is the user's home, and quotation marks around it are taken off.

    Raises:
        AttachError: it is no readable text file of at most 2 MB.
    """
    file = Path(path.strip().strip("'\"")).expanduser()
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise AttachError(f"{file} is larger than {LARGEST_FILE / 1e6:g} MB; cut out the part you ask about.")
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise AttachError(f"{file} is not a text in UTF-8; only text can go along.") from None
    except OSError as error:
        raise AttachError(f"{file} cannot be read: {error.strerror or error}.") from None
    if "\0" in text:
        raise AttachError(f"{file} is not a text; only text can go along.")
    return Attachment(file.name, text)


def joined(question: str, attachments: Sequence[Attachment]) -> str:
    """A question as it is sent: the texts that go along stand after it, each under its name.

    Example:
        >>> print(joined("What is this?", [Attachment("a.txt", "one")]))
        What is this?
        <BLANKLINE>
        a.txt:
        ```
        one
        ```
    """
    parts = [question]
    for attachment in attachments:
        fence = "```"
        while fence in attachment.text:
            fence += "`"
        parts.append(f"{attachment.name}:\n{fence}\n{attachment.text.rstrip()}\n{fence}")
    return "\n\n".join(parts)
