"""Practice at the till: codes for training, one for every answer, and what each comes to.

Pure, and beside the ledger altogether: every practice begins with a made-up voucher on an empty
standing, is decided by the very rules that decide about real ones, and is forgotten. Its codes
have another check rule than a voucher's (`ledger/codes.py`), so that neither is ever taken for the
other. Nothing is remembered from one request to the next: a code answers alike each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

from ledger import account, codes
from ledger.account import POINT, POINTS_PURSE
from ledger.actions.rewards import Capture, VoidRedemption
from ledger.decide import decide
from ledger.decide.rewards import ALL_DAY, capturable_until, why_not_capture
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import CLERK_DAY, CLERK_LIMITS, Mark, Party, Redemption, Reward, Stop
from ledger.standing import DAY_MS, Standing, china_date

Row = TypeVar("Row")

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
PRICE: Final = 100
HOLDER: Final = "test0000000000za"
REWARD: Final = "test0000000000zb"
ELSEWHERE: Final = "test0000000000zc"
CLERK_HERE: Final = "test0000000000zd"
"""Ids of nobody and nothing."""
HOLDER_NAME: Final = "张*"


class Stage(NamedTuple):
    """What a practice begins with; each code changes some of it."""

    redemption: Redemption
    reward: Reward
    parties: Mapping[str, Party]
    stopped: bool = False
    marks: tuple[Mark, ...] = ()


Change = Callable[[Stage, "Counter"], Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The till at which somebody practises, and when (ms)."""

    merchant: str
    branch: str
    terminal: str
    policy: Policy
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One code for training and the answer that it brings; `title` is what the item is called."""

    number: int
    answer: str
    """`valid`, or the code of the refusal."""
    zh: str
    en: str
    title: str
    change: Change
    shows_holder: bool = False

    @property
    def code(self) -> str:
        """Ten characters; of the lesson about mistyping, with a check character that never fits."""
        made = codes.make_practice_code(self.number)
        return _spoilt(made) if self.answer == "bad_code" else made

    @property
    def redemption(self) -> str:
        """The id that its made-up voucher has."""
        return f"test{self.number:012d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What verify finds on the stage."""

    lesson: Lesson
    redemption: Redemption
    reward: Reward
    flag: str
    seconds_left: int


def lesson_of(text: str) -> Lesson:
    """The lesson that a typed or scanned code begins.

    Refuses with `real_code` where it may be a voucher's, with `bad_code` where it is no code at
    all, with `unknown_code` where it is a practice code of no lesson.
    """
    number = codes.practice_number(text)
    if number is not None:
        found = {each.number: each for each in LESSONS}.get(number)
        if found is None or found.answer == "bad_code":
            raise _unknown()
        return found
    try:
        codes.normalise(text)
    except codes.BadCode as bad:
        raise Refused("bad_code", bad.sentence, **_ATTEMPTS) from None
    raise Refused(
        "real_code",
        "this may be a real voucher; practice takes none: leave practice and show it again",
    )


def verify(lesson: Lesson, counter: Counter, quantity: int = 0) -> Seen:
    """What the till would see, or the refusal that this lesson is about."""
    _refuse_beforehand(lesson)
    standing = _standing(lesson, counter)
    action = _capture(lesson, counter, quantity, standing)
    found = why_not_capture(action, standing, counter.now)
    redemption, reward, flag = found
    until = capturable_until(redemption, reward, counter.policy, counter.now)
    return Seen(
        lesson=lesson,
        redemption=redemption,
        reward=reward,
        flag=flag,
        seconds_left=max(0, until - counter.now) // SECOND_MS,
    )


def capture(lesson: Lesson, counter: Counter, quantity: int = 0) -> Draft:
    """What the capture's entry would say. Nothing is taken, and nobody remembers it."""
    _refuse_beforehand(lesson)
    standing = _standing(lesson, counter)
    return decide(_capture(lesson, counter, quantity, standing), standing, counter.now)[0]


def void(redemption: str, counter: Counter, ground: str) -> Draft:
    """What the entry would say that undoes the capture of a lesson's voucher, taken a minute ago.
    Refuses with `unknown_redemption` for any other id, a real one always."""
    lesson = next((each for each in LESSONS if each.redemption == redemption), None)
    if lesson is None:
        raise Refused("unknown_redemption", "there is no such redemption in practice")
    standing = _standing(lesson, counter)
    one = standing.redemptions[redemption]
    if one is not None and one.state == "reserved" and lesson.answer == "valid":
        taken = one._replace(
            state="captured",
            captured=counter.now - MINUTE_MS,
            captured_quantity=one.quantity,
            branch=counter.branch,
            terminal=counter.terminal,
        )
        standing.redemptions.add(redemption, taken)
    action = VoidRedemption(redemption=redemption, merchant=counter.merchant, ground=ground)
    return decide(action, standing, counter.now)[0]


def _refuse_beforehand(lesson: Lesson) -> None:
    """What a till is told before its code is looked up."""
    if lesson.answer == "too_many_attempts":
        wait = 300
        raise Refused(
            "too_many_attempts",
            f"too many wrong codes were shown; try again in {wait} seconds",
            wait_seconds=wait,
            **{**_ATTEMPTS, "attempts_left": 0, "resets_seconds": wait},
        )
    if lesson.answer == "unknown_code":
        raise _unknown()


_ATTEMPTS: Final = {"attempts_left": 9, "attempts_limit": 10, "resets_seconds": 600}


def _unknown() -> Refused:
    return Refused(
        "unknown_code", "no voucher of this shop has this code; check the digits", **_ATTEMPTS
    )


def _capture(lesson: Lesson, counter: Counter, quantity: int, standing: Standing) -> Capture:
    here = f"clerk:{CLERK_HERE}" in standing.parties
    return Capture(
        redemption=lesson.redemption,
        holder=HOLDER,
        merchant=counter.merchant,
        branch=counter.branch,
        terminal=counter.terminal,
        quantity=quantity,
        clerk=CLERK_HERE if here else "",
    )


def _standing(lesson: Lesson, counter: Counter) -> Standing:
    """The stage of a lesson, on a standing that reads from nowhere."""
    stage = lesson.change(_stage(lesson, counter), counter)
    standing = Standing()
    standing.policies.append(counter.policy)
    for address, party in stage.parties.items():
        standing.parties.add(address, party)
    standing.rewards.add(REWARD, stage.reward)
    standing.redemptions.add(lesson.redemption, stage.redemption)
    for mark in stage.marks:
        standing.marks.add((mark.owner, mark.what), mark)
    if stage.stopped:
        held = account.held(lesson.redemption)
        standing.stops.add(held, Stop(owner=held, since=counter.now))
    return standing


def _stage(lesson: Lesson, counter: Counter) -> Stage:
    """A coffee for one point, reserved five minutes ago, good for 25 more."""
    owner = account.volunteer(HOLDER)
    # Of a vintage that lapses long after anybody practises with it.
    vintage = counter.policy.local_date(counter.now + 365 * DAY_MS).isoformat()
    parents = {
        f"merchant:{counter.merchant}": "",
        f"branch:{counter.branch}": f"merchant:{counter.merchant}",
        f"branch:{ELSEWHERE}": f"merchant:{counter.merchant}",
        f"terminal:{counter.terminal}": f"branch:{counter.branch}",
        owner: "",
    }
    reward = _row(
        Reward,
        reward=REWARD,
        merchant=counter.merchant,
        state="published",
        form="gift",
        asset=POINT,
        price=PRICE,
        stock=100,
        opens=ALL_DAY[0],
        closes=ALL_DAY[1],
        valid_until=counter.now + DAY_MS,
    )
    redemption = _row(
        Redemption,
        redemption=lesson.redemption,
        volunteer=HOLDER,
        reward=REWARD,
        merchant=counter.merchant,
        state="reserved",
        asset=POINT,
        quantity=1,
        amount=PRICE,
        lots=f"{owner}:{POINTS_PURSE}{vintage}={PRICE}",
        expires=counter.now + 25 * MINUTE_MS,
        flag="none",
        reserved=counter.now - 5 * MINUTE_MS,
    )
    parties = {
        address: _row(Party, address=address, state="active", parent=parent)
        for address, parent in parents.items()
    }
    return Stage(redemption, reward, parties)


def _row(kind: type[Row], **known: Any) -> Row:
    """A row with these fields; all others are nothing."""
    hints = get_type_hints(kind)
    return kind(**{name: known.get(name, hints[name]()) for name in hints})


def _spoilt(code: str) -> str:
    """The code with a check character that fits neither a voucher nor practice."""
    for character in codes.ALPHABET:
        other = code[:-1] + character
        if codes.practice_number(other) is None and not _is_real(other):
            return other
    raise AssertionError("of 32 check characters two fit")


def _is_real(code: str) -> bool:
    try:
        codes.normalise(code)
    except codes.BadCode:
        return False
    return True


# What each lesson changes ------------------------------------------------------------------------


def _redemption(stage: Stage, **changed: Any) -> Stage:
    return stage._replace(redemption=stage.redemption._replace(**changed))


def _as_it_is(stage: Stage, _counter: Counter) -> Stage:
    return stage


def _pieces(stage: Stage, _counter: Counter) -> Stage:
    """Three at a price for stars."""
    reward = stage.reward._replace(form="discount")
    lots = stage.redemption.lots.rpartition("=")[0]
    amount = 3 * PRICE
    changed = stage._replace(reward=reward)
    return _redemption(changed, quantity=3, amount=amount, lots=f"{lots}={amount}")


def _party(stage: Stage, address: str, **changed: Any) -> Stage:
    party = stage.parties[address]._replace(**changed)
    return stage._replace(parties={**stage.parties, address: party})


def _used_before(ago_ms: Callable[[Policy], int]) -> Change:
    def change(stage: Stage, counter: Counter) -> Stage:
        last = counter.now - ago_ms(counter.policy)
        return _party(stage, account.volunteer(HOLDER), last_capture=last)

    return change


def _ended(state: str) -> Change:
    def change(stage: Stage, counter: Counter) -> Stage:
        taken = state in ("captured", "voided")
        return _redemption(
            stage,
            state=state,
            captured=counter.now - 20 * MINUTE_MS if taken else 0,
            captured_quantity=1 if taken else 0,
            branch=counter.branch if taken else "",
            terminal=counter.terminal if taken else "",
        )

    return change


def _over(stage: Stage, counter: Counter) -> Stage:
    return _redemption(stage, expires=counter.now - 10 * MINUTE_MS)


def _of_another_branch(stage: Stage, _counter: Counter) -> Stage:
    return stage._replace(reward=stage.reward._replace(branches=ELSEWHERE))


def _at_another_hour(stage: Stage, counter: Counter) -> Stage:
    """Two hours of the morning, or where it is morning, of the evening."""
    minute = (counter.now - counter.policy.midnight_after(counter.now) + DAY_MS) // MINUTE_MS
    noon = ALL_DAY[1] // 2
    opens, closes = (480, 600) if minute >= noon else (1_080, 1_200)
    return stage._replace(reward=stage.reward._replace(opens=opens, closes=closes))


def _stopped(stage: Stage, _counter: Counter) -> Stage:
    return stage._replace(stopped=True)


def _till_off(stage: Stage, counter: Counter) -> Stage:
    return _party(stage, f"terminal:{counter.terminal}", state="suspended")


def _clerk(stage: Stage, counter: Counter, state: str) -> Stage:
    address = f"clerk:{CLERK_HERE}"
    clerk = _row(Party, address=address, state=state, parent=f"branch:{counter.branch}")
    return stage._replace(parties={**stage.parties, address: clerk})


def _clerk_off(stage: Stage, counter: Counter) -> Stage:
    return _clerk(stage, counter, "suspended")


def _clerk_at_limit(stage: Stage, counter: Counter) -> Stage:
    """Twenty a day, and twenty are taken."""
    owner, today = f"clerk:{CLERK_HERE}", CLERK_DAY + china_date(counter.now)
    marks = (Mark(owner, CLERK_LIMITS, "20 0 0", 0), Mark(owner, today, "20 2000 0", 0))
    return _clerk(stage, counter, "active")._replace(marks=marks)


def _holder_off(stage: Stage, _counter: Counter) -> Stage:
    return _party(stage, account.volunteer(HOLDER), state="suspended")


COFFEE: Final = "练习：咖啡一杯"
TICKETS: Final = "练习：电影票"
_PLAN: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("valid", "有效，礼品 1 份：核销它", "valid, one gift: take it", _as_it_is),
    (
        "valid",
        "有效，优惠 3 份：先核销 1 份",
        "valid, three at a discount: take only one",
        _pieces,
    ),
    (
        "valid",
        "有效，但刚用过一张：核销后须复核",
        "valid, moments after another: it will be reviewed",
        _used_before(lambda policy: policy.redeem_rapid_refuse_seconds * SECOND_MS),
    ),
    ("clerk_not_active", "店员已停用", "this clerk is switched off", _clerk_off),
    ("party_not_active", "收银机已停用", "this till is switched off", _till_off),
    ("too_many_attempts", "输错次数过多", "too many wrong codes", _as_it_is),
    ("bad_code", "抄错了一个字符", "one character is mistyped", _as_it_is),
    ("unknown_code", "本店没有这张券", "no voucher of this shop", _as_it_is),
    ("already_captured", "已经核销过", "used already", _ended("captured")),
    ("voided", "核销后已撤销", "taken and undone", _ended("voided")),
    ("released", "持券人已退回", "given back by the holder", _ended("released")),
    ("expired", "已过期", "its time is over", _over),
    ("wrong_branch", "限其他门店", "for another branch", _of_another_branch),
    ("outside_hours", "不在可用时间", "not at this hour", _at_another_hour),
    ("account_stopped", "正在核查", "being checked", _stopped),
    ("holder_not_active", "持券人目前不能兑换", "the holder cannot redeem now", _holder_off),
    ("clerk_limit_reached", "店员今日限额已满", "the clerk's day is full", _clerk_at_limit),
    (
        "too_soon",
        "持券人刚刚用过一张",
        "moments after another: wait",
        _used_before(lambda _: 0),
    ),
)
LESSONS: Final[tuple[Lesson, ...]] = tuple(
    Lesson(
        number=number,
        answer=answer,
        zh=zh,
        en=en,
        title=TICKETS if change is _pieces else COFFEE,
        change=change,
        shows_holder=change is _pieces,
    )
    for number, (answer, zh, en, change) in enumerate(_PLAN, start=1)
)
"""One code for each answer that a voucher brings, in order of precedence."""
NO_LESSON: Final = frozenset(
    {
        "terminal_needed",  # practice too is for a till
        "unknown_party",  # no token is issued for a till that is not registered
        "practice_code",  # what a real till says to these very codes
        "quantity_too_large",  # type 9 pieces with the first code
        # No practice code stands for a card or a phone.
        *("bad_card", "pin_needed", "bad_pin", "pin_cooling_off", "wrong_card_or_pin"),
        *("nothing_reserved_here", "choose_voucher", "card_closed", "rotating_value_needed"),
        *("rotating_cooling_off", "wrong_rotating_value", "attestation_outdated"),
        "rotating_value_used",
    }
)
"""Refusals at the till that no code brings."""
