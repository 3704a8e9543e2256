"""Rewards: what I can get, what not and the one reason why, and reserving some of it.

Whether something can be had is what `reserve` itself would answer, asked by the API for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import form_key, may, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.parties import get_standing
from api.reads.rewards import get_reward, list_rewards
from api.writes.redemptions import reserve

REWARDS_SHOWN: Final = 100
CHOICES_MAX: Final = 10
"""Up to how many pieces are offered to be chosen; whoever wants more reserves again."""


@pages.get("/me/rewards")
@for_roles("volunteer")
def rewards() -> Response:
    """What I can get now, then the rest with the reason why not."""
    after = request.args.get("after", "")
    found = read(list_rewards, {"limit": str(REWARDS_SHOWN), "starting_after": after})
    standing = read(get_standing, volunteer=g.caller.id)
    shown = [priced(each, standing) for each in found["data"]]
    return page(
        "volunteer/rewards",
        has=standing,
        can=[each for each in shown if each["can_reserve"]],
        cannot=[each for each in shown if not each["can_reserve"]],
        more=found["data"][-1]["entry"] if found["has_more"] else None,
        after=after,
    )


@pages.get("/me/rewards/<id:reward>")
@for_roles("volunteer")
def reward(reward: str) -> Response:
    """One reward: price, shop, when and where, and the form to reserve it."""
    return _shown(reward)


@pages.post("/me/rewards/<id:reward>")
@for_roles("volunteer")
def reserve_reward(reward: str) -> ResponseReturnValue:
    """Set its price aside, once, and lead to the voucher."""
    quantity = request.form.get("quantity", "")
    try:
        pieces = int(quantity) if quantity.isascii() and quantity.isdigit() else 0
        receipt, _ = write(reserve, {"reward": reward, "quantity": pieces}, form_key())
    except Noes as no:
        return _shown(reward, trouble=trouble_of(no), quantity=quantity)
    made = receipt.entry
    return redirect(f"/me/vouchers/{made.facts['redemption']}?entry={made.index}", 303)


def _shown(reward: str, *, trouble: Trouble | None = None, quantity: str = "1") -> Response:
    standing = read(get_standing, volunteer=g.caller.id)
    one = priced(read(get_reward, reward=reward), standing)
    return page(
        "volunteer/reward",
        trouble.status if trouble else 200,
        one=one,
        has=standing,
        most=_most(one, standing),
        trouble=trouble,
        quantity=quantity,
        may_reserve=may(reserve),
    )


def priced(one: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """A reward and what it costs whoever asks: `price`, in hundredths of a point or in minutes;
    `full_price` where their stars make it less; and `why`, if it cannot be had."""
    in_points = "price_hundredths" in one
    full = one["price_hundredths"] if in_points else one["price_minutes"]
    star, prices = standing["star"], one.get("star_prices", [])
    price = prices[min(star, len(prices)) - 1] if star and prices else full
    return {
        **one,
        "in_points": in_points,
        "price": price,
        "full_price": full if full != price else 0,
        "why": "" if one["can_reserve"] else why_not(one),
    }


def _most(one: Mapping[str, Any], standing: Mapping[str, Any]) -> int:
    """How many to offer at once: what there is and what can be paid for, at least 1."""
    there = standing["points_hundredths" if one["in_points"] else "time_minutes"]
    limits: list[int] = [CHOICES_MAX, one["stock"]]
    limits += [one["per_person"]] if one["per_person"] else []
    limits += [one["per_period"]] if one["per_period"] else []
    limits += [there // one["price"]] if one["price"] else []
    return max(1, min(limits))


def why_not(one: Mapping[str, Any]) -> str:
    """The one reason why a reward cannot be had, in the reader's language, with its numbers."""
    lang, now = g.lang, current_book().clock.now_ms()
    code, facts = one["why_not"]["code"], one["why_not"]["facts"]
    if code == "reward_not_available":
        code, when = (
            ("reward_not_yet", one["valid_from"])
            if now < one["valid_from"]
            else ("reward_over", one["valid_until"])
        )
        return words.say(f"me.why.{code}", lang, day=words.moment(when, now, lang))
    if f"me.why.{code}" not in words.WORDS:
        return words.say(f"why.{words.known(code)}", lang)
    return words.say(f"me.why.{code}", lang, **_blanks(code, facts, lang, now))


def _blanks(code: str, facts: Mapping[str, Any], lang: str, now: int) -> dict[str, object]:
    """What fills the blanks of a reason."""
    if code == "insufficient_points":
        missing = facts["needed_hundredths"] - facts["spendable_hundredths"]
        return {"n": words.points(missing)}
    if code == "insufficient_time":
        missing = facts["needed_minutes"] - facts["saved_minutes"]
        return {"what": words.duration(missing, lang)}
    if code == "redemption_frequency":
        return {"n": facts["limit"], "day": words.day(facts["opens_on"], now, lang)}
    if code == "per_period_limit":
        period = words.say(f"me.period.{facts['period']}", lang)
        return {"n": facts["limit"], "taken": facts["taken"], "period": period}
    return {"n": facts.get("limit", facts.get("needed", facts.get("minimum_years", 0)))} | {
        name: facts[name] for name in ("taken", "stars", "left") if name in facts
    }
