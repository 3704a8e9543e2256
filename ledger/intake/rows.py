"""One record of a service export: what it says, or the first thing that is wrong with it.

Here stand the checks that need nothing but the record itself, in the order of design §10; the
ledger's own checks follow in `ledger.decide.service`. Text is only text: nothing in it is run,
and none of it is repeated in a refusal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from ledger.identity import (
    BadIdentityNumber,
    BadOrganisationCode,
    check_identity_number,
    check_organisation_code,
)
from ledger.intake.times import BadTime, parse_time
from ledger.policy import NOT_SERVICE

HEADER: Final = (
    "志愿者编号",
    "姓名",
    "证件号码",
    "组织名称",
    "统一社会信用代码",
    "活动编号",
    "活动名称",
    "服务类别",
    "服务内容",
    "服务地点",
    "活动负责人",
    "活动开始",
    "活动结束",
    "签到",
    "签退",
    "扣除分钟",
    "记录方式",
    "记录人",
    "审核人",
    "录入时间",
)
"""The columns, in the one order that is taken."""

SUMS: Final = frozenset({"合计", "总计", "小计"})
"""A record that begins with one of these is a spreadsheet's total, not a session."""

CATEGORIES: Final = {
    "社区治理": "community_governance",
    "文化惠民": "culture",
    "支教助学": "education",
    "扶老助残": "elderly_and_disabled",
    "应急救援": "emergency",
    "环境保护": "environment",
    "大型赛会": "events",
    "医疗卫生": "health",
    "法律援助": "legal_aid",
    "文明交通": "traffic",
}
"""服务类别 as organisations write it → the ledger's word; any other is `other`."""

EVIDENCE: Final = {"签到": "check_in", "补录": "backfill"}
DEDUCTED_MINUTES_MAX: Final = 1_000_000
"""More than any session has: a larger number means the same, that nothing was served."""

_KIND_OF: Final = {word: kind for kind, word in NOT_SERVICE.items()}
_NEEDED: Final = tuple(
    HEADER.index(name)
    for name in HEADER
    if name not in ("姓名", "组织名称", "服务地点", "活动负责人", "签退", "扣除分钟")
)
_DIGITS: Final = re.compile("[0-9]+")


class Skip(Enum):
    """What is taken for no record at all."""

    SKIPPED = auto()


SKIPPED: Final = Skip.SKIPPED


class Session(NamedTuple):
    """A record that is well-formed. Times in ms since 1970 UTC; numbers are still people's own."""

    volunteer: str
    name: str
    identity_number: str
    organisation: str
    organisation_code: str
    activity: str
    activity_name: str
    category: str
    """服务类别 as it was written."""
    starts: int
    ends: int
    check_in: int
    check_out: int
    deducted_minutes: int
    evidence: str
    recorder: str
    approver: str
    recorded: int

    @property
    def kind(self) -> str:
        """The kind that policy may exclude (domain §10 P20), or ""."""
        return _KIND_OF.get(self.category, "")

    @property
    def ledger_category(self) -> str:
        """The ledger's word for the activity's category."""
        return CATEGORIES.get(self.category, "other")


Read = Session | str | Skip
"""A session, the code of a refusal, or `SKIPPED`."""


def normalised(cell: str) -> str:
    """Unicode NFKC without outer space (design §10)."""
    return cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()


def read_session(raw: Sequence[str]) -> Read:
    """What one record says; the first refusal of design §10 that needs no ledger to see."""
    # `normalised`, written out: it is asked twenty times a record.
    cells = [
        cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()
        for cell in raw
    ]
    if not any(cells) or cells[0] in SUMS or cells == _HEADER_CELLS:
        return SKIPPED
    if len(cells) != len(HEADER):
        return "malformed_row"
    for at in _NEEDED:
        if not cells[at]:
            return "missing_field"
    identity_number, code = cells[2].upper(), cells[4].upper()
    if not _is_identity_number(identity_number):
        return "bad_identity_number"
    if not _is_organisation_code(code):
        return "bad_organisation_code"
    try:
        starts, ends = parse_time(cells[11]), parse_time(cells[12])
        check_in = parse_time(cells[13])
        check_out = parse_time(cells[14]) if cells[14] else None
        recorded = parse_time(cells[19])
    except BadTime:
        return "bad_time"
    deducted = cells[15]
    if deducted and _DIGITS.fullmatch(deducted) is None:
        return "bad_number"
    evidence = EVIDENCE.get(cells[16])
    if evidence is None:
        return "unknown_evidence"
    if check_out is None:
        return "missing_check_out"
    return Session(
        cells[0],
        cells[1],
        identity_number,
        cells[3],
        code,
        cells[5],
        cells[6],
        cells[7],
        starts,
        ends,
        check_in,
        check_out,
        _minutes(deducted),
        evidence,
        cells[17],
        cells[18],
        recorded,
    )


_HEADER_CELLS: Final = list(HEADER)


def _minutes(digits: str) -> int:
    # Compared by length first: Python refuses to read numbers of thousands of digits.
    significant = digits.lstrip("0")
    if len(significant) > len(str(DEDUCTED_MINUTES_MAX)):
        return DEDUCTED_MINUTES_MAX
    return min(int(significant or "0"), DEDUCTED_MINUTES_MAX)


@lru_cache(maxsize=8_192)
def _is_organisation_code(text: str) -> bool:
    try:
        check_organisation_code(text)
    except BadOrganisationCode:
        return False
    return True


def _is_identity_number(text: str) -> bool:
    # Not remembered: nothing keeps personal numbers in memory longer than their record.
    try:
        check_identity_number(text)
    except BadIdentityNumber:
        return False
    return True
