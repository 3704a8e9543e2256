"""A volunteer's star: where it stands, applying for the next, what is decided; and honours."""

from __future__ import annotations

from typing import Final

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import names, newest_first, went_through
from api.reads.honours import get_honours
from api.reads.parties import get_standing, list_qualifications
from api.reads.stars import list_star_cases
from api.routes import invalid
from api.writes.stars import apply_for_star

CASES: Final = "10"


@pages.get("/me/stars")
@for_roles("volunteer")
def my_stars() -> Response:
    """The star that is held, how far the next one is, and everything decided or being decided."""
    return _stars_page()


@pages.post("/me/stars/apply")
@for_roles("volunteer")
def apply_now() -> ResponseReturnValue:
    """Apply for the star that the form names."""
    sent = request.form.get("star", "")
    try:
        if not (sent.isascii() and sent.isdigit() and len(sent) < 3):
            raise invalid({"json": {"star": ["wrong_type|a star is a number"]}})
        receipt, _ = write(apply_for_star, {"star": int(sent)})
    except Noes as no:
        return _stars_page(trouble_of(no))
    return went_through(receipt)


@pages.get("/me/honours")
@for_roles("volunteer")
def my_honours() -> Response:
    """Courtesy pack, medals, commendations, courses and insurances."""
    found = read(get_honours, volunteer=g.caller.id)
    return page(
        "volunteer/honours",
        found=found,
        qualifications=list(every(list_qualifications, volunteer=g.caller.id)),
        names=names(each["organisation"] for each in found["commendations"]),
    )


def _stars_page(trouble: Trouble | None = None) -> Response:
    has = read(get_standing, volunteer=g.caller.id)
    cases = read(list_star_cases, newest_first(limit=CASES))
    left = has["minutes_to_next_star"]
    return page(
        "volunteer/stars",
        trouble.status if trouble else 200,
        has=has,
        needed=has["star_minutes"] + left if left is not None else 0,
        cases=cases["data"],
        more=cases["has_more"],
        can_apply=has["eligible_star"] > has["star"] and not has["star_case"],
        names=names(each["organisation"] for each in cases["data"]),
        trouble=trouble,
    )
