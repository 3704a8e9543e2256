"""Files as organisations' systems export them: the real one of the acceptance, and small ones.

A small file is a list of rows, each the good session below with a few cells changed.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.intake.rows import HEADER

DATA = Path(__file__).resolve().parent / "data"


def with_check(body: str) -> str:
    """An identity number: 17 digits and their check character, as GB 11643 defines it."""
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(body))
    return body + "0123456789X"[(12 - total) % 11]


ANA_ID = with_check("62050219800101001")
BO_ID = with_check("62050219900202002")
CHILD_ID = with_check("62050220120303003")
CLUB, LEAGUE = "91350100M000100Y43", "52620520398188009A"

GOOD = {
    "志愿者编号": "V1",
    "姓名": "王安",
    "证件号码": ANA_ID,
    "组织名称": "爱心车队",
    "统一社会信用代码": CLUB,
    "活动编号": "A1",
    "活动名称": "社区清洁",
    "服务类别": "环境保护",
    "服务内容": "清理",
    "服务地点": "1号社区",
    "活动负责人": "李队长",
    "活动开始": "2025-03-08 09:00",
    "活动结束": "2025-03-08 11:00",
    "签到": "2025-03-08 09:00",
    "签退": "2025-03-08 11:00",
    "扣除分钟": "",
    "记录方式": "签到",
    "记录人": "S1",
    "审核人": "S2",
    "录入时间": "2025-03-08 12:00",
}
"""Two hours on a Saturday, entered at noon: effective, 120 minutes."""


def row(**changes: str) -> list[str]:
    """The good session with some cells changed."""
    unknown = changes.keys() - GOOD.keys()
    if unknown:
        raise KeyError(unknown)
    return [{**GOOD, **changes}[name] for name in HEADER]


def text_of(rows: list[list[str]]) -> str:
    """A CSV file's text with the header and these rows."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([HEADER, *rows])
    return buffer.getvalue()


def write(path: Path, rows: list[list[str]]) -> Path:
    """A CSV file in UTF-8."""
    path.write_bytes(text_of(rows).encode())
    return path


@lru_cache(maxsize=1)
def real_bytes() -> bytes:
    """The export that the acceptance is about: 40,092 records in GB18030."""
    return lzma.decompress((DATA / "service_records.csv.xz").read_bytes())


def expected() -> dict[str, Any]:
    """What that export must come to on a fresh ledger under `cn-default`."""
    document: dict[str, Any] = json.loads((DATA / "expected.json").read_text())
    return document


def real_file(path: Path) -> Path:
    """The whole export as a file."""
    path.write_bytes(real_bytes())
    return path


def real_slice(path: Path, first: int, count: int) -> Path:
    """`count` records of the export, from record `first` (1 is the first) on."""
    rows = list(csv.reader(io.StringIO(real_bytes().decode("gb18030"), newline="")))
    return write(path, rows[first : first + count])
