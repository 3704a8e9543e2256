"""What the commands of this folder share: arguments, words that are surely written, exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from audit.verdict import EXIT_CODES


def parser(prog: str, description: str, what: str) -> argparse.ArgumentParser:
    """A parser that asks for the log's key, had from somewhere else than `what` is checked."""
    made = argparse.ArgumentParser(
        prog=prog,
        description=description,
        epilog="Exit codes: 0 verified, 1 refuted, 2 incomplete.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--key",
        metavar="VKEY",
        required=True,
        help=f"the log's public key, had from somewhere else than the {what}",
    )
    return made


def say(text: str) -> None:
    """Write a line to the output. Raises OSError where it cannot be written."""
    # Flushed now: a verdict that could not be written must not end in 0.
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def end(main: Callable[[], int]) -> NoReturn:
    """End the process with the code that `main` answers."""
    code = EXIT_CODES["incomplete"]
    try:
        code = main()
    except SystemExit as asked:
        # argparse answers 0 to --help; here 0 means verified.
        code = asked.code if isinstance(asked.code, int) and asked.code else code
    except (Exception, KeyboardInterrupt):  # noqa: BLE001
        # Not even the fault could be said: the output is closed. The code still says it.
        raise SystemExit(code) from None
    raise SystemExit(code)
