"""Every worked example of the field has its test, under the number by which it is known.

The examples themselves stand in the tests of their subject, as rows of a `scenario` table whose
first cell is the number, or as tests named after it. This page keeps the list, so that none can
be lost when a table is rewritten.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = {
    # time and records
    **dict.fromkeys(
        "T1 T3 T6 T7 T9 T10 T12 T13 T14 T16 T17 T18 T19 T20 T22 T23 T24".split(), "time"
    ),
    **dict.fromkeys("S-1 S-2 S-3 S-4 S-5 S-6 S-7 S-8 S-15 S-16".split(), "stars"),
    **dict.fromkeys("B1 B4 B7 B8 B9 B10 B12 B13 B14 B15 B16 B17 B20 B22".split(), "time bank"),
    **dict.fromkeys("K6 K7 K8 K9 K10 K11 K12 K16 K18 K19".split(), "points and credit"),
    **dict.fromkeys("I1 I2 I3 I5 I6 I7 I10 I11 I12 I13 I14".split(), "people"),
}


def numbers_in(source: str) -> set[str]:
    """Numbers that begin a row of a scenario table, or a test's name: `B13 a`, `test_t22_…`."""
    rows = re.findall(r"^\s*([TBKI]\d{1,2}|S-\d{1,2})(?:[ a-z_-][^|\n]*)?\|", source, re.MULTILINE)
    names = re.findall(r"def test_([tbki]\d{1,2}|s_\d{1,2})_", source)
    return {*rows, *(name.upper().replace("S_", "S-") for name in names)}


@pytest.fixture(scope="module")
def tested() -> set[str]:
    pages = [page for page in HERE.glob("test_*.py") if page.name != Path(__file__).name]
    return set().union(*(numbers_in(page.read_text(encoding="utf-8")) for page in pages))


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_example_is_tested(tested: set[str], number: str) -> None:
    assert number in tested


def test_a_missing_example_would_be_noticed() -> None:
    table = """
        id   | given | expected
        T1   | 09:00 | 150
        B13 a| 10    | no
        S-15 | 99    | proposed
    """
    assert numbers_in(table) == {"T1", "B13", "S-15"}
    assert numbers_in("def test_k10_three_codes() -> None:") == {"K10"}
    assert numbers_in("T1 is spoken of here | and not tested") == set()
