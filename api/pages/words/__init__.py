"""Every word of the pages, Chinese first and English beside it; times and amounts as people say
them.

The texts stand in files by subject, here joined to one table. English is written, not translated.
A key with three texts has an English one for a single thing and one for several, chosen by the
blank `n`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from api.pages.words import (
    account,
    audit_exports,
    auditor,
    charts,
    everywhere,
    facts,
    kinds,
    merchant,
    offers,
    office,
    office_acts,
    office_cases,
    office_more,
    office_records,
    office_reports,
    office_uploads,
    operator,
    policies,
    public,
    refusals,
    refusals_of_service,
    refusals_of_value,
    till,
    volunteer,
    volunteer_data,
    volunteer_more,
    volunteer_shop,
    volunteer_time,
    webhooks,
)
from ledger.standing import china_time

LANGUAGES: Final = ("zh", "en")
SUBJECTS: Final[tuple[Mapping[str, tuple[str, ...]], ...]] = (
    account.WORDS,
    audit_exports.WORDS,
    auditor.WORDS,
    charts.WORDS,
    everywhere.WORDS,
    facts.WORDS,
    kinds.WORDS,
    merchant.WORDS,
    offers.WORDS,
    office.WORDS,
    office_acts.WORDS,
    office_cases.WORDS,
    office_more.WORDS,
    office_records.WORDS,
    office_reports.WORDS,
    office_uploads.WORDS,
    operator.WORDS,
    policies.WORDS,
    public.WORDS,
    refusals.WORDS,
    refusals_of_service.WORDS,
    refusals_of_value.WORDS,
    till.WORDS,
    volunteer.WORDS,
    volunteer_data.WORDS,
    volunteer_more.WORDS,
    volunteer_shop.WORDS,
    volunteer_time.WORDS,
    webhooks.WORDS,
)
WORDS: Final[dict[str, tuple[str, ...]]] = {
    key: texts for subject in SUBJECTS for key, texts in subject.items()
}


def say(key: str, lang: str, /, **blanks: object) -> str:
    """A text in one language. Raises KeyError for a key that there is not."""
    texts = WORDS[key]
    if lang == "zh":
        chosen = texts[0]
    else:
        chosen = texts[-1] if len(texts) < 3 or str(blanks.get("n")) != "1" else texts[1]
    return chosen.format_map(blanks) if blanks else chosen


def known(code: str) -> str:
    """A refusal's code where there are words for it, else `other`."""
    return code if f"why.{code}" in WORDS else "other"


def moment(time: int, now: int, lang: str) -> str:
    """A time (ms) on the clocks of China: the day only where it is another, the year likewise."""
    at = china_time(time)
    clock = f"{at:%H:%M}"
    if at.date() == china_time(now).date():
        return clock
    return f"{day(at.date(), now, lang)}{' ' if lang == 'zh' else ', '}{clock}"


def exact(time: int) -> str:
    """A time (ms) to the second on the clocks of China, for whoever asks for it exactly."""
    return f"{china_time(time):%Y-%m-%d %H:%M:%S} +08:00"


def day(on: str | date, now: int, lang: str) -> str:
    """A day, ISO or not: the year only where it is another than that of `now` (ms)."""
    at = date.fromisoformat(on) if isinstance(on, str) else on
    return _day(at, lang, year=at.year != china_time(now).year)


def days(since: str, until: str, lang: str) -> str:
    """From one ISO day to another: the year always, once where it is one; a day alone likewise."""
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    if first == last:
        return _day(first, lang, year=True)
    apart = first.year != last.year
    # Chinese says the year before the first, English behind the last.
    begins = _day(first, lang, year=apart or lang == "zh")
    return say(
        "cert.period", lang, since=begins, until=_day(last, lang, year=apart or lang != "zh")
    )


def _day(at: date, lang: str, *, year: bool) -> str:
    if lang == "zh":
        return f"{f'{at.year}年' if year else ''}{at.month}月{at.day}日"
    return f"{at.day} {_MONTHS[at.month - 1]}{f' {at.year}' if year else ''}"


def month(time: int, lang: str) -> str:
    """The month of a time (ms) on the clocks of China."""
    at = china_time(time)
    return f"{at.year}年{at.month}月" if lang == "zh" else f"{_MONTHS[at.month - 1]} {at.year}"


def month_day(on: date, lang: str) -> str:
    """A day of every year, without the year."""
    return _day(on, lang, year=False)


def month_name(month: int, lang: str) -> str:
    """A month by its number, without a year."""
    return f"{month}月" if lang == "zh" else _MONTHS[month - 1]


def points(hundredths: int) -> str:
    """Points with two decimals only where there are any."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"


def duration(minutes: int, lang: str) -> str:
    """Hours and minutes, never decimals."""
    hours, rest = divmod(minutes, 60)
    units = ("小时", "分") if lang == "zh" else ("h", "min")
    parts = [f"{n:,} {unit}" for n, unit in zip((hours, rest), units, strict=True) if n]
    return " ".join(parts) or f"0 {units[1]}"


def signed(amount: int, said: str) -> str:
    """`said` of an amount without its sign, with it: `+2`, `−30`, `0`."""
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{said}"


def short(digest: str) -> str:
    """A hash as people compare it: first and last eight characters."""
    return f"{digest[:8]}…{digest[-8:]}" if len(digest) > 17 else digest


def numbered(index: int) -> str:
    """An entry's number as people read it: `18 204`, with thin spaces."""
    return f"{index:,}".replace(",", "\u2009")


_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
