"""Decide about the catalogue: draft, publish, restock and withdraw rewards, and state funds.

A published reward never changes but for its stock: whoever reserved it did so on these terms. Other
terms are another reward, and the old one is withdrawn. Refusals stand in docs/refusals.md in this
order.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from ledger.account import POINT, TIME
from ledger.actions.catalogue import (
    PERIODS,
    REWARD_FORMS,
    WEEKDAYS,
    DraftReward,
    PublishReward,
    RestockReward,
    StateFund,
    WithdrawReward,
)
from ledger.actions.parties import TIERS
from ledger.decide.redeeming import refuse_goods
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.posting import AMOUNT_MAX
from ledger.rows import Fund, Reward, RewardTerms
from ledger.standing import Standing

AGE_MAX: Final = 150
NO_TERMS: Final = RewardTerms("", 0, "", 0, "", "", "", "", 0, 0)
"""What a reward without terms of its own asks and grants."""
_TERMS: Final = RewardTerms._fields[1:-1]


def publish(action: PublishReward, standing: Standing, time: int) -> list[Draft]:
    """A merchant offers a reward, or what it had drafted. Saved time pays service orders only,
    unless a policy that decides about some volunteer allows goods for time (domain §10 P42); whose
    does, `reserve` asks."""
    return _said(action, standing, time, "reward_published")


def draft(action: DraftReward, standing: Standing, time: int) -> list[Draft]:
    """A reward is written down, or written anew, before anybody can have it."""
    return _said(action, standing, time, "reward_drafted")


def _said(action: PublishReward, standing: Standing, time: int, kind: str) -> list[Draft]:
    merchant = f"merchant:{action.merchant}"
    standing.active(merchant)
    there = standing.rewards[action.reward]
    if there is not None and there.merchant != action.merchant:
        raise Refused("unknown_reward", "there is no such reward")
    if there is not None and there.state != "draft":
        raise Refused(
            "reward_state_conflict",
            f"this reward is {there.state}; a published one changes no more but for its stock:"
            " publish another and withdraw it",
            state=there.state,
        )
    if action.form not in REWARD_FORMS or action.asset not in (POINT, TIME):
        raise Refused("bad_reward", "form or asset is not one that rewards have")
    allowed = any(one.tb_goods for one in standing.policies_of_people(time))
    refuse_goods(action.asset, action.form, allowed=allowed)
    if not (1 <= action.price <= AMOUNT_MAX and 1 <= action.stock <= AMOUNT_MAX):
        raise Refused("bad_amount", "price and stock are at least 1")
    if min(action.per_person, action.gate_stars, action.hold_minutes) < 0:
        raise Refused("bad_amount", "limits are not below zero")
    if not 0 <= action.opens < action.closes <= 1440 or action.valid_until <= action.valid_from:
        raise Refused("bad_time", "it must close after it opens, and end after it begins")
    for branch in _sorted(action.branches):
        if standing.active(f"branch:{branch}").parent != merchant:
            raise Refused("unknown_party", "this merchant has no such branch", branch=branch)
    _refuse_bad_terms(action, standing)

    facts = {
        "reward": action.reward,
        "merchant": action.merchant,
        "form": action.form,
        "asset": action.asset,
        "price": action.price,
        "stock": action.stock,
        "per_person": action.per_person,
        "gate_stars": action.gate_stars,
        "hold_minutes": action.hold_minutes,
        # In the one order that entries have, whatever order they were named in.
        "branches": "+".join(_sorted(action.branches)),
        "opens": action.opens,
        "closes": action.closes,
        "valid_from": action.valid_from,
        "valid_until": action.valid_until,
        "text": action.text,
    }
    said = [Draft(kind, facts, policy=standing.policy_at(time).version_name)]
    terms: dict[str, Any] = {name: getattr(action, name) for name in _TERMS}
    terms |= {name: "+".join(_sorted(terms[name])) for name in ("tiers", "weekdays")}
    # Terms that an earlier draft had are said again, or said to be none.
    if any(terms.values()) or standing.reward_terms[action.reward] is not None:
        whose = {"reward": action.reward, "merchant": action.merchant}
        said.append(Draft("reward_terms", {**whose, **terms}))
    return said


def _refuse_bad_terms(action: PublishReward, standing: Standing) -> None:
    if (action.per_period > 0) != (action.period in PERIODS) or action.per_period < 0:
        raise Refused("bad_reward", "a limit for a period is a number of 1 or more and a period")
    if not 0 <= action.min_age <= AGE_MAX:
        raise Refused("bad_reward", f"an age is from 0 to {AGE_MAX} full years")
    if not set(_sorted(action.tiers)) <= set(TIERS):
        raise Refused("bad_tier", f"tiers are among {', '.join(TIERS)}")
    if not set(_sorted(action.weekdays)) <= set(WEEKDAYS):
        raise Refused("bad_time", "weekdays are from 1, Monday, to 7, Sunday")
    if action.within:
        standing.active(f"organisation:{action.within}")
    if not action.fund and action.value_cents:
        raise Refused("bad_reward", "only a fund needs to know what a piece is worth")
    if action.fund:
        fund = standing.funds[action.fund]
        if fund is None or action.merchant not in fund.merchants.split("+"):
            raise Refused("unknown_fund", "no fund of this name pays for rewards of this shop")
        if not 1 <= action.value_cents <= AMOUNT_MAX:
            raise Refused("bad_amount", "what a fund pays for is worth at least one cent a piece")


def restock(action: RestockReward, standing: Standing, time: int) -> list[Draft]:
    """More or fewer pieces are there to be had. Refuses with `unknown_reward`,
    `reward_withdrawn`, `bad_amount` where nothing changes or less than none would be left."""
    reward = known_reward(action.reward, standing)
    if reward.state == "withdrawn":
        raise Refused("reward_withdrawn", "this reward is withdrawn; publish another")
    if not action.change or not 0 <= reward.stock + action.change <= AMOUNT_MAX:
        raise Refused(
            "bad_amount", f"{reward.stock} are left; say how many come or go", left=reward.stock
        )
    facts = {"reward": reward.reward, "merchant": reward.merchant, "change": action.change}
    return [Draft("reward_restocked", facts)]


def withdraw(action: WithdrawReward, standing: Standing, time: int) -> list[Draft]:
    """No new reservations; what is reserved stays good."""
    reward = known_reward(action.reward, standing)
    if reward.state == "withdrawn":
        raise Refused("reward_withdrawn", "this reward is withdrawn already")
    return [Draft("reward_withdrawn", {"reward": action.reward, "reason": action.reason})]


def state_fund(action: StateFund, standing: Standing, time: int) -> list[Draft]:
    """A sponsor promises money for rewards, or says anew how much and for whom.

    Refuses with `unknown_party`, `party_not_active`, `unknown_fund`, `bad_amount`, or
    `fund_committed` below what is reserved and captured already.
    """
    standing.active(f"organisation:{action.organisation}")
    merchants = _sorted(action.merchants)
    for merchant in merchants:
        standing.party(f"merchant:{merchant}")
    before = standing.funds[action.fund]
    if before is not None and before.organisation != action.organisation:
        raise Refused("unknown_fund", "there is no such fund")
    if not merchants or not 1 <= action.cents <= AMOUNT_MAX:
        raise Refused("bad_amount", "a fund is at least one cent, for at least one merchant")
    if before is not None and action.cents < before.committed:
        raise Refused(
            "fund_committed",
            f"{before.committed} cents are reserved or captured already",
            committed_cents=before.committed,
        )
    facts = {
        "fund": action.fund,
        "organisation": action.organisation,
        "cents": action.cents,
        "merchants": "+".join(merchants),
        "text": action.text,
    }
    return [Draft("fund_stated", facts)]


def known_reward(reward_id: str, standing: Standing) -> Reward:
    """A reward. Refuses with `unknown_reward`."""
    reward = standing.rewards[reward_id]
    if reward is None:
        raise Refused("unknown_reward", "there is no such reward")
    return reward


def terms_of(reward_id: str, standing: Standing) -> RewardTerms:
    """What a reward asks and grants beyond its price."""
    return standing.reward_terms[reward_id] or NO_TERMS


def refuse_unfunded(terms: RewardTerms, merchant: str, quantity: int, standing: Standing) -> None:
    """Whether the sponsor's promise covers so many pieces of a merchant's reward: none where the
    sponsor is suspended or gone, or pays for this merchant no more. Refuses with
    `fund_exhausted`."""
    fund: Fund | None = standing.funds[terms.fund] if terms.fund else None
    if fund is None:
        return
    left = max(0, fund.cents - fund.committed) // terms.value_cents
    sponsor = standing.party(f"organisation:{fund.organisation}")
    if merchant not in fund.merchants.split("+") or sponsor.state != "active":
        left = 0
    if quantity > left:
        raise Refused("fund_exhausted", f"its sponsor pays for {left} more", left=left)


def refuse_outside_place(terms: RewardTerms, owner: str, standing: Standing) -> None:
    """Whether the holder's home organisation is of a tier and at a place that the reward is for.

    Refuses with `tier_gate_unmet` or `outside_organisation`.
    """
    if not terms.tiers and not terms.within:
        return
    kind, _, home = standing.party(owner).parent.partition(":")
    places = dict(standing.places(home if kind == "organisation" else ""))
    if terms.tiers and places.get(home, "") not in terms.tiers.split("+"):
        raise Refused(
            "tier_gate_unmet",
            "this is for volunteers whose own organisation is of another tier",
            tiers=terms.tiers,
        )
    if terms.within and terms.within not in places:
        raise Refused(
            "outside_organisation",
            "this is for volunteers of another organisation and those below it",
            within=terms.within,
        )


def refuse_too_young(terms: RewardTerms, gate: str, tested: int) -> None:
    """Whether the holder is attested to be as old as the reward asks.

    Refuses with `attestation_outdated` or `age_gate_unmet`.
    """
    if not terms.min_age:
        return
    if tested != terms.min_age:
        raise Refused("attestation_outdated", "the reward changed meanwhile; send it again")
    if gate != "met":
        raise Refused(
            "age_gate_unmet",
            f"this is for people of {terms.min_age} years and older",
            minimum_years=terms.min_age,
        )


def _sorted(words: str) -> Collection[str]:
    return sorted(set(words.split("+"))) if words else []
