"""The command with scripted models: ``python scripted_command.py SCRIPT.json ask …``.

The script maps a configured model name to its answers, each a text or the fields of an `Answer`;
the key ``tokens_per_second`` sets the pace, ``bug`` makes opening an agent fail.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cascadeflow import workspace
from cascadeflow.cli import main
from cascadeflow.testing import Answer, ScriptedClient


def scripted_client(script: dict[str, Any]) -> ScriptedClient:
    """A client that says what the script says."""
    pace = script.pop("tokens_per_second", None)
    answers = {
        name: [answer if isinstance(answer, (str, Exception)) else Answer(**answer) for answer in said]
        for name, said in script.items()
    }
    return ScriptedClient(answers, tokens_per_second=pace)


def run(script: dict[str, Any], arguments: list[str]) -> None:
    """Run the command in this process."""
    open_agent = workspace.open_agent
    bug = script.pop("bug", None)
    client = scripted_client(script)

    def scripted(*given: Any, **options: Any) -> Any:
        if bug is not None:
            raise KeyError(bug)
        return open_agent(*given, **{**options, "client": client})

    workspace.open_agent = scripted
    main(arguments, prog_name="cascadeflow")


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[2:])
