"""Which postings a kind may carry: docs/format.md, section 6, row by row.

Each row is an expression for the canonical text of all the postings of an entry. Facts come
before postings in an entry's text, so a row can hold them to the facts, which are groups: an id
under its name, and an amount under its name unless it is 0.
"""

from __future__ import annotations

from audit.shapes import ID_TEXT, POSITIVE


def held_to(name: str, pattern: str) -> str:
    """The text of a fact, under a name for the expression of the postings."""
    return f'"(?P<{name}>{pattern})"'


def fact(name: str) -> str:
    """The same text as the fact that is held under that name."""
    return f"(?P={name})"


def move(asset: str, source: str, destination: str, *, amount: str = POSITIVE) -> str:
    """The canonical text of one posting."""
    return (
        rf'\{{"amount":{amount},"asset":"{asset}"'
        rf',"destination":"{destination}","source":"{source}"\}}'
    )


def only(posting: str) -> str:
    """Exactly one posting."""
    return rf"\[{posting}\]"


def some(posting: str) -> str:
    """Any number of such postings, none included."""
    return rf"\[(?:{posting}(?:,{posting})*)?\]"


def one_or_none(name: str, posting: str) -> str:
    """Exactly one posting where the fact `name` is not 0, and none where it is."""
    return rf"(?({name}){only(posting)}|\[\])"


def one_of_each(first: str, one: str, second: str, other: str) -> str:
    """One posting for each of two facts, in any order; none for a fact that is 0."""
    both = rf"\[(?:{one},{other}|{other},{one})\]"
    return rf"(?({first})(?({second}){both}|{only(one)})|(?({second}){only(other)}|\[\]))"


def one_and_some(one: str, others: str) -> str:
    """Exactly one of the first and any number of the others, in any order."""
    return rf"\[(?:{others},)*{one}(?:,{others})*\]"


VOLUNTEER = held_to("volunteer", ID_TEXT)
REDEMPTION = held_to("redemption", ID_TEXT)
ORDER = held_to("order", ID_TEXT)
PROVIDER = held_to("provider", ID_TEXT)
MERCHANT = held_to("merchant", ID_TEXT)
BRANCH = held_to("branch", ID_TEXT)
SETTLEMENT = held_to("settlement", ID_TEXT)
EVIDENCE = held_to("evidence", "check_in|backfill")
POOL = held_to("pool", f"platform|{ID_TEXT}")
STARS = f"(?P<stars>{POSITIVE})"


def counted(name: str) -> str:
    """An amount under a name for the expression of the postings, unless it is 0."""
    return f"(?:0|(?P<{name}>{POSITIVE}))"


MINUTES = counted("minutes")
OVERFLOW = counted("overflow_minutes")
RETURNED = counted("returned_minutes")
AMOUNT = counted("amount")

_V = f"volunteer:{fact('volunteer')}"
_HELD = f"held:{fact('redemption')}"
_SET_ASIDE = f"held:{fact('order')}"
_CLAIMS = f"merchant:{fact('merchant')}:claims"
_CLAWED_BACK = f"merchant:{fact('merchant')}:clawed_back"
# That it is a real day is told where the account appears for the first time, in `accounts`.
_VINTAGE = "points:[0-9-]{10}"
_POINTS = f"(?:{_VINTAGE}|owed:point)"
_SAVED = "(?:time|owed:time)"
_SERVED = "service:(?:check_in|backfill)"


def earn(evidence: str) -> str:
    """Minutes that are paid, and points with them; nothing where none are paid. Minutes of
    reversed records that the policy had used up (domain §10 P47) are repaid first."""
    served = move("SERVICE", "issuer:service", f"{_V}:service:{evidence}", amount=fact("minutes"))
    points = move("POINT", "issuer:point", f"{_V}:{_POINTS}")
    repaid = move("SERVICE", f"{_V}:service:{evidence}", "issuer:service")
    return rf"(?(minutes){one_and_some(served, f'(?:{points}|{repaid})')}|\[\])"


def serve(evidence: str) -> str:
    """Minutes that are paid and bring no points: learning, and records of another ledger."""
    served = move("SERVICE", "issuer:service", f"{_V}:service:{evidence}", amount=fact("minutes"))
    return one_or_none("minutes", served)


def claw_back() -> str:
    """Minutes are taken back, and whatever came with them or was repaid for them."""
    served = move("SERVICE", f"{_V}:{_SERVED}", "issuer:service", amount=fact("minutes"))
    points = move("POINT", f"{_V}:{_POINTS}", "issuer:point")
    saved = move("TIME", f"(?:{_V}:{_SAVED}|pool:platform)", "issuer:time")
    others = f"(?:{points}|{saved})"
    return f"(?(minutes){one_and_some(served, others)}|{some(others)})"


def deposit() -> str:
    """Saved, or where an account is full, the platform's."""
    return some(move("TIME", "issuer:time", f"(?:{_V}:{_SAVED}|pool:platform)"))


def reserve() -> str:
    """Set aside for a redemption, in the one asset that its fact names."""
    points = some(move("POINT", f"{_V}:{_VINTAGE}", _HELD))
    saved = some(move("TIME", f"{_V}:time", _HELD))
    return f"(?(saved){saved}|{points})"


def lapse() -> str:
    """The one vintage that is named."""
    return only(move("POINT", f"{_V}:points:{fact('lapse')}", "lapsed"))


def refer() -> str:
    """Points for who brought somebody."""
    return some(move("POINT", "issuer:point", f"{_V}:{_POINTS}"))


def transfer() -> str:
    """Saved time, to the recipient."""
    return some(move("TIME", f"{_V}:time", f"volunteer:{fact('recipient')}:{_SAVED}"))


def donate() -> str:
    """Saved time, to a pool."""
    return only(move("TIME", f"{_V}:time", f"pool:{fact('pool')}", amount=fact("minutes")))


def grant_time() -> str:
    """From a pool, to somebody in need."""
    return some(move("TIME", f"pool:{fact('pool')}", f"{_V}:{_SAVED}"))


def grant_star() -> str:
    """As many stars as the grant adds."""
    return only(move("STAR", "issuer:star", f"{_V}:stars", amount=fact("stars")))


def take_star() -> str:
    """As many stars as the downgrade takes."""
    return only(move("STAR", f"{_V}:stars", "issuer:star", amount=fact("stars")))


def take_credit() -> str:
    """All points of the listing that ends."""
    taken = move("CREDIT", f"{_V}:credit", "issuer:credit", amount=fact("points"))
    return one_or_none("points", taken)


def list_for_credit() -> str:
    """The points of the new cycle, and those of the cycle before go back."""
    given = move("CREDIT", "issuer:credit", f"{_V}:credit", amount=fact("points"))
    taken = move("CREDIT", f"{_V}:credit", "issuer:credit", amount=fact("taken_back"))
    return one_of_each("points", given, "taken_back", taken)


def move_frozen() -> str:
    """To a recipient if there is one, else to a pool."""
    to_recipient = move("TIME", f"{_V}:time", f"volunteer:{fact('recipient')}:{_SAVED}")
    to_pool = move("TIME", f"{_V}:time", f"pool:{fact('pool')}")
    return f"(?(recipient){some(to_recipient)}|{some(to_pool)})"


# What an order set aside is the recipient's, who is its `volunteer`.
_ORDER_RETURNS = move("TIME", _SET_ASIDE, f"{_V}:{_SAVED}")


def request_order() -> str:
    """Set aside for an order."""
    return only(move("TIME", f"{_V}:time", _SET_ASIDE, amount=fact("minutes")))


def return_order() -> str:
    """What an order set aside goes back."""
    return some(_ORDER_RETURNS)


def pay_order() -> str:
    """What an order set aside, to who served, to the pool and back; the policy may use up hours
    of who was served (domain §10 P47)."""
    to_provider = move("TIME", _SET_ASIDE, f"volunteer:{fact('provider')}:{_SAVED}")
    to_pool = move("TIME", _SET_ASIDE, "pool:platform")
    used_up = move("SERVICE", f"{_V}:{_SERVED}", "issuer:service")
    return some(f"(?:{to_provider}|{to_pool}|{_ORDER_RETURNS}|{used_up})")


# Whoever the last posting from or to a volunteer names must be named by every one of them.
_ONE_HOLDER = rf'(?:(?=[^\]]*"(?:destination|source)":"volunteer:(?P<holder>{ID_TEXT}):)|)'
_W = f"volunteer:{fact('holder')}"


def _to_holder(source: str) -> str:
    points = move("POINT", source, f"(?:{_W}:{_POINTS}|lapsed)")
    return f"(?:{points}|{move('TIME', source, f'{_W}:{_SAVED}')})"


def give_back() -> str:
    """What a redemption set aside goes back to its holder, or lapses."""
    return _ONE_HOLDER + some(_to_holder(_HELD))


def capture() -> str:
    """To the merchant; what was not taken goes back to the holder, or lapses. The policy may use up
    hours of the holder (domain §10 P47)."""
    taken = move("(?:POINT|TIME)", _HELD, _CLAIMS, amount=fact("amount"))
    used_up = move("SERVICE", f"{_W}:{_SERVED}", "issuer:service")
    return _ONE_HOLDER + one_and_some(taken, f"(?:{_to_holder(_HELD)}|{used_up})")


def void() -> str:
    """From the merchant back to the holder, and hours that the capture used up."""
    restored = move("SERVICE", "issuer:service", f"{_W}:{_SERVED}")
    return _ONE_HOLDER + some(f"(?:{_to_holder(_CLAIMS)}|{restored})")


def refund() -> str:
    """As a void, out of what the merchant owes for it until its next settlement."""
    restored = move("SERVICE", "issuer:service", f"{_W}:{_SERVED}")
    return _ONE_HOLDER + some(f"(?:{_to_holder(_CLAWED_BACK)}|{restored})")


def adjust() -> str:
    """Settled value makes good what was refunded."""
    settled = f"merchant:{fact('merchant')}:settled"
    points = move("POINT", settled, _CLAWED_BACK, amount=fact("refunded_points"))
    minutes = move("TIME", settled, _CLAWED_BACK, amount=fact("refunded_minutes"))
    return one_of_each("refunded_points", points, "refunded_minutes", minutes)


def settle() -> str:
    """Claims become settled."""
    settled = f"merchant:{fact('merchant')}:settled"
    points = move("POINT", _CLAIMS, settled, amount=fact("points"))
    minutes = move("TIME", _CLAIMS, settled, amount=fact("minutes"))
    return one_of_each("points", points, "minutes", minutes)
