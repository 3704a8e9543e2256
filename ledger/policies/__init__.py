"""The documents that come with the ledger: rule sets and calendars, as people read them.

Shipping is not adopting: a document decides nothing until an entry holds it.
"""

from __future__ import annotations

from importlib.resources import files

from ledger.errors import Refused

_SUFFIX = ".toml"
_CALENDAR = "calendar-"


def shipped_names() -> tuple[str, ...]:
    """The names of all shipped documents, sorted, such as `calendar-cn-2025` and `cn-default`."""
    found = (one.name for one in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


def profile_names() -> tuple[str, ...]:
    """The names of the shipped policies: `cn-default` and the profiles of programmes."""
    return tuple(name for name in shipped_names() if not name.startswith(_CALENDAR))


def shipped(name: str) -> bytes:
    """The TOML of one shipped document. `Refused` (`unknown_document`) for any other name."""
    if name not in shipped_names():
        raise Refused(
            "unknown_document",
            f"no document of this name is shipped; there are {', '.join(shipped_names())}",
        )
    return files(__name__).joinpath(name + _SUFFIX).read_bytes()
