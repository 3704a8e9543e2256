"""Settlement papers to print in tests."""

from __future__ import annotations

import dataclasses
from typing import Any

from api.papers import Adjustment, Balances, Line, Paper, Slip
from ledger.account import POINT, TIME
from ledger.codes import make_code
from tests.kit import at

DIGEST = "0123456789abcdef" * 4
CODE = make_code(b"sixty!")
CODE_URL = f"https://ledger.example/r#{CODE}"


def line(entry: int = 18_204, **given: Any) -> Line:
    """A coffee for a point and a half, at the east gate, in the morning."""
    said: dict[str, Any] = {
        "entry": entry,
        "captured": at("2026-02-03 10:31") + 5_000,
        "redemption": f"{entry:016d}",
        "item": "咖啡一杯",
        "quantity": 1,
        "asset": POINT,
        "amount": 150,
        "branch": "b" * 16,
        "branch_name": "东门店",
        "terminal": "t" * 16,
    }
    return Line(**said | given)


def refund(entry: int = 18_900, **given: Any) -> Adjustment:
    """A coffee that an earlier settlement had paid."""
    said: dict[str, Any] = {
        "entry": entry,
        "time": at("2026-02-20 16:05"),
        "redemption": f"{entry:016d}",
        "settlement": "s" * 16,
        "asset": POINT,
        "amount": 150,
        "ground": "cannot_supply",
    }
    return Adjustment(**said | given)


def paper(*lines: Line, **given: Any) -> Paper:
    """February's settlement of a bakery, closed in March."""
    said: dict[str, Any] = {
        "origin": "ledger.example/log/7f3a9c",
        "settlement": "5f9k2m7q8r3t6w1z",
        "merchant": "m" * 16,
        "merchant_name": "晨光面包",
        "since": at("2026-02-01 00:00"),
        "until": at("2026-03-01 00:00"),
        "made": at("2026-03-15 09:00"),
        "closed": at("2026-03-15 09:00"),
        "entry": 20_711,
        "digest": DIGEST,
        "size": 20_712,
        "lines": lines,
    }
    return Paper(**said | given)


def report(*lines: Line, **given: Any) -> Paper:
    """What February would come to."""
    nothing: dict[str, Any] = {"settlement": "", "closed": 0, "entry": 0, "digest": ""}
    return paper(*lines, **nothing | given)


def rich(lines: int = 9) -> Paper:
    """A month with something of everything: rare characters, long texts, minutes, refunds."""
    made = [
        line(
            18_204 + 7 * n,
            captured=at("2026-02-03 10:31") + n * 9_000_000,
            item=[
                "咖啡一杯",
                "手工全麦面包（含核桃、葡萄干，每周二、四新鲜出炉）",
                "Sourdough loaf, half, sliced",
            ][n % 3],
            quantity=1 + n % 4,
            amount=150 * (1 + n % 4) if n % 5 else 3_000,
            clerk=f"{n % 2:016d}" if n % 3 else "",
            clerk_name=["㛃𠮷 店员", "王䶮"][n % 2] if n % 3 else "",
            note="顾客自带杯，减免杯费" if n % 4 == 1 else "",
            state="refunded" if n == 4 else "settled",
        )
        for n in range(lines)
    ]
    made.append(
        line(19_990, asset=TIME, amount=150, item="陪诊服务", captured=at("2026-02-27 17:45"))
    )
    return paper(
        *made,
        adjustments=(refund(), refund(18_950, asset=TIME, amount=45, ground="system_fault")),
        balances=(
            Balances(asset=POINT, unclaimed=4_500, claims=0, settled=812_350, clawed_back=0),
            Balances(asset=TIME, unclaimed=0, claims=60, settled=1_965, clawed_back=-30),
        ),
    )


def slip(**given: Any) -> Slip:
    """A coffee, at either gate."""
    made = Slip(
        item="咖啡一杯",
        quantity=2,
        merchant_name="晨光面包",
        branch_names=("东门店", "西门店"),
        expires=at("2026-03-05 18:00"),
        code=CODE,
        code_url=CODE_URL,
    )
    return dataclasses.replace(made, **given)
