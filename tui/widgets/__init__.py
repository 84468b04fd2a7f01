"""The widgets of the console, one subject a file, each beside its style sheet."""
