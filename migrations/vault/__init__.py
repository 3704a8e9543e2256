"""The vault's migrations: `upgrade(url)` makes the vault, or brings an older one up to date."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

HERE: Final = Path(__file__).resolve().parent


def upgrade(url: str) -> None:
    """Apply every migration that the vault at `url` lacks, in one transaction.

    A SQLite file that is not there is created for its owner alone. Again changes nothing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        # Created before SQLite does it: SQLite would ask the umask who may read.
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        os.close(os.open(parsed.database, flags, 0o600))
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
