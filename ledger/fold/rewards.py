"""A reward is reserved, taken, given back or undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.cards import rotating_step_used
from ledger.fold.changes import Fold, about_volunteer, count_mark, counted, present, put, set_mark
from ledger.fold.clerks import clerk_of, count_for_clerk
from ledger.fold.hours import HOURS_TAKEN, return_hours
from ledger.fold.offline import may_have_taken, take_offline
from ledger.rows import ROTATING_USED, TOLD, RedeemedMonth, Redemption, RewardTerms, Taking
from ledger.standing import Standing, month_of, period_of


def _take(standing: Standing, redemption: Redemption, quantity: int, entry: Entry) -> None:
    """`quantity` of its reward goes to the holder of a redemption; below zero it comes back. Both
    count in the period in which it was reserved."""
    reward_id, volunteer = redemption.reward, redemption.volunteer
    reward = present(standing.rewards[reward_id])
    standing.rewards.change(reward_id, reward._replace(stock=reward.stock - quantity))
    taking = standing.takings[reward_id, volunteer]
    if taking is None:
        standing.takings.add((reward_id, volunteer), Taking(reward_id, volunteer, quantity))
    else:
        changed = taking._replace(quantity=taking.quantity + quantity)
        standing.takings.change((reward_id, volunteer), changed)
    terms = standing.reward_terms[reward_id]
    if terms is None:
        return
    if terms.per_period:
        what = _taken(terms, redemption.reserved)
        count_mark(standing, account.volunteer(volunteer), what, quantity, entry)
    fund = standing.funds[terms.fund] if terms.fund else None
    if fund is not None:
        committed = fund.committed + quantity * terms.value_cents
        standing.funds.change(fund.fund, fund._replace(committed=committed))


def taken_in_period(standing: Standing, terms: RewardTerms, volunteer: str, time: int) -> int:
    """How many of a reward somebody holds or has had in the period in which `time` (ms) lies."""
    return counted(standing, account.volunteer(volunteer), _taken(terms, time))


def _taken(terms: RewardTerms, time: int) -> str:
    """What the mark on a volunteer is called that counts a reward in one period."""
    return f"taken:{terms.reward}:{period_of(terms.period, time)}"


def count_redemption(standing: Standing, volunteer: str, reserved: int, change: int) -> None:
    """One redemption more, or one less, in the month in which it was reserved or requested."""
    key = (volunteer, month_of(reserved))
    before = standing.redeemed_months[key]
    quantity = change + (before.quantity if before else 0)
    put(standing.redeemed_months, key, RedeemedMonth(*key, quantity))


def _redemption_reserved(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    lots = " ".join(f"{posting.source}={posting.amount}" for posting in entry.postings)
    standing.redemptions.add(
        facts["redemption"],
        Redemption(
            redemption=facts["redemption"],
            volunteer=facts["volunteer"],
            reward=facts["reward"],
            merchant=facts["merchant"],
            state="reserved",
            asset=facts["asset"],
            quantity=facts["quantity"],
            amount=facts["amount"],
            lots=lots,
            expires=facts["expires"],
            branch="",
            terminal="",
            captured=0,
            captured_quantity=0,
            flag="none",
            since=entry.index,
            reserved=entry.time,
            captured_entry=0,
            clerk="",
            extended=0,
            upload_by=0,
            settlement="",
            refunded=0,
            adjusted="",
        ),
    )
    redemption = present(standing.redemptions[facts["redemption"]])
    _take(standing, redemption, facts["quantity"], entry)
    count_redemption(standing, facts["volunteer"], entry.time, 1)
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _redemption_captured(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    clerk = clerk_of(standing, entry.auth)
    standing.redemptions.change(
        redemption.redemption,
        redemption._replace(
            state="captured",
            branch=facts["branch"],
            terminal=facts["terminal"],
            captured=entry.time,
            captured_quantity=facts["quantity"],
            flag=facts["flag"],
            captured_entry=entry.index,
            clerk=clerk,
        ),
    )
    if clerk:
        count_for_clerk(standing, clerk, redemption.asset, facts["amount"], 1, entry)
        standing.mention(f"clerk:{clerk}", entry)
    left = redemption.quantity - facts["quantity"]
    if left:
        _take(standing, redemption, -left, entry)
    holder = account.volunteer(redemption.volunteer)
    party = standing.party(holder)
    standing.captured_before = party.last_capture
    standing.parties.change(holder, party._replace(last_capture=entry.time))
    hours = " ".join(
        f"{account.split(posting.source)[1]}={posting.amount}"
        for posting in entry.postings
        if posting.asset == account.SERVICE
    )
    if hours:
        set_mark(standing, f"redemption:{redemption.redemption}", HOURS_TAKEN, hours, entry)
    standing.mention(holder, entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _capture_presented(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    holder = account.volunteer(redemption.volunteer)
    if facts["step"] > rotating_step_used(standing, holder):
        set_mark(standing, holder, ROTATING_USED, str(facts["step"]), entry)
    standing.mention(holder, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)
    if facts["means"] == "offline":
        _taken_before(standing, redemption, facts, entry)
        take_offline(standing, redemption.asset, redemption.amount, facts, entry)


def _taken_before(
    standing: Standing, redemption: Redemption, facts: Mapping[str, Any], entry: Entry
) -> None:
    """What a till took without a network was taken when it says, by whoever opened its session."""
    session = present(standing.offline_sessions[facts["till_session"]])
    holder = account.volunteer(redemption.volunteer)
    after, accepted = redemption, facts["accepted"]
    if may_have_taken(session, redemption, accepted, entry.time):
        # It was the shop's then, whenever we heard of it.
        after = after._replace(captured=accepted)
        # The capture's own entry, just before this one, made it the upload's time.
        last = max(standing.captured_before, accepted)
        standing.parties.change(holder, standing.party(holder)._replace(last_capture=last))
    if session.clerk and session.clerk != redemption.clerk:
        after = after._replace(clerk=session.clerk)
        # Who uploads has not taken it.
        amount = redemption.amount * redemption.captured_quantity // redemption.quantity
        if redemption.clerk:
            count_for_clerk(standing, redemption.clerk, redemption.asset, -amount, -1, entry)
        count_for_clerk(standing, session.clerk, redemption.asset, amount, 1, entry)
        standing.mention(f"clerk:{session.clerk}", entry)
    if after is not redemption:
        standing.redemptions.change(redemption.redemption, after)
    told = TOLD + month_of(accepted)
    mark = standing.marks[holder, told]
    times = f"{mark.value} {accepted}" if mark is not None else str(accepted)
    set_mark(standing, holder, told, times, entry)


def _redemption_ends(state: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        redemption = present(standing.redemptions[facts["redemption"]])
        standing.redemptions.change(redemption.redemption, redemption._replace(state=state))
        # Once captured, what was not taken has gone back already.
        there = redemption.captured_quantity or redemption.quantity
        _take(standing, redemption, -there, entry)
        count_redemption(standing, redemption.volunteer, redemption.reserved, -1)
        standing.mention(account.volunteer(redemption.volunteer), entry)
        standing.mention(f"merchant:{redemption.merchant}", entry)

    return change


def _redemption_voided(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _redemption_undone("voided", standing, facts, entry)


def _redemption_refunded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _redemption_undone("refunded", standing, facts, entry)
    redemption = present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(refunded=entry.index)
    standing.redemptions.change(redemption.redemption, after)


def _redemption_extended(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(expires=facts["expires"], extended=1)
    standing.redemptions.change(redemption.redemption, after)
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _redemption_undone(
    state: str, standing: Standing, facts: Mapping[str, Any], entry: Entry
) -> None:
    _redemption_ends(state)(standing, facts, entry)
    redemption = present(standing.redemptions[facts["redemption"]])
    return_hours(standing, redemption, entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "redemption_gates": about_volunteer,
    "redemption_reserved": _redemption_reserved,
    "redemption_captured": _redemption_captured,
    "capture_presented": _capture_presented,
    "redemption_released": _redemption_ends("released"),
    "redemption_expired": _redemption_ends("expired"),
    "redemption_voided": _redemption_voided,
    "redemption_extended": _redemption_extended,
    "redemption_refunded": _redemption_refunded,
}
