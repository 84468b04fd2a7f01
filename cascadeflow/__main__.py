"""``python -m cascadeflow``."""

from cascadeflow.cli import main

if __name__ == "__main__":
    main(prog_name="cascadeflow")
