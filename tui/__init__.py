"""The console: a Textual app that draws the events of the engine and sends it commands.

Nothing here decides anything about a cascade. `tui.app` is the door; importing `tui` alone
loads neither Textual nor the engine.
"""
