"""What merchants offer and sponsors pay for: drafts, publication, stock, funds (design §6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from ledger import account
from ledger.account import POINT, TIME
from ledger.actions.catalogue import (
    DraftReward,
    PublishReward,
    RestockReward,
    StateFund,
    WithdrawReward,
)
from ledger.actions.rewards import Reserve
from ledger.book import Book, Caller
from ledger.door.asking import Asking
from ledger.door.tree import Tree, one_row, refuse_tills, reward_of_ours
from ledger.errors import Refused
from ledger.rows import Fund, Reward, RewardTerms
from ledger.sequencer import Receipt
from ledger.standing import Standing
from ledger.store.projections import StoredRows

_STATED: Final = (
    *("merchant", "form", "asset", "price", "stock", "per_person", "gate_stars", "hold_minutes"),
    *("branches", "opens", "closes", "valid_from", "valid_until", "text"),
)
_TERMS: Final = RewardTerms._fields[1:-1]


def offer(
    ask: Asking,
    *,
    title: str,
    description: str = "",
    form: str,
    stock: int,
    valid_from: int,
    valid_until: int,
    price_hundredths: int = 0,
    price_minutes: int = 0,
    merchant: str = "",
    branches: Collection[str] = (),
    tiers: Collection[str] = (),
    weekdays: Collection[int] = (),
    opens_minute: int = 0,
    closes_minute: int = 1440,
    draft: bool = False,
    reward: str = "",
    **others: Any,
) -> Receipt:
    """A merchant offers something for points (hundredths) or for saved time (minutes), or writes
    it down as a draft; `reward` names a draft that is written anew. `others` are fields of
    `PublishReward` under its own names.

    Refuses with `role_not_allowed` for a till's token, `merchant_needed`, `unknown_party`,
    `unknown_reward`, `bad_amount` and what the rules refuse.
    """
    refuse_tills(ask.caller)
    merchant = merchant or (ask.caller.id if ask.caller.role == "merchant" else "")
    if reward:
        merchant = reward_of_ours(ask.book, ask.caller, reward).merchant
    if not merchant:
        raise Refused("merchant_needed", "say which merchant's reward this is")
    Tree(ask.book, ask.caller).refuse_unless_ours(f"merchant:{merchant}")
    if bool(price_hundredths) == bool(price_minutes):
        raise Refused("bad_amount", "a price is `price_hundredths` of points or `price_minutes`")
    say = DraftReward if draft else PublishReward
    return ask.record(
        say(
            reward=reward or ask.book.new_id(),
            merchant=merchant,
            form=form,
            asset=TIME if price_minutes else POINT,
            price=price_minutes or price_hundredths,
            stock=stock,
            valid_from=valid_from,
            valid_until=valid_until,
            branches="+".join(sorted(set(branches))),
            tiers="+".join(sorted(set(tiers))),
            weekdays="+".join(str(each) for each in sorted(set(weekdays))),
            opens=opens_minute,
            closes=closes_minute,
            text=ask.sealed(title=title, description=description),
            **others,
        )
    )


def publish_draft(ask: Asking, *, reward: str) -> Receipt:
    """Publish a draft as it stands. Refuses with `unknown_reward`, and as `offer` does."""
    refuse_tills(ask.caller)
    row = reward_of_ours(ask.book, ask.caller, reward)
    terms: RewardTerms | None = one_row(ask.book, "reward_terms", reward)
    said = {name: getattr(row, name) for name in _STATED}
    if terms is not None:
        said |= {name: getattr(terms, name) for name in _TERMS}
    return ask.record(PublishReward(reward=reward, **said))


def restock(ask: Asking, *, reward: str, change: int) -> Receipt:
    """More pieces of a reward, or fewer. Refuses a till's token as `offer` does."""
    refuse_tills(ask.caller)
    reward_of_ours(ask.book, ask.caller, reward)
    return ask.record(RestockReward(reward=reward, change=change))


def withdraw(ask: Asking, *, reward: str, reason: str = "") -> Receipt:
    """No more reservations of a reward. Refuses a till's token as `offer` does."""
    refuse_tills(ask.caller)
    reward_of_ours(ask.book, ask.caller, reward)
    return ask.record(WithdrawReward(reward=reward, reason=ask.sealed(reason=reason)))


def state_fund(
    ask: Asking,
    *,
    cents: int,
    merchants: Collection[str],
    title: str = "",
    organisation: str = "",
    fund: str = "",
) -> Receipt:
    """A sponsor promises money for rewards of some merchants, or says it anew (`fund`).

    Refuses with `organisation_needed`, `unknown_party`, `unknown_fund`, and what the rules refuse.
    """
    organisation = organisation or (ask.caller.id if ask.caller.role == "organisation" else "")
    found: Fund | None = one_row(ask.book, "funds", fund) if fund else None
    if fund and (
        found is None
        or not Tree(ask.book, ask.caller).acts_for(f"organisation:{found.organisation}")
    ):
        raise Refused("unknown_fund", "there is no such fund")
    if found is not None:
        organisation = found.organisation
    if not organisation:
        raise Refused("organisation_needed", "say which organisation promises this")
    Tree(ask.book, ask.caller).refuse_unless_ours(f"organisation:{organisation}")
    return ask.record(
        StateFund(
            fund=fund or ask.book.new_id(),
            organisation=organisation,
            cents=cents,
            merchants="+".join(sorted(set(merchants))),
            text=ask.sealed(title=title) or (found.text if found else ""),
        )
    )


def attested_for(book: Book, volunteer: str, reward: str, now: int) -> tuple[str, int]:
    """(gate, full years asked for) of whether a volunteer is as old as a reward asks; ("", 0) where
    it asks nothing. `met`, `unmet`, or `unknown` where no birth date is on file."""
    terms: RewardTerms | None = one_row(book, "reward_terms", reward)
    if terms is None or not terms.min_age:
        return "", 0
    today = book.policy_of(account.volunteer(volunteer)).local_date(now)
    return book.vault.attest_age(volunteer, terms.min_age, today), terms.min_age


def why_not_each(book: Book, caller: Caller, rewards: Collection[Reward]) -> dict[str, Refused]:
    """By reward, the reason why the calling volunteer could not reserve one of it now; rewards that
    could be had are missing. Saved time is asked for its price alone: whether the holder is of age
    for it is attested when it is reserved. Changes nothing."""
    policy, now = book.policy_of(caller.party), book.clock.now_ms()
    terms = terms_of_each(book, rewards)
    ages = {each.min_age for each in terms.values() if each.min_age}
    gates = {age: book.vault.attest_age(caller.id, age, policy.local_date(now)) for age in ages}
    asked = [
        Reserve(
            redemption=book.new_id(),
            volunteer=caller.id,
            reward=reward.reward,
            quantity=1,
            age_gate="met" if reward.asset == TIME else "",
            age_tested=policy.tb_redeem_min_age if reward.asset == TIME else 0,
            reward_gate=gates.get(least, ""),
            reward_tested=least,
        )
        for reward in rewards
        for least in [terms[reward.reward].min_age if reward.reward in terms else 0]
    ]
    answers = book.would_mean(asked)
    return {
        reward.reward: answer
        for reward, answer in zip(rewards, answers, strict=True)
        if isinstance(answer, Refused)
    }


def terms_of_each(book: Book, rewards: Collection[Reward]) -> dict[str, RewardTerms]:
    """By reward, the terms of those that have some."""
    with book.database.reading() as connection:
        standing = Standing(StoredRows(connection))
        ids = [reward.reward for reward in rewards]
        standing.prefetch({"reward_terms": ids})
        return {one: terms for one in ids if (terms := standing.reward_terms[one]) is not None}
