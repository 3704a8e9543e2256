"""A volunteer's first screen: hours and stars, saved time, points, vouchers, what happened last.

It answers without scrolling on a phone of 360 × 800.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g

from api.pages.calling import may, read
from api.pages.guard import for_roles, page, pages
from api.reads.history import list_history
from api.reads.parties import get_standing, get_volunteer
from api.reads.rewards import list_redemptions

NEWEST_SHOWN: Final = 3
VOUCHERS_COUNTED: Final = 200


@pages.get("/me")
@for_roles("volunteer")
def me() -> Response:
    """What I have, and the way to the next star."""
    volunteer = g.caller.id
    standing = read(get_standing, volunteer=volunteer)
    vouchers = (
        read(list_redemptions, {"state": "reserved", "limit": str(VOUCHERS_COUNTED)})
        if may(list_redemptions)
        # A helper who was not lent a look at vouchers sees the rest.
        else {"data": [], "has_more": False}
    )
    newest = read(
        list_history, {"newest_first": "yes", "limit": str(NEWEST_SHOWN * 10)}, volunteer=volunteer
    )
    moved = [line for line in newest["data"] if line["amounts"]]
    template = "volunteer/home" if _has_anything(standing, vouchers, moved) else "volunteer/begin"
    return page(
        template,
        name=read(get_volunteer, volunteer=volunteer).get("name", ""),
        has=standing,
        stars=stars_of(standing),
        vouchers=vouchers,
        may_show=may(list_redemptions),
        newest=moved[:NEWEST_SHOWN],
    )


def _has_anything(
    standing: Mapping[str, Any], vouchers: Mapping[str, Any], moved: list[dict[str, Any]]
) -> bool:
    return bool(
        moved
        or vouchers["data"]
        or standing["service_minutes"]
        or standing["learning_minutes"]
        or standing["points_hundredths"]
        or standing["time_minutes"]
        or standing["star"]
    )


def stars_of(standing: Mapping[str, Any]) -> dict[str, Any]:
    """How far it is to the next star, and which of the hours count: `to` and the minutes that are
    needed in all, 0 where there is no more; `counts`, how backfilled hours count."""
    left = standing["minutes_to_next_star"]
    counted, served = standing["star_minutes"], standing["service_minutes"]
    if counted == served:
        counts = "all"
    elif counted == standing["check_in_minutes"]:
        counts = "check_in"
    else:
        counts = "some"
    return {
        "to": 0 if left is None else standing["eligible_star"] + 1,
        "needed_minutes": 0 if left is None else counted + left,
        "left_minutes": left or 0,
        "can_apply": standing["eligible_star"] > standing["star"] and not standing["star_case"],
        "counts": counts,
    }
