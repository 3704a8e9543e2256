"""What a shop offers: drafts, what is published and what is not any more; pieces come and go."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, new_key, read, write
from api.pages.guard import pages
from api.pages.merchant.amounts import typed, whole_typed
from api.pages.merchant.asked import for_managers, shop, shop_page
from api.pages.merchant.books import branch_names
from api.pages.merchant.offer_form import body_typed, fields_of, fields_typed, said_of_fields
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.funds import list_funds
from api.reads.parties import list_organisations
from api.reads.rewards import get_reward, list_rewards
from api.writes.rewards import (
    publish_draft,
    publish_reward,
    restock_reward,
    revise_reward,
    withdraw_reward,
)
from ledger.actions.catalogue import PERIODS, REWARD_FORMS
from ledger.actions.parties import TIERS
from ledger.standing import china_time

STATES: Final = ("published", "draft", "withdrawn")
_ACTS: Final = {"publish": publish_draft, "withdraw": withdraw_reward, "restock": restock_reward}


@pages.get("/manage/rewards")
@for_managers
def offers() -> Response:
    """The shop's rewards by state, the newest first."""
    found = [_with_days(one) for one in every(list_rewards, {"merchant": shop()})][::-1]
    return shop_page(
        "offers",
        by_state={state: [one for one in found if one["state"] == state] for state in STATES},
    )


@pages.get("/manage/rewards/new")
@for_managers
def offer_new() -> Response:
    """An empty form."""
    return _form(fields_of(None))


@pages.post("/manage/rewards")
@for_managers
def offer_make() -> ResponseReturnValue:
    """Draft it, or publish it at once."""
    now = request.form.get("do") == "publish"
    try:
        receipt, _ = write(publish_reward, body_typed() | ({} if now else {"draft": True}))
    except Noes as no:
        return _form(fields_typed(), trouble_of(no))
    done = "published" if now else "drafted"
    return redirect(f"/manage/rewards/{receipt.entry.facts['reward']}?done={done}", 303)


@pages.get("/manage/rewards/<id:reward>")
@for_managers
def offer(reward: str) -> Response:
    """One reward, and what can be done about it."""
    return _one(reward)


@pages.get("/manage/rewards/<id:reward>/revise")
@for_managers
def offer_before(reward: str) -> Response:
    """The form of a draft, or of another reward like this one."""
    one = _ours(reward)
    return _form(fields_of(one), of=reward if one["state"] == "draft" else "")


@pages.post("/manage/rewards/<id:reward>/revise")
@for_managers
def offer_revise(reward: str) -> ResponseReturnValue:
    """Write a draft anew."""
    try:
        write(revise_reward, body_typed(), reward=reward)
    except Noes as no:
        return _form(fields_typed(), trouble_of(no), of=reward)
    return redirect(f"/manage/rewards/{reward}?done=revised", 303)


@pages.post("/manage/rewards/<id:reward>/<any(publish, restock, withdraw):act>")
@for_managers
def offer_change(reward: str, act: str) -> ResponseReturnValue:
    """Publish a draft, change how many pieces there are, or offer it no more."""
    body: dict[str, Any] = {}
    if act == "restock":
        change = whole_typed("pieces")
        fewer = request.form.get("way") == "fewer" and isinstance(change, int)
        body = {"change": -change if fewer else change}
    elif act == "withdraw":
        body = {"reason": typed("reason")}
    try:
        write(_ACTS[act], body, reward=reward)
    except Noes as no:
        return _one(reward, act, trouble_of(no))
    return redirect(f"/manage/rewards/{reward}?done={act}", 303)


def _ours(reward: str) -> Any:
    """One of the shop's own. Raises Problem `not_found`, for another shop's as well."""
    one = read(get_reward, reward=reward)
    if one["merchant"] != shop():
        raise Problem("not_found", "there is nothing at this address for you; check the id")
    return one


def _with_days(one: dict[str, Any]) -> dict[str, Any]:
    """With the first and the last local day on which it can be had."""
    first, last = china_time(one["valid_from"]), china_time(one["valid_until"] - 1)
    return one | {"first_day": first.date(), "last_day": last.date()}


def _one(reward: str, asked: str = "", trouble: Trouble | None = None) -> Response:
    one = _with_days(_ours(reward))
    done = request.args.get("done", "")
    said = ("drafted", "published", "revised", *_ACTS)
    return shop_page(
        "offer",
        trouble.status if trouble else 200,
        one=one,
        names=_names(one),
        done=done if done in said else "",
        asked=asked,
        trouble=trouble,
        typed=request.form,
        key=(request.form.get("key", "") if trouble else "") or new_key(),
    )


def _names(one: Any) -> dict[str, Any]:
    """What its branches, organisation and fund are called."""
    branches = branch_names()
    fund = next((each for each in _funds() if each[0] == one["fund"]), ("", ""))[1]
    within = dict(_organisations()).get(one["within"], "") if one["within"] else ""
    return {
        "branches": [branches.get(each, "") for each in one["branches"]],
        "fund": fund,
        "within": within,
    }


def _form(filled: dict[str, Any], trouble: Trouble | None = None, *, of: str = "") -> Response:
    return shop_page(
        "offer_form",
        trouble.status if trouble else 200,
        filled=filled,
        of=of,
        wrong=said_of_fields(trouble),
        trouble=trouble,
        forms=REWARD_FORMS,
        periods=PERIODS,
        tiers=TIERS,
        branches=list(branch_names().items()),
        funds=_funds(),
        organisations=_organisations(),
        key=(request.form.get("key", "") if trouble else "") or new_key(),
    )


def _funds() -> list[tuple[str, str]]:
    """(id, title) of the funds that pay for rewards of this shop."""
    return [(each["fund"], each["text"].get("title", "")) for each in every(list_funds)]


def _organisations() -> list[tuple[str, str]]:
    """(id, name) of organisations that take part."""
    found = every(list_organisations, {"state": "active"})
    return [(each["organisation"], each.get("name", "")) for each in found]
