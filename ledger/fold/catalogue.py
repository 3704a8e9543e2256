"""What merchants offer, and what organisations pay towards it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger.entry import Entry
from ledger.fold.changes import Fold, organisation_address, present, put
from ledger.rows import Fund, Reward, RewardTerms
from ledger.standing import Standing


def _reward_becomes(state: str) -> Fold:
    """A reward is written down, all of it: drafted, drafted anew, or published."""

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        before = standing.rewards[facts["reward"]]
        since = entry.index if before is None else before.since
        put(standing.rewards, facts["reward"], Reward(**facts, state=state, since=since))
        standing.mention(f"merchant:{facts['merchant']}", entry)

    return change


def _reward_terms(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    said = {name: value for name, value in facts.items() if name != "merchant"}
    put(standing.reward_terms, facts["reward"], RewardTerms(**said, since=entry.index))


def _reward_restocked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    reward = present(standing.rewards[facts["reward"]])
    after = reward._replace(stock=reward.stock + facts["change"])
    standing.rewards.change(reward.reward, after)
    standing.mention(f"merchant:{reward.merchant}", entry)


def _reward_withdrawn(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    reward = present(standing.rewards[facts["reward"]])
    standing.rewards.change(reward.reward, reward._replace(state="withdrawn"))
    standing.mention(f"merchant:{reward.merchant}", entry)


def _fund_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    before = standing.funds[facts["fund"]]
    committed, since = (before.committed, before.since) if before else (0, entry.index)
    put(standing.funds, facts["fund"], Fund(**facts, committed=committed, since=since))
    standing.mention(organisation_address(facts["organisation"]), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "reward_published": _reward_becomes("published"),
    "reward_drafted": _reward_becomes("draft"),
    "reward_terms": _reward_terms,
    "reward_restocked": _reward_restocked,
    "reward_withdrawn": _reward_withdrawn,
    "fund_stated": _fund_stated,
}
