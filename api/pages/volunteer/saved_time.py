"""A volunteer's saved time: what is there, saving a record, giving to a relative or to a pool.

Each of the three asks before it is done, with a key that is made with that page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.pages import words
from api.pages.calling import may, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import (
    activities_of,
    confirming,
    is_to_change,
    names,
    near_organisations,
    newest_first,
    typed,
    typed_minutes,
    went_through,
)
from api.pages.volunteer.records import BY_DAY, title_of
from api.problems import Problem
from api.reads.own_data import list_relations
from api.reads.service import get_service_record, list_service_records
from api.reads.time_bank import get_saved_time, list_pools
from api.writes.time_bank import deposit_time, donate_time, transfer_time
from ledger.account import PLATFORM_POOL
from ledger.errors import Refused

PLATFORM = PLATFORM_POOL.partition(":")[2]


@pages.get("/me/time")
@for_roles("volunteer")
def saved_time() -> Response:
    """What is saved, what of it is set aside or owed, and what can be done with it."""
    return page("volunteer/time", has=read(get_saved_time))


@pages.get("/me/relatives")
@for_roles("volunteer")
def my_relatives() -> Response:
    """Those to whom time can be given, and others who are on file."""
    return page("volunteer/relatives", found=_relations())


# Saving ------------------------------------------------------------------------------------------


@pages.get("/me/time/deposit")
@for_roles("volunteer")
def savable() -> Response:
    """Records that were not saved yet, the newest day of service first."""
    found = read(list_service_records, newest_first(saved="no", order=BY_DAY))
    return page(
        "volunteer/savable",
        found=found["data"],
        more=found["has_more"],
        activities=activities_of(found["data"]),
    )


@pages.get("/me/time/deposit/<id:record>")
@for_roles("volunteer")
def my_deposit(record: str) -> Response:
    """How much of a record is to be saved: all of it, unless something else is typed."""
    return _deposit_form(record)


@pages.post("/me/time/deposit/<id:record>")
@for_roles("volunteer")
def ask_deposit(record: str) -> Response:
    """Whether it is to be done. Nothing is saved."""
    try:
        minutes = typed_minutes()
    except Noes as no:
        return _deposit_form(record, trouble_of(no))
    one = read(get_service_record, record=record)
    return confirming(
        "deposit",
        f"/me/time/deposit/{record}/now",
        {"amount": minutes},
        "/me/time/deposit",
        much=words.duration(minutes, g.lang),
        what=title_of(one, activities_of([one])) or words.say("my.record", g.lang),
    )


@pages.post("/me/time/deposit/<id:record>/now")
@for_roles("volunteer")
def deposit_now(record: str) -> ResponseReturnValue:
    """Save it, once."""
    if is_to_change():
        return _deposit_form(record)
    try:
        receipt, _ = write(deposit_time, {"record": record, "minutes": _amount()})
    except Noes as no:
        return _deposit_form(record, trouble_of(no))
    return went_through(receipt)


def _deposit_form(record: str, trouble: Trouble | None = None) -> Response:
    one = read(get_service_record, record=record)
    return page(
        "volunteer/deposit",
        trouble.status if trouble else 200,
        one=one,
        can=is_savable(one),
        activities=activities_of([one]),
        said=_said_amount(one["paid_minutes"]),
        trouble=trouble,
    )


def is_savable(one: Mapping[str, Any]) -> bool:
    """Whether a record is effective, of this ledger, and was not saved."""
    saved = one["deposited_minutes"] or one["overflow_minutes"]
    is_ours = bool(one["organisation"]) and one["state"] == "effective"
    return is_ours and one["paid_minutes"] > 0 and not saved


# Giving ------------------------------------------------------------------------------------------


@pages.get("/me/time/gift")
@for_roles("volunteer")
def my_gift() -> Response:
    """To whom, and how much."""
    return _gift_form()


@pages.post("/me/time/gift")
@for_roles("volunteer")
def ask_gift() -> Response:
    """Whether it is to be done. Nothing moves."""
    recipient = request.form.get("recipient", "") or request.form.get("other", "").strip()
    known = {each["relative"]: each for each in _relations()}
    try:
        minutes = _no_more_than_saved()
    except Noes as no:
        return _gift_form(trouble_of(no))
    one = known.get(recipient)
    return confirming(
        "gift",
        "/me/time/gift/now",
        {"amount": minutes, "recipient": recipient},
        "/me/time",
        much=words.duration(minutes, g.lang),
        who=_called(one) if one else words.say("my.gift.needy", g.lang),
    )


@pages.post("/me/time/gift/now")
@for_roles("volunteer")
def gift_now() -> ResponseReturnValue:
    """Give it, once."""
    if is_to_change():
        return _gift_form()
    try:
        receipt, _ = write(
            transfer_time,
            {"recipient": request.form.get("recipient", "").strip(), "minutes": _amount()},
        )
    except Noes as no:
        return _gift_form(trouble_of(no))
    return went_through(receipt)


def _gift_form(trouble: Trouble | None = None) -> Response:
    has, said = read(get_saved_time), typed("recipient", "other")
    found = [each for each in _relations() if each["can_receive"]]
    if said["recipient"] not in {each["relative"] for each in found}:
        # Whoever was asked about was typed, and no relative.
        said["other"] = said["other"] or said["recipient"]
    return page(
        "volunteer/gift",
        trouble.status if trouble else 200,
        has=has,
        found=found,
        needy="needy_elder" in has["transfer_to"],
        said={**said, **_said_amount(0)},
        trouble=trouble,
    )


def _no_more_than_saved() -> int:
    """The minutes of a form, before anybody is asked whether to give them. Raises Problem; refuses
    with `insufficient_time`."""
    minutes, has = typed_minutes(), read(get_saved_time)["minutes"]
    if minutes > has:
        raise Refused("insufficient_time", "not that much time is saved", needed=minutes, held=has)
    return minutes


def _relations() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(list_relations, volunteer=g.caller.id)["data"]
    return found


def _called(one: Mapping[str, Any]) -> str:
    kind = words.say(f"my.relation.{one['kind']}", g.lang)
    return f"{one['name']}（{kind}）" if g.lang == "zh" else f"{one['name']} ({kind})"


# Donating ----------------------------------------------------------------------------------------


@pages.get("/me/time/donate")
@for_roles("volunteer")
def my_donate() -> Response:
    """To which pool, and how much."""
    return _donation_form()


@pages.post("/me/time/donate")
@for_roles("volunteer")
def ask_donation() -> Response:
    """Whether it is to be done. Nothing moves."""
    pool = request.form.get("pool", "")
    known = dict(_pools())
    try:
        minutes = _no_more_than_saved()
        if pool not in known:
            raise Problem("not_a_choice", "choose one of the pools")
    except Noes as no:
        return _donation_form(trouble_of(no))
    return confirming(
        "donate",
        "/me/time/donate/now",
        {"amount": minutes, "pool": pool},
        "/me/time",
        much=words.duration(minutes, g.lang),
        who=known[pool],
    )


@pages.post("/me/time/donate/now")
@for_roles("volunteer")
def donate_now() -> ResponseReturnValue:
    """Donate it, once."""
    if is_to_change():
        return _donation_form()
    try:
        receipt, _ = write(
            donate_time, {"pool": request.form.get("pool", ""), "minutes": _amount()}
        )
    except Noes as no:
        return _donation_form(trouble_of(no))
    return went_through(receipt)


def _donation_form(trouble: Trouble | None = None) -> Response:
    return page(
        "volunteer/donate",
        trouble.status if trouble else 200,
        has=read(get_saved_time),
        pools=_pools(),
        said={**typed("pool"), **_said_amount(0)},
        trouble=trouble,
    )


def _pools() -> list[tuple[str, str]]:
    """(pool, name): everybody's, those of one's own organisation and above, and any that ever held
    time."""
    near = near_organisations()
    there = [each["pool"] for each in read(list_pools)["data"]] if may(list_pools) else []
    others = [one for one in there if one != PLATFORM and one not in dict(near)]
    called = names(others)
    platform = (PLATFORM, words.say("my.pool.platform", g.lang))
    return [platform, *near, *((one, called[one]) for one in others if one in called)]


# What was typed ----------------------------------------------------------------------------------


def _amount() -> int:
    """The minutes that were confirmed. Raises Problem where the form holds something else."""
    sent = request.form.get("amount", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
        raise Problem("wrong_type", "begin again with this form")
    return int(sent)


def _said_amount(minutes: int) -> dict[str, str]:
    """Hours and minutes for the fields: as typed, as confirmed, or else these."""
    if "hours" in request.form or "minutes" in request.form:
        return typed("hours", "minutes")
    sent = request.form.get("amount", "")
    total = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else minutes
    hours, rest = divmod(total, 60)
    return {"hours": str(hours or ""), "minutes": str(rest or "") if total else ""}
