"""Every text of the pages is there in both languages, used, and nowhere written by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api import checking
from api.checking import Checker
from api.pages import words
from api.problems import STATUS
from api.serve import timed
from api.settings import Settings
from ledger.book import Book

API = Path(__file__).resolve().parent.parent / "api"
TEMPLATES = API / "templates" / "pages"
SOURCES = [
    *sorted(TEMPLATES.rglob("*.html")),
    *(each for each in sorted((API / "pages").rglob("*.py")) if "words" not in each.parts),
]
_HAN = "[\u4e00-\u9fff]"


def test_no_two_subjects_have_one_key() -> None:
    keys = [key for subject in words.SUBJECTS for key in subject]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_every_text_is_in_both_languages_with_the_same_blanks() -> None:
    """Chinese without English and English without Chinese, where neither names the other."""
    for name, (zh, *en) in words.WORDS.items():
        blanks = [set(re.findall(r"{(\w+)}", each)) for each in (zh, *en)]
        assert en, name
        assert all(each | {"n"} == blanks[0] | {"n"} for each in blanks), name
        if name != "other_language":
            assert re.search(_HAN, re.sub("{.*?}", "", zh)), name
            assert not re.search(_HAN, "".join(en)), name


def test_whatever_is_refused_over_http_has_its_sentence() -> None:
    """But for what only an operator at the console meets."""
    missing = {code for code in STATUS if f"why.{code}" not in words.WORDS}
    assert missing == {"head_differs", "head_unknown"}


def test_whatever_the_ledger_does_by_itself_has_a_name(book: Book) -> None:
    served = timed(book, Settings(home=book.home), Checker(book, None))
    missing = {task.name for task in served} | {checking.TASK}
    for task in served:
        task.end()
    assert {name for name in missing if f"task.{name}" not in words.WORDS} == set()


def named_keys() -> tuple[set[str], set[str]]:
    """(keys, beginnings of keys) that templates and views name."""
    keys: set[str] = set()
    families: set[str] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".html":
            for one, other in re.findall(
                r"\bt\(\s*'([\w.]+)'\s*(?:[,)]|if [^']*?(?:'[^']*'[^']*?)?else '([\w.]+)')", text
            ):
                keys |= {one, other} - {""}
            families |= set(re.findall(r"\bt\(\s*'([\w.]+)'\s*~", text))
        else:
            keys |= set(re.findall(r'"([a-z_]+(?:\.[a-z_0-9]+)*)"', text)) & words.WORDS.keys()
            families |= set(re.findall(r'say\(f"([a-z_]+(?:\.[a-z_0-9]+)*\.){', text))
    return keys, families


def test_every_key_that_is_named_is_there_and_none_is_left_over() -> None:
    keys, families = named_keys()
    assert [each for each in families if not any(key.startswith(each) for key in words.WORDS)] == []
    assert keys - words.WORDS.keys() == set()
    left = words.WORDS.keys() - keys
    assert [name for name in sorted(left) if not name.startswith(tuple(families))] == []


@pytest.mark.parametrize(
    "file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES))
)
def test_no_template_says_anything_by_itself(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    source = re.sub(r"{#.*?#}", " ", source, flags=re.S)
    source = re.sub(r"{% block body_class %}.*?{% endblock %}", " ", source)
    # Commands are the same in every language.
    source = re.sub(r"<pre\b.*?</pre>|<code\b.*?</code>", " ", source, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", source, flags=re.S)
    assert re.findall(r"[^\W\d_]{2,}", text) == []


def test_times_and_amounts_are_said_as_people_say_them() -> None:
    now = 1_741_622_400_000  # 2025-03-11 00:00 in China
    assert words.moment(now, now, "zh") == "00:00"
    assert words.moment(now - 60_000, now, "zh") == "3月10日 23:59"
    assert words.moment(now - 60_000, now, "en") == "10 Mar, 23:59"
    assert words.moment(now - 400 * 86_400_000, now, "en") == "5 Feb 2024, 00:00"
    assert words.days("2025-03-01", "2025-03-31", "zh") == "2025年3月1日至3月31日"
    assert words.days("2025-03-01", "2025-03-31", "en") == "1 Mar to 31 Mar 2025"
    assert words.days("2024-12-01", "2025-03-31", "zh") == "2024年12月1日至2025年3月31日"
    assert words.days("2025-03-01", "2025-03-01", "en") == "1 Mar 2025"
    assert (words.points(8_650), words.points(3_000)) == ("86.50", "30")
    assert words.duration(150, "zh") == "2 小时 30 分"
    assert words.duration(60, "en") == "1 h"
    assert words.say("till.count", "en", n=1) == "1 voucher"
    assert words.say("till.count", "en", n=2) == "2 vouchers"
