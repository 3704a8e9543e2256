"""What goes on behind a counter: a sponsor, a clerk, a refund, and what comes to be settled.

The tea house is the first shop; its sponsor is the centre of the first district.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.actions.catalogue import DraftReward, PublishReward, RestockReward, StateFund
from ledger.actions.clerks import LimitClerk
from ledger.actions.rewards import RefundRedemption
from ledger.actions.settlement import CloseSettlement
from ledger.book import CONSOLE
from ledger.decide.settlement import refundable_until
from ledger.door import people, tokens
from ledger.store import claims
from ledger.store.projections import standing_from

if TYPE_CHECKING:
    from api.demo.town import Story

DAY_MS: Final = 86_400_000
TOKENS_LAST_MS: Final = 30 * DAY_MS


def a_sponsor_pays_for_bus_cards(story: Story) -> None:
    """Drafted with terms, published, and more pieces come: two a month for each of the district's
    own, on weekdays, as long as the sponsor's promise lasts."""
    town, now = story.town, story.clock.now_ms()
    shop = town.shops[0]
    fund, reward = story.book.new_id(), story.book.new_id()
    sealed = story.book.vault.seal_text({"title": "街道礼遇资助"}, at=now)
    story.do(
        StateFund(
            fund=fund,
            organisation=town.organisations[1],
            cents=200_000,
            merchants=shop.merchant,
            text=sealed,
        )
    )
    said: dict[str, Any] = {
        "reward": reward,
        "merchant": shop.merchant,
        "form": "gift",
        "asset": "POINT",
        "price": 1_000,
        "stock": 40,
        "valid_from": now,
        "valid_until": now + 3 * 365 * DAY_MS,
        "text": story.book.vault.seal_text({"title": "公交卡 10 元"}, at=now),
        "weekdays": "1+2+3+4+5",
        "per_period": 2,
        "period": "month",
        "within": town.organisations[1],
        "fund": fund,
        "value_cents": 1_000,
    }
    story.do(DraftReward(**said))
    story.do(PublishReward(**said), RestockReward(reward=reward, change=20))


def a_clerk_stands_at_the_till(story: Story) -> str:
    """Registered by name, with a day's limits; returns a token of theirs for the visitor."""
    shop = story.town.shops[0]
    registered = people.register_clerk(story.asking(CONSOLE), branch=shop.branches[0], name="孙晓")
    clerk = str(registered.entry.facts["clerk"])
    story.do(
        LimitClerk(merchant=shop.merchant, clerk=clerk, captures=80, points=500_000, minutes=0)
    )
    _, token = tokens.issue(
        story.asking(CONSOLE),
        party=f"merchant:{shop.merchant}",
        role="merchant",
        terminal=shop.terminals[0],
        clerk=clerk,
        expires=story.now_ms + TOKENS_LAST_MS,
    )
    return token


def a_settled_cup_is_refunded(story: Story) -> None:
    """The newest claim that was settled cannot be supplied after all; the next settlement takes it
    off. Nothing happens where every day for a refund is over."""
    now = story.clock.now_ms()
    with story.book.database.snapshot() as connection:
        standing = standing_from(connection)
        merchants = [shop.merchant for shop in story.town.shops]
        settled = [
            claim
            for merchant in merchants
            for claim in claims.claims_between(
                connection, merchant, starts=0, ends=now, states=["settled"], limit=500
            )
            if now < refundable_until(claim, standing)
        ]
    if not settled:
        return
    newest = max(settled, key=lambda claim: claim.captured)
    story.do(
        RefundRedemption(
            redemption=newest.redemption, merchant=newest.merchant, ground="cannot_supply"
        )
    )
    story.clock.wait(60_000)
    story.do(
        CloseSettlement(
            settlement=story.book.new_id(),
            merchant=newest.merchant,
            redemptions=(),
            refunds=(newest.redemption,),
            ends=story.clock.now_ms(),
        )
    )
