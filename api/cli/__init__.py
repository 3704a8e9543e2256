"""The command `sidereal`: every command, and how each says no.

Exit codes: 0 done (a report with refused rows included), 1 the answer is no, 2 usage or unreadable
input. A no is one line on standard error, `code: sentence`; answers go to standard output.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from api.cli import access, credit_lists, journal, records, rules, running, stars, statements, till
from api.settings import Settings
from ledger.errors import Refused
from ledger.keys import KeysRefused
from ledger.vault import VaultUnusable

UNREADABLE: Final = frozenset(
    "bad_setting unreadable_file empty_file binary_file bad_encoding wrong_header cell_too_long"
    " unclosed_quote till_unreadable bad_server".split()
)
"""Refusals that mean that what was given cannot be read at all."""


class Sidereal(click.Group):
    """Turns an expected no into its sentence and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. A bug stays an exception, with its trace."""
        try:
            return super().invoke(ctx)
        except (Refused, KeysRefused) as refused:
            click.echo(f"{refused.code}: {refused.sentence}", err=True)
            ctx.exit(2 if refused.code in UNREADABLE else 1)
        except VaultUnusable as unusable:
            click.echo(f"vault_unusable: {unusable}", err=True)
            ctx.exit(1)


@click.group(cls=Sidereal, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Sidereal: an incentive ledger for volunteer service that a stranger can verify.

    SIDEREAL_HOME (default: var) holds keys, signed heads and the SQLite files;
    SIDEREAL_DATABASE_URL and SIDEREAL_VAULT_URL name other databases.
    """
    # What a pipe or a file gets must not depend on the language of the machine.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    context.obj = Settings.read()


for _command in (
    running.init,
    running.serve,
    running.demo,
    records.import_,
    records.standing,
    journal.checkpoint,
    journal.export,
    journal.rebuild,
    journal.expire,
    journal.clock,
    journal.backup,
    rules.policy,
    stars.stars_,
    stars.indicators,
    credit_lists.credits_,
    credit_lists.consent,
    statements.statement,
    statements.anomalies,
    access.keys,
    access.token,
    access.sign_in,
    till.till,
):
    main.add_command(_command)
