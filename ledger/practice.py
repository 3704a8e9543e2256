"""Practice at the till: codes for training, one for every answer, and what each comes to.

Pure, and beside the ledger altogether: every practice begins with a made-up voucher on an empty
standing, is decided by the very rules that decide about real ones, and is forgotten. Its codes
have another check rule than a voucher's (`ledger/codes.py`), so that neither is ever taken for the
other, and its cards another than anybody's (`ledger/cards.py`). Nothing is remembered from one
request to the next: a code answers alike each time. What is typed beside it, a card's PIN or the
digits on a phone, is told with the lesson; it is nobody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

from ledger import account, cards, codes
from ledger.account import POINT, POINTS_PURSE
from ledger.actions.rewards import Capture, VoidRedemption
from ledger.codes import ROTATING_LENGTH, ROTATING_STEP_MS
from ledger.decide import decide
from ledger.decide.cards import STEPS_LATE
from ledger.decide.rewards import ALL_DAY, capturable_until, why_not_capture
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import (
    CLERK_DAY,
    CLERK_LIMITS,
    GUARDED,
    ROTATING_USED,
    Card,
    Mark,
    Party,
    Redemption,
    Reward,
    Stop,
)
from ledger.standing import DAY_MS, Standing, china_date

Row = TypeVar("Row")

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
PRICE: Final = 100
HOLDER: Final = "test0000000000za"
REWARD: Final = "test0000000000zb"
ELSEWHERE: Final = "test0000000000zc"
CLERK_HERE: Final = "test0000000000zd"
HOLDERS_CARD: Final = "test0000000000ze"
"""Ids of nobody and nothing."""
HOLDER_NAME: Final = "张*"
PIN: Final = "605172"
"""Of every practice card."""
WRONG_PIN: Final = "605173"
COOLING_SECONDS: Final = 300
TRIES_LEFT: Final = 2
"""What the first wrong PIN, and the first wrong digits, leave."""
CODE: Final = "code"
CARD: Final = "card"
PHONE: Final = "phone"
NETWORK: Final = "network"
KINDS: Final = (CODE, CARD, PHONE, NETWORK)
"""What a lesson is about: `network`, an answer that does not come."""


class Stage(NamedTuple):
    """What a practice begins with; each code changes some of it."""

    redemption: Redemption
    reward: Reward
    parties: Mapping[str, Party]
    card: str = "active"
    """The state of the holder's card."""
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

    @property
    def step(self) -> int:
        """Which of a phone's digits are the newest."""
        return self.now // ROTATING_STEP_MS

    @property
    def seconds_left(self) -> int:
        """For how long they are, in whole seconds, at least 1."""
        return -(-(ROTATING_STEP_MS - self.now % ROTATING_STEP_MS) // SECOND_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is typed beside a code: a card's PIN, the digits on the phone, which of several
    vouchers; "" for none."""

    pin: str = ""
    digits: str = ""
    redemption: str = ""


NOTHING: Final = Beside()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One code for training and the answer that it brings, once what it tells is typed beside it;
    `title` is what the item is called."""

    number: int
    kind: str
    answer: str
    """`valid`, or the code of the refusal."""
    zh: str
    en: str
    title: str
    change: Change
    shows_holder: bool = False
    pin: str = ""
    """What to type where a PIN is asked for."""
    age: int = 0
    """How many steps ago a phone showed the digits to type."""
    mistyped: bool = False
    """Whether one of these digits is to be typed wrong."""

    @property
    def code(self) -> str:
        """Ten characters, or a card's twelve digits; of the lessons about mistyping, with a check
        that never fits."""
        if self.kind == CARD:
            number = cards.make_practice_card(self.number)
            return _other(number, 1) if self.answer == "bad_card" else number
        made = codes.make_practice_code(self.number)
        return _spoilt(made) if self.answer == "bad_code" else made

    @property
    def printed(self) -> str:
        """The code as people read it."""
        return (cards.grouped_card if self.kind == CARD else codes.grouped)(self.code)

    def digits(self, counter: Counter) -> str:
        """What to type where a phone's digits are asked for; "" where none are."""
        return self.digits_at(counter.step) if self.kind == PHONE else ""

    def digits_at(self, step: int) -> str:
        """What to type while a phone shows the digits of this step."""
        shown = digits_of(step - self.age)
        if not self.mistyped:
            return shown
        wrong = _other(shown, 1)
        # The digits before are good as well.
        return wrong if wrong != digits_of(step - 1) else _other(shown, 2)

    def title_of(self, redemption: str) -> str:
        """What one of its vouchers is called."""
        return TICKETS if redemption == self.second else self.title

    @property
    def redemption(self) -> str:
        """The id that its made-up voucher has."""
        return f"test{self.number:012d}"

    @property
    def second(self) -> str:
        """The id of the other voucher of a holder who has several."""
        return f"test1{self.number:011d}"

    @property
    def redemptions(self) -> tuple[str, ...]:
        """The ids of its vouchers."""
        several = self.answer == "choose_voucher"
        return (self.redemption, self.second) if several else (self.redemption,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What verify finds on the stage."""

    lesson: Lesson
    redemption: Redemption
    reward: Reward
    flag: str
    seconds_left: int


def digits_of(step: int) -> str:
    """The six digits of the practice phone in one step: nobody's, and so no secret."""
    made = hashlib.sha256(f"sidereal/practice/{step}".encode()).digest()
    return f"{int.from_bytes(made[:8], 'big') % 10**ROTATING_LENGTH:0{ROTATING_LENGTH}d}"


def lesson_of(text: str) -> Lesson:
    """The lesson that a typed or scanned code, or a card's number, begins.

    Refuses with `real_code` where it may be a voucher's or somebody's card, with `bad_code` or
    `bad_card` where it is neither, with `unknown_code` where it is a practice code of no lesson.
    """
    if cards.looks_like_card(text):
        return _lesson_of_card(text)
    number = codes.practice_number(text)
    if number is not None:
        found = _BY_CODE.get(codes.make_practice_code(number))
        if found is None:
            raise _unknown()
        return found
    try:
        codes.normalise(text)
    except codes.BadCode as bad:
        raise Refused("bad_code", bad.sentence, **_ATTEMPTS) from None
    raise _real()


def _lesson_of_card(text: str) -> Lesson:
    number = cards.practice_card_number(text)
    if number is not None and (found := _BY_CODE.get(cards.make_practice_card(number))):
        return found
    try:
        cards.normalise_card(text)
    except cards.BadCard as bad:
        raise Refused("bad_card", bad.sentence, **_ATTEMPTS) from None
    raise _real()


def verify(lesson: Lesson, counter: Counter, quantity: int = 0, beside: Beside = NOTHING) -> Seen:
    """What the till would see, or the refusal that this lesson is about."""
    _refuse_beforehand(lesson)
    standing = _standing(lesson, counter)
    action = _shown(lesson, counter, quantity, beside, standing)
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


def capture(lesson: Lesson, counter: Counter, quantity: int = 0, beside: Beside = NOTHING) -> Draft:
    """What the capture's entry would say. Nothing is taken, and nobody remembers it."""
    _refuse_beforehand(lesson)
    standing = _standing(lesson, counter)
    action = _shown(lesson, counter, quantity, beside, standing)
    return decide(action, standing, counter.now)[0]


def void(redemption: str, counter: Counter, ground: str) -> Draft:
    """What the entry would say that undoes the capture of a lesson's voucher, taken a minute ago.
    Refuses with `unknown_redemption` for any other id, a real one always."""
    lesson = next((each for each in LESSONS if redemption in each.redemptions), None)
    if lesson is None:
        raise Refused("unknown_redemption", "there is no such redemption in practice")
    standing = _standing(lesson, counter)
    one = standing.redemptions[redemption]
    if one is not None and one.state == "reserved" and lesson.answer in _TAKEN_IN_THE_END:
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
            f"there were too many tries; try again in {wait} seconds",
            wait_seconds=wait,
            **{**_ATTEMPTS, "attempts_left": 0, "resets_seconds": wait},
        )
    if lesson.answer == "unknown_code":
        raise _unknown()


_TAKEN_IN_THE_END: Final = frozenset(
    {"valid", "choose_voucher", "wrong_card_or_pin", "wrong_rotating_value", "rotating_value_used"}
)
"""Answers after which a practice voucher can be taken: at once, or once the right is typed."""
_ATTEMPTS: Final = {"attempts_left": 9, "attempts_limit": 10, "resets_seconds": 600}


def _unknown() -> Refused:
    return Refused(
        "unknown_code", "no voucher of this shop has this code; check the digits", **_ATTEMPTS
    )


def _real() -> Refused:
    return Refused(
        "real_code",
        "this may be a real voucher; practice takes none: leave practice and show it again",
    )


def _shown(
    lesson: Lesson, counter: Counter, quantity: int, beside: Beside, standing: Standing
) -> Capture:
    """The capture of what is shown, refused where the door of a real till refuses it."""
    action = _capture(lesson, counter, quantity, standing)
    if lesson.kind == CARD:
        _refuse_pin(lesson, beside.pin)
        return replace(action, redemption=_chosen(lesson, beside), means="card", card=HOLDERS_CARD)
    if lesson.kind == PHONE and beside.digits:
        return _by_digits(lesson, counter, beside.digits, action, standing)
    return action


def _refuse_pin(lesson: Lesson, pin: str) -> None:
    if not pin:
        raise Refused("pin_needed", "this is a card; the holder types its PIN", **_ATTEMPTS)
    if not cards.is_pin(pin):
        raise Refused("bad_pin", f"a PIN has {cards.PIN_LENGTH} digits", **_ATTEMPTS)
    if lesson.answer == "pin_cooling_off":
        raise _cooling("pin_cooling_off")
    if pin != PIN:
        raise Refused(
            "wrong_card_or_pin",
            "this is no card with this PIN; the holder types the six digits again",
            attempts_left=TRIES_LEFT,
        )


def _chosen(lesson: Lesson, beside: Beside) -> str:
    """Which voucher of the card's holder is meant."""
    if lesson.answer == "nothing_reserved_here" or (
        beside.redemption and beside.redemption not in lesson.redemptions
    ):
        raise Refused("nothing_reserved_here", "nothing is reserved at this shop with this card")
    if not beside.redemption and len(lesson.redemptions) > 1:
        raise Refused(
            "choose_voucher",
            f"{len(lesson.redemptions)} vouchers are reserved here; choose one",
            vouchers=[
                {"redemption": each, "item": lesson.title_of(each), "quantity": 1}
                for each in lesson.redemptions
            ],
        )
    return beside.redemption or lesson.redemption


def _by_digits(
    lesson: Lesson, counter: Counter, digits: str, action: Capture, standing: Standing
) -> Capture:
    """As the door reads the digits on a phone: the newest and the ones before are good."""
    now = counter.step
    accepted = [step for step in (now, now - 1) if digits_of(step) == digits]
    if accepted and lesson.answer != "rotating_cooling_off":
        late = STEPS_LATE + 1 if lesson.answer == "attestation_outdated" else 0
        return replace(action, means="rotating", step=accepted[0] - late)
    # What cannot be taken anyhow says why, whatever the digits.
    why_not_capture(replace(action, means="rotating", step=now), _unused(standing), counter.now)
    if lesson.answer == "rotating_cooling_off":
        raise _cooling("rotating_cooling_off")
    raise Refused(
        "wrong_rotating_value",
        "these are not the digits on the holder's phone now; scan or read them again",
        attempts_left=TRIES_LEFT,
    )


def _unused(standing: Standing) -> Standing:
    """The same, where none of the phone's digits was used."""
    owner = account.volunteer(HOLDER)
    standing.marks.add((owner, ROTATING_USED), Mark(owner, ROTATING_USED, "0", 0))
    return standing


def _cooling(code: str) -> Refused:
    return Refused(
        code,
        f"too many wrong tries in a row; try again in {COOLING_SECONDS} seconds",
        attempts_left=0,
        wait_seconds=COOLING_SECONDS,
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
    for each in lesson.redemptions:
        standing.redemptions.add(each, stage.redemption._replace(redemption=each))
    card = _row(Card, card=HOLDERS_CARD, volunteer=HOLDER, state=stage.card)
    standing.cards.add(HOLDERS_CARD, card)
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


def _other(digits: str, by: int) -> str:
    """The digits with another one at the end."""
    return f"{digits[:-1]}{(int(digits[-1]) + by) % 10}"


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


def _card_closed(stage: Stage, _counter: Counter) -> Stage:
    return stage._replace(card="lost")


def _guarded(stage: Stage, _counter: Counter) -> Stage:
    """Its holder asked for more than the code."""
    owner = f"redemption:{stage.redemption.redemption}"
    return stage._replace(marks=(*stage.marks, Mark(owner, GUARDED, "guarded", 0)))


def _digits_used(stage: Stage, counter: Counter) -> Stage:
    """A till took these very digits a moment ago."""
    owner = account.volunteer(HOLDER)
    used = Mark(owner, ROTATING_USED, str(counter.step), 0)
    guarded = _guarded(stage, counter)
    return guarded._replace(marks=(*guarded.marks, used))


COFFEE: Final = "练习：咖啡一杯"
TICKETS: Final = "练习：电影票"


def _lesson(
    number: int,
    answer: str,
    zh: str,
    en: str,
    change: Change = _as_it_is,
    *,
    kind: str = CODE,
    pin: str = "",
    age: int = 0,
    mistyped: bool = False,
) -> Lesson:
    return Lesson(
        number=number,
        kind=kind,
        answer=answer,
        zh=zh,
        en=en,
        title=TICKETS if change is _pieces else COFFEE,
        change=change,
        shows_holder=change is _pieces,
        pin=pin or (PIN if kind == CARD else ""),
        age=age,
        mistyped=mistyped,
    )


# A lesson keeps its number, and so its code, which lies printed beside tills.
LESSONS: Final[tuple[Lesson, ...]] = (
    _lesson(1, "valid", "有效，礼品 1 份：核销它", "valid, one gift: take it"),
    _lesson(
        2,
        "valid",
        "有效，优惠 3 份：先核销 1 份",
        "valid, three at a discount: take only one",
        _pieces,
    ),
    _lesson(
        3,
        "valid",
        "有效，但刚用过一张：核销后须复核",
        "valid, moments after another: it will be reviewed",
        _used_before(lambda policy: policy.redeem_rapid_refuse_seconds * SECOND_MS),
    ),
    _lesson(19, "valid", "密码输对", "the right PIN", kind=CARD),
    _lesson(20, "valid", "六位数字输对", "the right digits", _guarded, kind=PHONE),
    _lesson(
        21,
        "valid",
        "核销时断网：等它自己问到结果",
        "the network goes while it is taken: wait for the answer",
        kind=NETWORK,
    ),
    _lesson(4, "clerk_not_active", "店员已停用", "this clerk is switched off", _clerk_off),
    _lesson(5, "party_not_active", "收银机已停用", "this till is switched off", _till_off),
    _lesson(6, "too_many_attempts", "输错次数过多", "too many wrong codes"),
    _lesson(7, "bad_code", "抄错了一个字符", "one character is mistyped"),
    _lesson(22, "bad_card", "卡号抄错了一位", "one digit of the number is mistyped", kind=CARD),
    _lesson(8, "unknown_code", "本店没有这张券", "no voucher of this shop"),
    _lesson(
        23,
        "pin_cooling_off",
        "输错三次，密码暂时锁住",
        "blocked after three wrong PINs",
        kind=CARD,
    ),
    _lesson(
        24,
        "wrong_card_or_pin",
        "密码输错，再输对",
        "a wrong PIN, then the right one",
        kind=CARD,
        pin=WRONG_PIN,
    ),
    _lesson(
        25,
        "nothing_reserved_here",
        "在本店没有可用的券",
        "nothing reserved at this shop",
        kind=CARD,
    ),
    _lesson(26, "choose_voucher", "有两张券，选一张", "two vouchers: choose one", kind=CARD),
    _lesson(9, "already_captured", "已经核销过", "used already", _ended("captured")),
    _lesson(10, "voided", "核销后已撤销", "taken and undone", _ended("voided")),
    _lesson(11, "released", "持券人已退回", "given back by the holder", _ended("released")),
    _lesson(12, "expired", "已过期", "its time is over", _over),
    _lesson(13, "wrong_branch", "限其他门店", "for another branch", _of_another_branch),
    _lesson(14, "outside_hours", "不在可用时间", "not at this hour", _at_another_hour),
    _lesson(15, "account_stopped", "正在核查", "being checked", _stopped),
    _lesson(
        16, "holder_not_active", "持券人目前不能兑换", "the holder cannot redeem now", _holder_off
    ),
    _lesson(
        17, "clerk_limit_reached", "店员今日限额已满", "the clerk's day is full", _clerk_at_limit
    ),
    _lesson(
        18,
        "too_soon",
        "持券人刚刚用过一张",
        "moments after another: wait",
        _used_before(lambda _: 0),
    ),
    _lesson(27, "card_closed", "卡刚挂失", "reported lost this moment", _card_closed, kind=CARD),
    _lesson(
        28,
        "rotating_cooling_off",
        "输错三次，数字暂时锁住",
        "blocked after three wrong tries",
        _guarded,
        kind=PHONE,
    ),
    _lesson(
        29,
        "wrong_rotating_value",
        "抄错一位，再输对",
        "one digit typed wrong, then the right ones",
        _guarded,
        kind=PHONE,
        mistyped=True,
    ),
    _lesson(
        30,
        "wrong_rotating_value",
        "输了一分钟前的旧数字",
        "digits of a minute ago",
        _guarded,
        kind=PHONE,
        age=2,
    ),
    _lesson(
        31,
        "attestation_outdated",
        "数字对，但核销时已过时",
        "the right digits, too late",
        _guarded,
        kind=PHONE,
    ),
    _lesson(
        32,
        "rotating_value_used",
        "这组数字已用过，等下一组",
        "digits used already: wait for the next",
        _digits_used,
        kind=PHONE,
    ),
)
"""One code for each answer that a voucher brings, in order of precedence."""
_BY_CODE: Final = {each.code: each for each in LESSONS}
NO_LESSON: Final = frozenset(
    {
        "terminal_needed",  # practice too is for a till
        "unknown_party",  # no token is issued for a till that is not registered
        "practice_code",  # what a real till says to these very codes
        "quantity_too_large",  # type 9 pieces with the first code
        "pin_needed",  # every practice card asks for its PIN first
        "bad_pin",  # type fewer than six digits with any of them
        "rotating_value_needed",  # every voucher that asks for a phone's digits begins so
    }
)
"""Refusals at the till that no code brings by itself."""
