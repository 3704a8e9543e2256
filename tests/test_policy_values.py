"""Every rule is said in words: its name, each word of a closed list, each amount in its unit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.pages import words
from api.pages.policy_values import ZERO, in_words
from ledger.policies import profile_names, shipped
from ledger.policy import PARAMETERS, read_policy
from ledger.policy.shapes import Word, Words, WordsListed
from tests.test_words import _HAN


def test_every_parameter_has_a_name_and_no_name_is_of_none() -> None:
    named = {each.removeprefix("policy.name.") for each in words.WORDS if "policy.name." in each}
    assert named == set(PARAMETERS)


def test_every_word_of_a_closed_list_has_words_and_none_is_left_over() -> None:
    allowed = {
        f"policy.value.{each.name}.{word}"
        for each in PARAMETERS.values()
        if isinstance(each.shape, Word | Words | WordsListed)
        for word in each.shape.allowed
        if each.name != "star.granting_tier"
    }
    assert {each for each in words.WORDS if each.startswith("policy.value.")} == allowed


@pytest.mark.parametrize("name", profile_names())
def test_every_value_of_a_shipped_document_is_said(name: str) -> None:
    """In both languages; only names, packs and bare counts stand as they are."""
    document = read_policy(shipped(name)).canonical
    for each in PARAMETERS.values():
        value = document["values"][each.canonical_name]
        zh, en = (in_words(each, value, lang) for lang in words.LANGUAGES)
        assert bool(zh) == bool(en), each.name
        assert zh or not each.unit, each.name
        if zh:
            assert not re.search(_HAN, en), each.name


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("time.day_auto_limit", 480, "8 小时", "8 h"),
        ("redeem.hold_minutes", 30, "30 分", "30 min"),
        ("star.thresholds_h", [100, 300], "100 小时、300 小时", "100 h, 300 h"),
        ("star.granting_tier", ["county", "city"], "县区级、市级", "County, City"),
        ("star.year_ends", "12-31", "12月31日", "31 Dec"),
        ("points.per_hour_thousandths", 1500, "1.5 积分", "1.5 points"),
        ("tb.transfer_to", ["lineal", "spouse"], "直系亲属、配偶", "lineal relatives, a spouse"),
        ("tb.account_cap_h", 0, "不限", "no limit"),
        ("tb.redeem_min_age", 60, "60 岁", "60 years"),
        (
            "redeem.recheck_above",
            10_000,
            "100 积分，或 166 小时 40 分",
            "100 points, or 166 h 40 min",
        ),
        ("points.weight", [], "无", "none"),
        ("record.deadline_working_days", 1, "1 个工作日", "1 working day"),
        ("time.training_counts", "no", "否", "no"),
        ("record.calendar", "cn", "", ""),
    ],
)
def test_a_value_reads_as_people_say_it(name: str, value: Any, zh: str, en: str) -> None:
    parameter = PARAMETERS[name.removesuffix("_thousandths")]
    assert (in_words(parameter, value, "zh"), in_words(parameter, value, "en")) == (zh, en)


def test_a_nought_that_is_no_amount_is_known_by_its_parameter() -> None:
    assert set(ZERO) <= set(PARAMETERS)
