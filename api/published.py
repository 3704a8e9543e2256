"""What a view under `/v1` is published with. A page that calls the view is held to the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import Schema

from api.caller import Access

_WHERE: Final = "sidereal_published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One view's own."""

    rule: str
    """Its address below `/v1`, which is part of what makes two requests the same."""
    access: Access | None
    """Who may call it; None: everybody."""
    schema: type[Schema] | None
    """Of its query if it reads, of its body if it writes."""
    asks_auditors: bool = False
    """Whether an auditor must say why."""
    only_writes: bool = False
    """Whether it seals nothing and makes nothing before it writes."""


def publish(view: Callable[..., Any], published: Published) -> None:
    """Remember it at the view."""
    setattr(view, _WHERE, published)


def published(view: Callable[..., Any]) -> Published:
    """How a view was published. Raises AttributeError for what is no view of ours."""
    found: Published = getattr(view, _WHERE)
    return found
