"""My vouchers: to be shown at a till, made longer, guarded, printed, signed or given back.

A code is shown to its holder alone, and never stands in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Response, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import every, form_key, may, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.cards import get_rotating_value
from api.reads.history import get_history_entry
from api.reads.offline import get_signed_voucher
from api.reads.parties import get_merchant
from api.reads.rewards import get_redemption, get_reward, list_redemptions
from api.reads.vouchers import get_signed_voucher_qr, get_voucher_qr, get_voucher_slip
from api.writes.cards import guard_redemption, reissue_code
from api.writes.offline import sign_voucher
from api.writes.redemptions import extend, release
from ledger.errors import Refused

PAST_SHOWN: Final = 30
INDEX_DIGITS_MAX: Final = 15
CHANGES: Final[Mapping[str, Callable[..., Any]]] = {
    "extend": extend,
    "release": release,
    "guard": guard_redemption,
    "reissue": reissue_code,
    "sign": sign_voucher,
}
"""What the forms on a voucher's page do, by their addresses."""


@pages.get("/me/vouchers")
@for_roles("volunteer")
def vouchers() -> Response:
    """Those that can be used, the soonest to expire first; then what became of the others."""
    after, now = request.args.get("after", ""), current_book().clock.now_ms()
    reserved = every(list_redemptions, {"state": "reserved"})
    usable = [each for each in reserved if now < each["capturable_until"]]
    past = read(
        list_redemptions,
        {"newest_first": "yes", "limit": str(PAST_SHOWN), "starting_after": after},
    )
    shown = {each["redemption"] for each in usable}
    return page(
        "volunteer/vouchers",
        usable=[] if after else sorted(usable, key=lambda each: each["capturable_until"]),
        past=[each for each in past["data"] if each["redemption"] not in shown],
        more=past["data"][-1]["entry"] if past["has_more"] else None,
        after=after,
    )


@pages.get("/me/vouchers/<id:redemption>")
@for_roles("volunteer")
def voucher(redemption: str) -> Response:
    """One voucher: to be shown while it can be used, and what became of it afterwards."""
    return _shown(redemption)


@pages.post("/me/vouchers/<id:redemption>/<any(extend, release, guard, reissue, sign):what>")
@for_roles("volunteer")
def change_voucher(redemption: str, what: str) -> ResponseReturnValue:
    """Do one of `CHANGES`, once, and show the voucher as it then is."""
    body = {"branch": request.form.get("branch", "")} if what == "sign" else {}
    try:
        receipt, _ = write(CHANGES[what], body, form_key(), redemption=redemption)
    except Noes as no:
        return _shown(redemption, trouble=trouble_of(no))
    return redirect(f"/me/vouchers/{redemption}?entry={receipt.entry.index}", 303)


@pages.get("/me/vouchers/<id:redemption>/qr")
@for_roles("volunteer")
def voucher_qr(redemption: str) -> Response:
    """The picture that a till scans."""
    answer: Response = read(get_voucher_qr, redemption=redemption)
    return answer


@pages.get("/me/vouchers/<id:redemption>/offline")
@for_roles("volunteer")
def voucher_offline_qr(redemption: str) -> Response:
    """The picture that a till without a network scans."""
    answer: Response = read(get_signed_voucher_qr, redemption=redemption)
    return answer


@pages.get("/me/vouchers/<id:redemption>/slip")
@for_roles("volunteer")
def voucher_slip(redemption: str) -> Response:
    """The same on paper 80 mm wide."""
    answer: Response = read(get_voucher_slip, redemption=redemption)
    return answer


@pages.get("/me/vouchers/<id:redemption>/digits")
@for_roles("volunteer")
def voucher_digits(redemption: str) -> Response:
    """The six digits of this half minute, for the page's own script."""
    digits = read(get_rotating_value, redemption=redemption)
    return jsonify(
        value=digits["value"], seconds_left=digits["seconds_left"], needed=digits["needed"]
    )


def _shown(redemption: str, *, trouble: Trouble | None = None) -> Response:
    one = read(get_redemption, redemption=redemption)
    now = current_book().clock.now_ms()
    usable = one["state"] == "reserved" and now < one["capturable_until"]
    return page(
        "volunteer/voucher",
        trouble.status if trouble else 200,
        one=one,
        usable=usable,
        digits=read(get_rotating_value, redemption=redemption) if usable else None,
        signed=_signed(redemption) if usable else None,
        reward=_reward(one["reward"]),
        branches=_branches(one) if usable else [],
        may_reissue=may(reissue_code),
        may_change=may(extend),
        trouble=trouble,
        done=None if trouble else _done(redemption),
    )


def _done(redemption: str) -> Mapping[str, Any] | None:
    """The entry that a form has just led to, if it is one of a form's and about this voucher."""
    index = request.args.get("entry", "")
    if not index.isascii() or not index.isdigit() or len(index) > INDEX_DIGITS_MAX:
        return None
    try:
        line: Mapping[str, Any] = read(get_history_entry, volunteer=g.caller.id, index=int(index))
    except Problem as no:
        if no.code != "not_found":
            raise
        return None
    is_of_a_form = f"me.done.{line['kind']}" in words.WORDS
    return line if is_of_a_form and line["cause"].get("redemption") == redemption else None


def _signed(redemption: str) -> Mapping[str, Any] | None:
    """The voucher as it was signed for a till without a network, if it was."""
    try:
        signed: Mapping[str, Any] = read(get_signed_voucher, redemption=redemption)
    except Refused as no:
        if no.code != "voucher_not_signed":
            raise
        return None
    return signed


def _reward(reward: str) -> Mapping[str, Any] | None:
    """What the voucher is for, unless it was withdrawn since."""
    try:
        found: Mapping[str, Any] = read(get_reward, reward=reward)
    except Problem as no:
        if no.code != "not_found":
            raise
        return None
    return found


def _branches(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(id, name) of the branches where it can be used and for which it can be signed."""
    shop = read(get_merchant, merchant=one["merchant"])
    at = set(one["usable_at"])
    return [
        (each["branch"], each.get("name", each["branch"]))
        for each in shop["branches"]
        if each["state"] == "active" and (not at or each.get("name") in at)
    ]
