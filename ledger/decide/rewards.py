"""Decide about redemptions: reserve, extend, capture, release, expire, void, refund (design §6).

Value leaves the spendable balance at reserve, into `held:<redemption>`. It goes back to the same
vintages on release or expiry, and from the merchant's claims where a capture is voided. The price
is the holder's at reserve; every piece costs the same, so a part of a reservation is exact.

`why_not_capture` is what *verify* asks and *capture* obeys, so a till never sees two answers; its
order is the order of precedence in docs/refusals.md. What is offered is `decide.catalogue`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ledger import account
from ledger.account import ISSUERS, LAPSED, POINT, POINTS_PURSE, SERVICE, TIME
from ledger.actions.rewards import (
    MEANS,
    Capture,
    ExpireRedemption,
    ExtendRedemption,
    RefundRedemption,
    Release,
    Reserve,
    VoidRedemption,
)
from ledger.decide.cards import assisted, refuse_unless_shown
from ledger.decide.catalogue import (
    known_reward,
    refuse_outside_place,
    refuse_too_young,
    refuse_unfunded,
    terms_of,
)
from ledger.decide.clerks import noted, refuse_inactive, refuse_over_limit
from ledger.decide.points import (
    credit,
    refuse_while_owed,
    set_aside_points,
    spendable,
    take_hours,
)
from ledger.decide.redeeming import (
    refuse_below_gate,
    refuse_goods,
    refuse_too_often,
    stars_held,
)
from ledger.decide.reservations import refuse_expired, reserved_by, reserved_redemption
from ledger.decide.settlement import SETTLED_ONCE, captured_amount, refundable_until, settles_at
from ledger.decide.time_bank import (
    refuse_group_spending,
    refuse_unless_covered,
    refuse_unless_may_redeem,
)
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.hours import hours_short, hours_taken
from ledger.fold.rewards import taken_in_period
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import OFFLINE, Redemption, Reward, RewardTerms
from ledger.standing import DAY_MS, Purse, Standing

MINUTE_MS: Final = 60_000
ALL_DAY: Final = (0, 1_440)
"""From which minute of the local day until which: a reward without hours."""


def reserve(action: Reserve, standing: Standing, time: int) -> list[Draft]:
    """Set value aside: the soonest to lapse first (domain §12 K7, K9, K12, B14).

    A holder's star lowers the price of a discount (domain §5); how often one may redeem is
    domain §10 P53. Refusals stand in docs/refusals.md in this order.
    """
    owner = account.volunteer(action.volunteer)
    policy = standing.policy_of(owner, time)
    party = standing.active(owner)
    office = assisted(
        action.redemption, action.volunteer, action.organisation, action.card, standing
    )
    reward = known_reward(action.reward, standing)
    if reward.state != "published" or not reward.valid_from <= time < reward.valid_until:
        raise Refused("reward_not_available", "this reward is not to be had now")
    standing.active(f"merchant:{reward.merchant}")
    refuse_goods(reward.asset, reward.form, allowed=policy.tb_goods)
    if action.quantity < 1:
        raise Refused("bad_amount", "reserve at least one")
    if action.quantity > reward.stock:
        raise Refused("out_of_stock", f"{reward.stock} are left", left=reward.stock)
    terms = terms_of(action.reward, standing)
    refuse_unfunded(terms, reward.merchant, action.quantity, standing)
    taking = standing.takings[action.reward, action.volunteer]
    taken = taking.quantity if taking else 0
    if reward.per_person and taken + action.quantity > reward.per_person:
        raise Refused(
            "per_person_limit",
            f"one person can have {reward.per_person}",
            limit=reward.per_person,
            taken=taken,
        )
    _refuse_over_period(action, terms, standing, time)
    purse = dict(standing.purse(owner))
    stars = stars_held(purse)
    refuse_below_gate(stars, max(reward.gate_stars, policy.redeem_gate_stars))
    refuse_outside_place(terms, owner, standing)
    refuse_too_young(terms, action.reward_gate, action.reward_tested)
    refuse_too_often(action.volunteer, standing, policy, time)
    standing.refuse_stopped(owner)
    price = policy.price_for(stars, reward.price) if reward.form == "discount" else reward.price
    amount = price * action.quantity
    if reward.asset == TIME:
        refuse_group_spending(party)
    postings = _set_aside(action, reward, purse, amount, policy, time)

    hold_minutes = reward.hold_minutes or policy.redeem_hold_minutes
    if office:
        # Paper is carried to the shop; a phone is there already.
        hold_minutes = max(hold_minutes, policy.redeem_printed_hold_minutes)
    facts = {
        "redemption": action.redemption,
        "volunteer": action.volunteer,
        "reward": action.reward,
        "merchant": reward.merchant,
        "quantity": action.quantity,
        "amount": amount,
        "asset": reward.asset,
        "expires": time + hold_minutes * MINUTE_MS,
        "age_gate": action.age_gate if reward.asset == TIME else "",
        "age_tested": action.age_tested if reward.asset == TIME else 0,
    }
    reserved = Draft("redemption_reserved", facts, postings, policy.version_name)
    return [*office, *_gates(action, terms), reserved]


def _gates(action: Reserve, terms: RewardTerms) -> list[Draft]:
    """What the reward asks of its holder and was attested, where it asks anything."""
    if not terms.min_age:
        return []
    facts = {
        "redemption": action.redemption,
        "volunteer": action.volunteer,
        "reward": action.reward,
        "age_gate": action.reward_gate,
        "age_tested": action.reward_tested,
    }
    return [Draft("redemption_gates", facts)]


def _refuse_over_period(action: Reserve, terms: RewardTerms, standing: Standing, time: int) -> None:
    """How many one person can have in a period, in China's time. Refuses with
    `per_period_limit`."""
    if not terms.per_period:
        return
    taken = taken_in_period(standing, terms, action.volunteer, time)
    if taken + action.quantity > terms.per_period:
        raise Refused(
            "per_period_limit",
            f"one person can have {terms.per_period} in a {terms.period}",
            limit=terms.per_period,
            period=terms.period,
            taken=taken,
        )


def _set_aside(
    action: Reserve, reward: Reward, purse: Purse, amount: int, policy: Policy, time: int
) -> list[Posting]:
    """The postings into `held`, or the reason why there is not enough."""
    into = account.held(action.redemption)
    if reward.asset == TIME:
        refuse_unless_may_redeem(action.age_gate, action.age_tested, policy)
        refuse_unless_covered(purse, amount, policy)
        return [Posting(account.time_of(action.volunteer), into, TIME, amount)]
    refuse_while_owed(purse, POINT)
    today = policy.local_date(time).isoformat()
    there = spendable(purse, today)
    if there < amount:
        raise Refused(
            "insufficient_points",
            f"this costs {amount} hundredths of a point and {there} can be spent",
            needed_hundredths=amount,
            spendable_hundredths=there,
        )
    return set_aside_points(purse, action.volunteer, amount, today=today, into=into)


def why_not_capture(
    action: Capture, standing: Standing, time: int
) -> tuple[Redemption, Reward, str]:
    """The redemption, its reward and the flag, if it can be captured now; else Refused."""
    # A till that may take nothing learns nothing about codes either.
    refuse_inactive(action, standing)
    refuse_foreign_terminal(action.merchant, action.branch, action.terminal, standing)
    redemption = standing.redemptions[action.redemption]
    if redemption is None or redemption.merchant != action.merchant:
        raise Refused("unknown_code", "no voucher of this shop has this code; check the digits")
    # A refund does not make it good again, however long its holder might have waited.
    if redemption.state in ("captured", *SETTLED_ONCE):
        raise Refused(
            "already_captured",
            "this voucher was used already",
            captured_at=redemption.captured,
            branch=redemption.branch,
            terminal=redemption.terminal,
        )
    if redemption.state == "voided":
        raise Refused("voided", "this voucher was taken, and the shop gave its value back")
    if redemption.state == "released":
        raise Refused("released", "the holder gave this voucher back")
    if redemption.state == "expired" or time >= redemption.expires:
        raise Refused("expired", "this voucher's time is over", expired_at=redemption.expires)
    reward = known_reward(redemption.reward, standing)
    if reward.branches and action.branch not in reward.branches.split("+"):
        raise Refused(
            "wrong_branch",
            "this voucher is for another branch",
            branches=reward.branches.split("+"),
        )
    _refuse_signed_elsewhere(redemption, action.branch, standing)
    # The holder's policy, as at reserve and at capture: a till's answer is the same each time.
    policy = standing.policy_of(account.volunteer(redemption.volunteer), time)
    _refuse_closed(reward, standing, policy, time)
    if not 0 <= action.quantity <= redemption.quantity:
        raise Refused(
            "quantity_too_large",
            f"{redemption.quantity} are reserved",
            reserved=redemption.quantity,
        )
    standing.refuse_stopped(account.held(redemption.redemption))
    holder = standing.party(account.volunteer(redemption.volunteer))
    if holder.state != "active":
        raise Refused("holder_not_active", "the holder cannot redeem at present")
    quantity = action.quantity or redemption.quantity
    amount = redemption.amount // redemption.quantity * quantity
    refuse_over_limit(action, redemption.asset, amount, standing, policy, time)
    since_last = time - holder.last_capture
    wait = policy.redeem_rapid_refuse_seconds
    if holder.last_capture and since_last < wait * 1000:
        left = -(-(wait * 1000 - since_last) // 1000)
        raise Refused(
            "too_soon",
            f"the holder used a voucher this moment; wait {left} seconds",
            wait_seconds=left,
        )
    refuse_unless_shown(action, redemption, policy, standing, time)
    rapid = holder.last_capture and since_last < policy.redeem_rapid_flag_seconds * 1000
    return redemption, reward, "rapid" if rapid else "none"


def capturable_until(redemption: Redemption, reward: Reward, policy: Policy, time: int) -> int:
    """When a voucher that can be taken at `time` can no longer be (ms): as it expires, or as the
    reward's hours of the day end, whichever is first."""
    if (reward.opens, reward.closes) == ALL_DAY:
        return redemption.expires
    closes = policy.midnight_after(time) - DAY_MS + reward.closes * MINUTE_MS
    return min(redemption.expires, closes)


def outside_hours(reward: Reward, terms: RewardTerms, policy: Policy, time: int) -> bool:
    """Whether `time` (ms) is at an hour or on a weekday of the policy's local days when the reward
    is not given."""
    minute = (time - policy.midnight_after(time) + DAY_MS) // MINUTE_MS
    today = str(policy.local_date(time).isoweekday())
    closed_today = bool(terms.weekdays) and today not in terms.weekdays
    return closed_today or not reward.opens <= minute < reward.closes


def _refuse_signed_elsewhere(redemption: Redemption, branch: str, standing: Standing) -> None:
    """A voucher that was signed names one branch, and a till there may have taken it unheard: no
    other branch takes it (trust §6)."""
    if redemption.upload_by:
        mark = standing.marks[f"redemption:{redemption.redemption}", OFFLINE]
        if mark is not None and mark.value != branch:
            raise Refused(
                "wrong_branch",
                "this voucher was signed for another branch",
                branches=[mark.value],
            )


def _refuse_closed(reward: Reward, standing: Standing, policy: Policy, time: int) -> None:
    """A reward is given at its hours of the local day, and on its weekdays. Refuses with
    `outside_hours`."""
    terms = terms_of(reward.reward, standing)
    if outside_hours(reward, terms, policy, time):
        raise Refused(
            "outside_hours",
            "this voucher cannot be used at this hour",
            opens=reward.opens,
            closes=reward.closes,
            weekdays=terms.weekdays,
        )


def refuse_foreign_terminal(merchant: str, branch: str, terminal: str, standing: Standing) -> None:
    """A capture comes from an active terminal of an active branch of the merchant (trust §6)."""
    if (
        standing.active(f"terminal:{terminal}").parent != f"branch:{branch}"
        or standing.active(f"branch:{branch}").parent != f"merchant:{merchant}"
    ):
        raise Refused("unknown_party", "this merchant has no such terminal", terminal=terminal)
    standing.active(f"merchant:{merchant}")


def capture(action: Capture, standing: Standing, time: int) -> list[Draft]:
    """The merchant takes it, once; a part of it gives the rest back.

    Every piece costs what it cost at reserve, so a part is exact. Where policy says so, saved time
    takes the holder's service hours with it; the records stay (domain §10 P47).
    """
    redemption, _, flag = why_not_capture(action, standing, time)
    if action.means == "offline":
        raise ValueError("what a till took without a network has an action of its own")
    return captured_by(action, redemption, flag, standing, time)


def captured_by(
    action: Capture, redemption: Redemption, flag: str, standing: Standing, time: int
) -> list[Draft]:
    """The entries of a capture that was allowed."""
    quantity = action.quantity or redemption.quantity
    amount = redemption.amount // redemption.quantity * quantity
    held = account.held(redemption.redemption)
    owner = account.volunteer(redemption.volunteer)
    policy = standing.policy_of(owner, time)
    postings = [Posting(held, account.claims_of(action.merchant), redemption.asset, amount)]
    rest = redemption.amount - amount
    if rest:
        today = policy.local_date(time).isoformat()
        postings += _give_back(redemption, rest, standing, today)
    if redemption.asset == TIME and policy.redeem_reduces_hours:
        postings += take_hours(dict(standing.purse(owner)), redemption.volunteer, amount)
    facts = {
        "redemption": redemption.redemption,
        "reward": redemption.reward,
        "merchant": action.merchant,
        "branch": action.branch,
        "terminal": action.terminal,
        "quantity": quantity,
        "amount": amount,
        "flag": flag,
    }
    captured = Draft("redemption_captured", facts, postings, policy.version_name)
    drafts = [captured, *_presented(action)]
    if action.note:
        drafts.append(noted(redemption.redemption, action.merchant, action.note))
    return drafts


def _presented(action: Capture) -> list[Draft]:
    """How it was shown, where that was more than the bare code (trust §6)."""
    if not action.means:
        return []
    if action.means not in MEANS:
        raise ValueError(f"a voucher is not shown by {action.means!r}")
    facts = {
        "redemption": action.redemption,
        "merchant": action.merchant,
        "means": action.means,
        "step": action.step,
        "card": action.card,
        "till_session": action.till_session,
        "counter": action.counter,
        "accepted": action.accepted,
        "proof": action.proof,
    }
    return [Draft("capture_presented", facts)]


def release(action: Release, standing: Standing, time: int) -> list[Draft]:
    """The holder gives it back before it is used."""
    redemption = reserved_by(action.volunteer, action.redemption, standing)
    if time < redemption.upload_by:
        raise Refused(
            "voucher_signed",
            "a till without a network may have taken this voucher; it can be given back once that"
            " till's time to say so is over",
            upload_by=redemption.upload_by,
        )
    return [_ended("redemption_released", redemption, standing, time)]


def extend(action: ExtendRedemption, standing: Standing, time: int) -> list[Draft]:
    """The holder makes it longer once, by as much time as it was reserved for.

    Refuses with `unknown_redemption`, `redemption_state_conflict`, `expired`, `voucher_signed`,
    `not_extendable` and `already_extended`.
    """
    redemption = reserved_by(action.volunteer, action.redemption, standing)
    refuse_expired(redemption, time)
    if redemption.upload_by:
        raise Refused(
            "voucher_signed",
            "this voucher was signed for a till without a network, with its time",
            upload_by=redemption.upload_by,
        )
    policy = standing.policy_of(account.volunteer(redemption.volunteer), time)
    if not policy.redeem_extendable:
        raise Refused("not_extendable", "by the rules a reservation is not made longer")
    if redemption.extended:
        raise Refused(
            "already_extended",
            "it was made longer before, and that happens once; give it back and reserve again",
            expires=redemption.expires,
        )
    # It happens once, so until then it runs as long as it was reserved for.
    as_much_again = redemption.expires - redemption.reserved
    facts = {
        "redemption": redemption.redemption,
        "reward": redemption.reward,
        "merchant": redemption.merchant,
        "expires": redemption.expires + as_much_again,
    }
    return [Draft("redemption_extended", facts, policy=policy.version_name)]


def moments_of(redemption: Redemption, standing: Standing) -> dict[str, int]:
    """The times (ms) that matter to a redemption in its state (design §6).

    Reserved: `capturable_until`, and `expires_at`, when its value goes back by itself; captured:
    `settles_at`, from when a settlement may close it; captured or settled: `refundable_until`.
    """
    if redemption.state == "reserved":
        return {
            "capturable_until": redemption.expires,
            "expires_at": max(redemption.expires, redemption.upload_by),
        }
    found = {}
    if redemption.state == "captured":
        found["settles_at"] = settles_at(redemption, standing)
    if redemption.state in ("captured", "settled"):
        found["refundable_until"] = refundable_until(redemption, standing)
    return found


def expire(action: ExpireRedemption, standing: Standing, time: int) -> list[Draft]:
    """Its time is over; the value goes back by itself."""
    redemption = reserved_redemption(action.redemption, standing)
    ends = max(redemption.expires, redemption.upload_by)
    if time < ends:
        raise Refused("not_expired_yet", "this reservation still runs", expires=ends)
    return [_ended("redemption_expired", redemption, standing, time)]


def void(action: VoidRedemption, standing: Standing, time: int) -> list[Draft]:
    """A capture is undone, for a ground that policy names (domain §10 P54; domain §12 K6).

    What the merchant took, and no more, goes from its claims back to the vintages it came from;
    what has lapsed meanwhile lapses, and what is owed is repaid out of it. Pieces and the count of
    P53 come back, and so do hours that P47 took. What is settled is refunded instead.
    Refuses with `unknown_redemption`, `redemption_state_conflict`, `not_reversible`,
    `account_stopped`.
    """
    redemption = _to_undo(action, standing, "captured", "only a captured one can be voided")
    facts, postings, policy = _undone(
        action, redemption, standing, time, account.claims_of(action.merchant)
    )
    return [Draft("redemption_voided", facts, postings, policy.version_name)]


def refund(action: RefundRedemption, standing: Standing, time: int) -> list[Draft]:
    """What was settled is given back to its holder, as a void would; the merchant owes it until
    its next settlement takes it off.

    Refuses as `void` does, and with `refund_over` once the days of `redeem.refund_days` are over;
    they are those of the policy that captured it.
    """
    redemption = _to_undo(action, standing, "settled", "only a settled one can be refunded")
    until = refundable_until(redemption, standing)
    if time >= until:
        raise Refused("refund_over", "the days for a refund are over", refundable_until=until)
    facts, postings, policy = _undone(
        action, redemption, standing, time, account.clawed_back_of(action.merchant)
    )
    facts["settlement"] = redemption.settlement
    return [Draft("redemption_refunded", facts, postings, policy.version_name)]


def _to_undo(action: VoidRedemption, standing: Standing, state: str, otherwise: str) -> Redemption:
    redemption = standing.redemptions[action.redemption]
    if redemption is None or redemption.merchant != action.merchant:
        raise Refused("unknown_redemption", "there is no such redemption")
    if redemption.state != state:
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {redemption.state}; {otherwise}",
            state=redemption.state,
        )
    return redemption


def _undone(
    action: VoidRedemption, redemption: Redemption, standing: Standing, time: int, source: str
) -> tuple[dict[str, Any], list[Posting], Policy]:
    """Facts and postings of giving back, out of `source`, what a capture took."""
    policy = standing.policy_of(account.volunteer(redemption.volunteer), time)
    if action.ground not in policy.redeem_reversible:
        raise Refused(
            "not_reversible",
            "a redemption is final, but for the grounds that the rules name",
            ground=action.ground,
        )
    standing.refuse_stopped(f"merchant:{action.merchant}")
    amount = captured_amount(redemption)
    today = policy.local_date(time).isoformat()
    postings = _back_from(source, redemption, amount, standing, today)
    postings += _hours_back(redemption, standing)
    facts = {
        "redemption": redemption.redemption,
        "reward": redemption.reward,
        "merchant": action.merchant,
        "amount": amount,
        "ground": action.ground,
    }
    return facts, postings, policy


def _back_from(
    source: str, redemption: Redemption, amount: int, standing: Standing, today: str
) -> list[Posting]:
    """`amount` goes from `source` to where it came from: at capture the merchant got what lapses
    soonest."""
    captured = []
    for name, there in _lots(redemption):
        taken = min(there, amount)
        if taken:
            captured.append((name, taken))
            amount -= taken
    return _return_lots(redemption, captured, source, standing, today)


def _hours_back(redemption: Redemption, standing: Standing) -> list[Posting]:
    """The hours that went with the time (P47), but for those that are short.

    They return to the class of evidence that they came from, or where new service has repaid for
    it meanwhile, to that service's.
    """
    taken = dict(hours_taken(standing, redemption.redemption))
    if not taken:
        return []
    short = hours_short(standing, redemption.volunteer)
    left = max(0, sum(taken.values()) - sum(short.values()))
    postings = []
    for evidence, lacking in short.items():
        missing = taken.get(account.SERVICE_PURSE + evidence, 0) - lacking
        if back := min(left, max(0, missing)):
            purse = account.service_of(redemption.volunteer, evidence)
            postings.append(Posting(ISSUERS[SERVICE], purse, SERVICE, back))
            left -= back
    return postings


def _ended(kind: str, redemption: Redemption, standing: Standing, time: int) -> Draft:
    facts = {
        "redemption": redemption.redemption,
        "reward": redemption.reward,
        "merchant": redemption.merchant,
        "amount": redemption.amount,
    }
    policy = standing.policy_of(account.volunteer(redemption.volunteer), time)
    today = policy.local_date(time).isoformat()
    postings = _give_back(redemption, redemption.amount, standing, today)
    return Draft(kind, facts, postings, policy.version_name)


def _give_back(
    redemption: Redemption, amount: int, standing: Standing, today: str
) -> list[Posting]:
    """`amount` goes from `held` to where it came from, the longest to live first."""
    back = []
    for name, there in reversed(_lots(redemption)):
        returned = min(there, amount)
        if returned:
            back.append((name, returned))
            amount -= returned
    return _return_lots(redemption, back, account.held(redemption.redemption), standing, today)


def _lots(redemption: Redemption) -> list[tuple[str, int]]:
    """(purse, amount) that a reservation was made of, the soonest to lapse first."""
    parted = (lot.rpartition("=") for lot in redemption.lots.split(" "))
    return [(account.split(address)[1], int(there)) for address, _, there in parted]


def _return_lots(
    redemption: Redemption,
    lots: Sequence[tuple[str, int]],
    source: str,
    standing: Standing,
    today: str,
) -> list[Posting]:
    """Each lot goes from `source` back into its purse; what has lapsed meanwhile lapses, and what
    is owed is repaid out of it (design §4, §6)."""
    purse = dict(standing.purse(account.volunteer(redemption.volunteer)))
    postings = []
    for name, back in lots:
        if name.startswith(POINTS_PURSE) and name[len(POINTS_PURSE) :] < today:
            postings.append(Posting(source, LAPSED, POINT, back))
        else:
            postings += credit(
                purse, redemption.volunteer, redemption.asset, back, source=source, into=name
            )
    return postings
