"""Reading the catalogue of rewards, and redemptions.

The catalogue is open to everybody. Of a redemption the holder sees all and the code; a merchant
sees what was taken, how many, where and when, and nothing about the holder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    Page,
    PageFromEitherEnd,
    caller_or_none,
    log_look,
    not_there,
    page,
    page_of,
    reading,
    texts_of,
)
from api.reads.shop import notes_of
from api.schemas import Choice, Id, Moment, Whole
from ledger.account import POINT, TIME
from ledger.actions.catalogue import REWARD_FORMS
from ledger.book import Caller
from ledger.codes import grouped
from ledger.decide.catalogue import NO_TERMS
from ledger.door.catalogue import terms_of_each, why_not_each
from ledger.door.vouchers import code_of, is_own_line, moments_of_each
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import Redemption, Reward, RewardTerms
from ledger.store import queries
from ledger.store.cards import helped_and_guarded

STATES: Final = (*("reserved", "captured", "released", "expired", "voided", "settled", "refunded"),)
UNITS: Final[Mapping[str, str]] = {POINT: "hundredths", TIME: "minutes"}


class PageOfRewards(Page):
    """Which rewards."""

    merchant = Id()


class PageOfRedemptions(PageFromEitherEnd):
    """Which redemptions, and from which end."""

    state = Choice(*STATES)
    awaiting = Choice(
        "review",
        metadata={"description": "captures that were flagged and that nobody has looked at"},
    )


class WhyNotSchema(Schema):
    """Why a reward cannot be had now."""

    code = fields.String(required=True, metadata={"description": "docs/refusals.md"})
    reason = fields.String(required=True)
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "numbers and days behind it, named as in the refusal"},
    )


class RewardSchema(Schema):
    """Something a merchant gives."""

    reward = Id(required=True)
    entry = Whole(required=True, least=0)
    merchant = Id(required=True)
    merchant_name = fields.String(metadata={"description": "where it is known"})
    state = Choice("draft", "published", "withdrawn", required=True)
    form = Choice(*REWARD_FORMS, required=True)
    price_hundredths = Whole(metadata={"description": "of a point, where points pay it"})
    star_prices = fields.List(
        fields.Integer(),
        metadata={"description": "discounts: the price for holders of 1, 2, … stars, same unit"},
    )
    price_minutes = Whole(metadata={"description": "of saved time, where that pays it"})
    stock = Whole(required=True, least=0, metadata={"description": "what is left"})
    per_person = Whole(required=True, least=0, metadata={"description": "0 for no limit"})
    gate_stars = Whole(required=True, least=0)
    hold_minutes = Whole(required=True, least=0, metadata={"description": "0: as policy says"})
    branches = fields.List(
        fields.String(), required=True, metadata={"description": "empty: any branch"}
    )
    branch_names = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "of those branches, what is known"},
    )
    opens_minute = Whole(
        required=True, least=0, metadata={"description": "minute of the local day"}
    )
    closes_minute = Whole(required=True, least=0)
    valid_from = Moment(required=True)
    valid_until = Moment(required=True)
    weekdays = fields.List(
        fields.Integer(), required=True, metadata={"description": "1 Monday … 7 Sunday; empty: any"}
    )
    per_period = Whole(
        required=True, least=0, metadata={"description": "for one person; 0 for no limit"}
    )
    period = fields.String(required=True, metadata={"description": "of `per_period`"})
    min_age = Whole(required=True, least=0)
    tiers = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "of the holder's own organisation; empty: any"},
    )
    within = fields.String(
        required=True, metadata={"description": "for this organisation and those below; empty: all"}
    )
    fund = fields.String(required=True)
    value_cents = Whole(required=True, least=0)
    can_reserve = fields.Boolean(
        metadata={"description": "for the volunteer who asks: whether one could be had now"}
    )
    why_not = fields.Nested(WhyNotSchema, metadata={"description": "and if not, why"})
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what people wrote about it, by field"},
    )


class RedemptionSchema(Schema):
    """A redemption. A merchant sees neither holder, amount nor code."""

    redemption = Id(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the reservation"})
    reward = Id(required=True)
    item = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what people wrote about the reward, by field"},
    )
    state = Choice(*STATES, required=True)
    quantity = Whole(required=True)
    captured_quantity = Whole(
        required=True, least=0, metadata={"description": "of a voided one: what had been captured"}
    )
    expires = Moment(required=True)
    extended = fields.Boolean(required=True)
    expires_at = Moment(metadata={"description": "while reserved: when its value goes back"})
    capturable_until = Moment(metadata={"description": "while reserved"})
    captured = Moment(required=True, allow_none=True)
    settles_at = Moment(
        metadata={"description": "once captured: from when it may be settled; voided until it is"}
    )
    refundable_until = Moment(metadata={"description": "once captured, until it was refunded"})
    branch = fields.String(required=True, metadata={"description": "empty until captured"})
    terminal = fields.String(metadata={"description": "for merchants: at which till"})
    clerk = fields.String(metadata={"description": "for merchants: who took it, where known"})
    note = fields.String(metadata={"description": "for merchants: what was noted last"})
    captured_entry = Whole(metadata={"description": "the capture, where there was one"})
    branch_name = fields.String(metadata={"description": "of `branch`, where it is known"})
    merchant = Id(metadata={"description": "not shown to merchants, whose own it is"})
    merchant_name = fields.String(metadata={"description": "likewise, where it is known"})
    usable_at = fields.List(
        fields.String(),
        metadata={"description": "likewise: names of its branches; empty: any of the shop's"},
    )
    volunteer = Id(metadata={"description": "never shown to merchants"})
    amount_hundredths = Whole(metadata={"description": "of a point; not shown to merchants"})
    amount_minutes = Whole(metadata={"description": "of saved time; not shown to merchants"})
    flag = fields.String(metadata={"description": "for operators and auditors"})
    code = fields.String(metadata={"description": "for the holder, while reserved"})
    assisted_by = Id(
        metadata={"description": "whose office reserved it for the holder; not shown to merchants"}
    )
    guarded = fields.Boolean(
        metadata={
            "description": "whether the holder asked for more than the code; not to merchants"
        }
    )


@reading(
    "/rewards",
    "list_rewards",
    answer=page_of(RewardSchema, "RewardPage"),
    query=PageOfRewards,
    tag="rewards",
)
def list_rewards(query: Mapping[str, Any]) -> dict[str, Any]:
    """Published rewards; a merchant sees its withdrawn ones too, operators and auditors all."""
    caller = caller_or_none()
    with current_book().database.reading() as connection:
        rows, more = queries.rewards_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            merchant=query.get("merchant"),
            state=None if _sees_all(caller) else "published",
            or_of_merchant=caller.id if caller and caller.role == "merchant" else None,
        )
    return page(_rewards(rows), more)


@reading(
    "/rewards/<id:reward>",
    "get_reward",
    answer=RewardSchema,
    refusals=("not_found",),
    tag="rewards",
)
def get_reward(reward: str) -> dict[str, Any]:
    """One reward."""
    caller = caller_or_none()
    with current_book().database.reading() as connection:
        row = queries.reward(connection, reward)
    if row is None:
        raise not_there()
    own = caller is not None and caller.party == f"merchant:{row.merchant}"
    if row.state != "published" and not own and not _sees_all(caller):
        raise not_there()
    return _rewards([row])[0]


@reading(
    "/redemptions",
    "list_redemptions",
    answer=page_of(RedemptionSchema, "RedemptionPage"),
    query=PageOfRedemptions,
    roles=("operator", "merchant", "volunteer", "auditor"),
    scope="redemptions:read",
    tag="redemptions",
    auditors_say_why=True,
)
def list_redemptions(query: Mapping[str, Any]) -> dict[str, Any]:
    """Redemptions: a volunteer's own with their codes, a merchant's own without the holder; for a
    till's token what its branch took, for a clerk's what that clerk took.

    An auditor says why in a `Reason` header; an operator need not: they see redemptions by duty,
    and answer for it by access control.
    """
    caller = current_caller()
    with current_book().database.reading() as connection:
        rows, more = queries.redemptions_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            flagged="awaiting" in query,
            volunteer=caller.id if caller.role == "volunteer" else None,
            merchant=caller.id if caller.role == "merchant" else None,
            branch=caller.branch.partition(":")[2] if caller.terminal else None,
            clerk=caller.clerk or None,
            newest_first="newest_first" in query,
        )
    log_look(caller, *(f"redemptions/{row.redemption}" for row in rows))
    return page(described(rows, caller), more)


@reading(
    "/redemptions/<id:redemption>",
    "get_redemption",
    answer=RedemptionSchema,
    roles=("operator", "merchant", "volunteer", "auditor"),
    scope="redemptions:read",
    refusals=("not_found",),
    tag="redemptions",
    auditors_say_why=True,
)
def get_redemption(redemption: str) -> dict[str, Any]:
    """One redemption.

    An auditor says why in a `Reason` header; an operator need not, as for the list.
    """
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.redemption(connection, redemption)
    if (
        row is None
        or (caller.role in ("volunteer", "merchant") and getattr(row, caller.role) != caller.id)
        or not is_own_line(caller, row)
    ):
        raise not_there()
    log_look(caller, f"redemptions/{redemption}")
    return described([row], caller)[0]


def _sees_all(caller: Caller | None) -> bool:
    return caller is not None and caller.role in ("operator", "auditor")


def _rewards(rows: Sequence[Reward]) -> list[dict[str, Any]]:
    texts = texts_of(row.text for row in rows)
    book, caller = current_book(), caller_or_none()
    terms = terms_of_each(book, rows)
    asks = caller if caller is not None and caller.role == "volunteer" else None
    refused = why_not_each(book, asks, rows) if asks is not None else {}
    policy = _policy() if any(row.form == "discount" for row in rows) else None
    places = book.vault.place_names(
        sorted({each for row in rows for each in (row.merchant, *_branches(row))})
    )
    return [
        {
            **row._asdict(),
            "entry": row.since,
            f"price_{UNITS[row.asset]}": row.price,
            **({"merchant_name": places[row.merchant]} if row.merchant in places else {}),
            "branches": _branches(row),
            "branch_names": [places[each] for each in _branches(row) if each in places],
            "opens_minute": row.opens,
            "closes_minute": row.closes,
            "text": texts.get(row.text, {}),
            **_terms(terms.get(row.reward, NO_TERMS)),
            **(_whether(refused.get(row.reward)) if asks is not None else {}),
            **({"star_prices": prices} if (prices := _star_prices(row, policy)) else {}),
        }
        for row in rows
    ]


def _branches(row: Reward) -> list[str]:
    return [branch for branch in row.branches.split("+") if branch]


def _terms(terms: RewardTerms) -> dict[str, Any]:
    return {
        "weekdays": [int(day) for day in terms.weekdays.split("+") if day],
        "per_period": terms.per_period,
        "period": terms.period,
        "min_age": terms.min_age,
        "tiers": [tier for tier in terms.tiers.split("+") if tier],
        "within": terms.within,
        "fund": terms.fund,
        "value_cents": terms.value_cents,
    }


def _whether(refused: Refused | None) -> dict[str, Any]:
    if refused is None:
        return {"can_reserve": True}
    return {
        "can_reserve": False,
        "why_not": {
            "code": refused.code,
            "reason": refused.sentence,
            "facts": dict(refused.facts),
        },
    }


def _policy() -> Policy:
    """The policy that would price a discount for who asks: a volunteer's own, else nobody's."""
    caller = caller_or_none()
    book = current_book()
    if caller is not None and caller.role == "volunteer":
        return book.policy_of(caller.party)
    return book.policy()


def _star_prices(reward: Reward, policy: Policy | None) -> list[int]:
    if policy is None or reward.form != "discount":
        return []
    stars = range(1, len(policy.courtesy_price_percent) + 1)
    return [policy.price_for(star, reward.price) for star in stars]


def _taken(row: Redemption, notes: Mapping[str, str]) -> dict[str, str]:
    """Where and by whom, and what was noted: the shop's own affair."""
    return {
        "terminal": row.terminal,
        "clerk": row.clerk,
        "note": notes.get(row.redemption, ""),
    }


def described(rows: Sequence[Redemption], caller: Caller) -> list[dict[str, Any]]:
    """These redemptions as this caller may see them, times in ms."""
    book = current_book()
    with book.database.reading() as connection:
        rewards = {each: queries.reward(connection, each) for each in {r.reward for r in rows}}
        helped, guarded = helped_and_guarded(connection, [row.redemption for row in rows])
    texts = texts_of(reward.text for reward in rewards.values() if reward)
    shop = caller.role == "merchant"
    notes = notes_of(book, [row.redemption for row in rows]) if shop else {}
    times = moments_of_each(book, rows)
    places = book.vault.place_names(
        sorted(
            {each for row in rows for each in (row.merchant, row.branch)}
            | {each for reward in rewards.values() if reward for each in _branches(reward)}
        )
    )
    shown = []
    for row in rows:
        reward = rewards[row.reward]
        one: dict[str, Any] = {
            "redemption": row.redemption,
            "entry": row.since,
            "reward": row.reward,
            "item": texts.get(reward.text, {}) if reward else {},
            "state": row.state,
            "quantity": row.quantity,
            "captured_quantity": row.captured_quantity,
            "expires": row.expires,
            "extended": bool(row.extended),
            "captured": row.captured or None,
            "branch": row.branch,
            **times[row.redemption],
        }
        if row.branch in places:
            one["branch_name"] = places[row.branch]
        if row.captured_entry:
            one["captured_entry"] = row.captured_entry
        if caller.role == "merchant":
            one |= {name: text for name, text in _taken(row, notes).items() if text}
        else:
            one |= {
                "merchant": row.merchant,
                **({"merchant_name": places[row.merchant]} if row.merchant in places else {}),
                "usable_at": [
                    places[each] for each in (_branches(reward) if reward else ()) if each in places
                ],
                "volunteer": row.volunteer,
                f"amount_{UNITS[row.asset]}": row.amount,
                "guarded": row.redemption in guarded,
            }
            if row.redemption in helped:
                one["assisted_by"] = helped[row.redemption]
        if _sees_all(caller):
            one["flag"] = row.flag
        if caller.role == "volunteer" and row.state == "reserved":
            one["code"] = grouped(code_of(book, row.redemption))
        shown.append(one)
    return shown
