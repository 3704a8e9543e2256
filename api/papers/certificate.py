"""A certificate of service 志愿服务记录证明 on A4: Chinese, with English beside it.

It states service time, service content and recording unit (Order 67 art. 15), masks the holder's
identity number, and carries all that somebody needs who believes neither paper nor printer: the
number to check, the ledger's entry and head, and the text that the entry commits to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from api.papers import words
from api.papers.flow import BODY, HEIGHT, SMALL, WIDTH, Flow, Row
from api.papers.page import INK, NIGHT, QUIET, STAR, TINT, Sheet

_MARGIN: Final = 24.0
_TOP: Final = 18.0
_INNER: Final = WIDTH - 2 * _MARGIN
_CODE: Final = 28.0
LISTED_MAX: Final = 60
"""More services than these are summed up by activity: a paper is read, not scrolled."""
_FORGOTTEN: Final = "（名称已不保存）"
_SERVICE_WIDTHS: Final = (34.0, _INNER - 68.0, 34.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One session that the certificate counts: `time` (ms) of check-in, certified `minutes`."""

    time: int
    activity: str
    """What it was called; "" where that is not kept any more."""
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """All that a certificate says. `name`, `identity_number` (masked) and `volunteer_number` ""
    where there is none."""

    number: str
    name: str
    identity_number: str
    volunteer_number: str
    organisation: str
    first_day: date
    last_day: date
    minutes: int
    current_minutes: int
    """What the records of the period come to now; another figure supersedes this paper."""
    content: str
    services: tuple[Service, ...]
    issued: int
    """When its entry was written (ms)."""
    entry: int
    size: int
    """So many entries, this one the last, have the `root` (hex)."""
    root: str
    origin: str
    address: str
    """Where this ledger is to be found."""
    check_url: str
    opening: str
    """What the entry commits to, byte for byte."""

    def __post_init__(self) -> None:
        if self.minutes < 1 or not self.content.strip() or not self.organisation:
            raise ValueError("a certificate states time, content and recording unit")
        if "*" not in self.identity_number and self.identity_number:
            raise ValueError("an identity number is printed masked")
        if sum(each.minutes for each in self.services) != self.current_minutes:
            raise ValueError("the services printed are those that the present figure comes from")


def certificate_pdf(paper: Certificate) -> bytes:
    """A certificate as PDF. The same certificate gives the same bytes.

    Refuses with `printing_not_installed` or `wrong_font`.
    """
    sheet = Sheet(
        width=WIDTH,
        height=HEIGHT,
        title="志愿服务记录证明 Certificate of volunteer service",
        made=paper.issued,
        margin=_MARGIN,
    )
    return _Drawing(sheet, paper).drawn()


def groups_of(number: str) -> str:
    """A number as people read and type it: five groups."""
    return "-".join(number[at : at + 5] if at < 20 else number[at:] for at in range(0, 21, 5))


class _Drawing(Flow):
    """Draws a certificate from top to bottom."""

    def __init__(self, sheet: Sheet, paper: Certificate) -> None:
        number = f"{groups_of(paper.number)}，条目 entry {words.number(paper.entry)}"
        free = "出具免费，不得用于商业交易 Free of charge; not for use in commerce"
        running = f"志愿服务记录证明 Certificate of volunteer service，{paper.name}"
        super().__init__(sheet, top=_TOP, foot=[number, free], running=running.rstrip("，"))
        self._paper = paper

    def drawn(self) -> bytes:
        self._title()
        self._statement()
        self._figures()
        self._services()
        self._issuer()
        self._check()
        return self.data()

    # What it says -------------------------------------------------------------------------------

    def _title(self) -> None:
        sheet = self.sheet
        sheet.box(WIDTH / 2 - 8, self.y, 16, 1.1, STAR)
        self.y += 6.5
        sheet.text(
            _MARGIN,
            self.y,
            "志愿服务记录证明",
            size=27,
            colour=NIGHT,
            width=_INNER,
            align="C",
            spacing=3,
        )
        self.y += 13.5
        english = "Certificate of Volunteer Service Record"
        sheet.text(_MARGIN, self.y, english, size=11, colour=QUIET, width=_INNER, align="C")
        self.y += 13

    def _statement(self) -> None:
        """The sentence that it is about, and who it is about."""
        paper, sheet = self._paper, self.sheet
        sheet.text(_MARGIN, self.y, paper.name or "（姓名已不保存）", size=20, colour=INK)
        self.y += 10.5
        said = []
        if paper.identity_number:
            said.append(f"居民身份证 ID card {paper.identity_number}")
        if paper.volunteer_number:
            said.append(f"志愿者编号 Volunteer No. {paper.volunteer_number}")
        for line in said:
            sheet.text(_MARGIN, self.y, line, size=BODY, colour=QUIET)
            self.y += sheet.line_height(BODY, 1.5)
        self.y += 5
        since, until = (_day(each) for each in (paper.first_day, paper.last_day))
        period = since if since == until else f"{since}至{until}"
        self.y = sheet.paragraph(
            _MARGIN,
            self.y,
            f"于{period}参加志愿服务，由{paper.organisation}记录，服务时间合计"
            f" {words.hours(paper.minutes)}。特此证明。",
            width=_INNER,
            size=12.5,
            leading=1.7,
        )
        self.y = sheet.paragraph(
            _MARGIN,
            self.y + 1.5,
            f"Served {words.hours_in_english(paper.minutes)} as a volunteer from"
            f" {paper.first_day.isoformat()} to {paper.last_day.isoformat()}, as recorded by the"
            " unit named below.",
            width=_INNER,
            size=BODY,
            colour=QUIET,
            leading=1.4,
        )
        self.y += 4

    def _figures(self) -> None:
        """The three things that must be stated, each by its name."""
        paper, sheet = self._paper, self.sheet
        half = _INNER / 2
        top = self.y
        sheet.rule(_MARGIN, top, _INNER, colour=NIGHT, thick=0.3)
        left = self._stated(
            _MARGIN,
            top + 4,
            half - 6,
            "服务时间 Service time",
            words.hours(paper.minutes),
            size=17,
            colour=NIGHT,
        )
        right = self._stated(
            _MARGIN + half, top + 4, half, "记录单位 Recording unit", paper.organisation, size=12
        )
        self.y = max(left, right) + 3
        sheet.rule(_MARGIN, self.y, _INNER)
        self.y = (
            self._stated(
                _MARGIN, self.y + 4, _INNER, "服务内容 Service content", paper.content, size=11
            )
            + 3
        )
        if paper.current_minutes != paper.minutes:
            self._superseded()
        sheet.rule(_MARGIN, self.y, _INNER)
        self.y += 5

    def _stated(
        self,
        x: float,
        y: float,
        width: float,
        label: str,
        value: str,
        *,
        size: float,
        colour: tuple[int, int, int] = INK,
    ) -> float:
        self.sheet.text(x, y, label, size=SMALL, colour=QUIET)
        return self.sheet.paragraph(
            x, y + 4.4, value, width=width, size=size, colour=colour, leading=1.35
        )

    def _superseded(self) -> None:
        paper, sheet = self._paper, self.sheet
        said = (
            f"出具之后记录有更正，现为 {words.hours(paper.current_minutes)}，以核对结果为准。"
            f" Corrected since: now {words.hours_in_english(paper.current_minutes)}."
        )
        height = 7 + sheet.line_height(BODY)
        sheet.box(_MARGIN, self.y, _INNER, height, TINT)
        sheet.box(_MARGIN, self.y, 1.1, height, STAR)
        sheet.text(_MARGIN + 5, self.y + 3.4, said, size=BODY, width=_INNER - 8)
        self.y += height + 4

    def _services(self) -> None:
        """Each session, or each activity where there are many."""
        services = self._paper.services
        if not services:
            return
        rows = _listed(services) if len(services) <= LISTED_MAX else _summed(services)
        heads = (
            ("日期", "Date"),
            ("服务项目", f"Service，{len(services):,} 次"),
            ("时间", "Time"),
        )
        self.table(heads, _SERVICE_WIDTHS, rows, right=2, pad=1.8)
        self.y += 4.5

    def _issuer(self) -> None:
        """Who issues it and when; room for a seal, which is set on request (art. 15)."""
        self.room(28)
        sheet, paper = self.sheet, self._paper
        x, width = _MARGIN + _INNER / 2, _INNER / 2
        sheet.text(
            x,
            self.y,
            "出具单位（应要求盖章） Issued by, sealed on request",
            size=SMALL,
            colour=QUIET,
            width=width,
            align="R",
        )
        y = sheet.paragraph(
            x, self.y + 4.4, paper.organisation, width=width, size=11, align="R", leading=1.35
        )
        at = words.local(paper.issued)
        sheet.text(x, y + 1, f"{at.year}年{at.month}月{at.day}日", size=11, width=width, align="R")
        self.y = y + 9

    def _check(self) -> None:
        """How to check it: by its number, and without us."""
        paper, sheet = self._paper, self.sheet
        host = urlsplit(paper.address).netloc
        inner = _INNER - _CODE - 15
        opening = sheet.broken(paper.opening, width=_INNER - 8, size=5.5)
        said = [
            (
                f"扫码，或打开 {paper.address}/c 输入证明编号。核对不收费，不必登录。",
                BODY - 0.5,
                INK,
            ),
            ("Scan, or type the number at the address above. Free, no account needed.", 7.0, QUIET),
            (
                f"谨防仿冒：真正的核对页面只在 {host}，不索要证件号、密码或费用。",
                BODY - 0.5,
                INK,
            ),
            (
                (
                    f"Beware of look-alikes: the real page is at {host} alone. It asks for no ID"
                    " number, no password and no money."
                ),
                7.0,
                QUIET,
            ),
        ]
        broken = [
            (line, size, colour)
            for text, size, colour in said
            for line in sheet.broken(text, width=inner, size=size)
        ]
        band = 15 + sum(sheet.line_height(size, 1.45) for _, size, _ in broken)
        band = max(band, _CODE + 8)
        facts = [
            f"账本 Log  {paper.origin}",
            (
                f"条目 Entry  {words.number(paper.entry)}   账本头 Head  "
                f"{words.number(paper.size)} 条 entries"
            ),
            f"根 Root  {paper.root}",
            (
                "不经我们核对：下面一行的 SHA-256 就是该条目里的 commitment。"
                " Without us: the SHA-256 of the line below is the entry's commitment."
            ),
        ]
        # Facts may be long: an origin and a root are set as lines of their own.
        shown = [line for each in facts for line in sheet.broken(each, width=_INNER - 8, size=6.5)]
        proof = 6 + len(shown) * sheet.line_height(6.5) + len(opening) * sheet.line_height(5.5) + 2
        self.room(band + proof)
        top = max(self.y, self.ends - 4 - band - proof)
        sheet.box(_MARGIN, top, _INNER, band + proof, TINT)
        sheet.box(_MARGIN + 4, top + 4, _CODE + 2, _CODE + 2, (255, 255, 255))
        sheet.code(_MARGIN + 5, top + 5, _CODE, paper.check_url)
        x, y = _MARGIN + _CODE + 11, top + 4
        sheet.text(x, y, "证明编号 Certificate No.", size=SMALL, colour=QUIET)
        sheet.text(x, y + 4.2, groups_of(paper.number), size=12, colour=NIGHT, width=inner)
        y += 11
        for line, size, colour in broken:
            sheet.text(x, y, line, size=size, colour=colour)
            y += sheet.line_height(size, 1.45)
        y = top + band + 2
        sheet.rule(_MARGIN + 4, y - 1, _INNER - 8)
        y += 1
        for size, lines in ((6.5, shown), (5.5, opening)):
            for line in lines:
                sheet.text(_MARGIN + 4, y, line, size=size, colour=QUIET)
                y += sheet.line_height(size)
        self.y = top + band + proof


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _listed(services: Sequence[Service]) -> list[Row]:
    return [
        (
            (words.local(each.time).date().isoformat(), ""),
            (each.activity or _FORGOTTEN, ""),
            (words.hours(each.minutes), ""),
        )
        for each in services
    ]


def _summed(services: Sequence[Service]) -> list[Row]:
    """By activity, in order of its first session: from which day on, what and how often."""
    found: dict[str, list[Service]] = {}
    for each in services:
        found.setdefault(each.activity, []).append(each)
    return [
        (
            (f"{words.local(many[0].time).date().isoformat()} 起", ""),
            (f"{activity or _FORGOTTEN}，{len(many):,} 次 times", ""),
            (words.hours(sum(each.minutes for each in many)), ""),
        )
        for activity, many in found.items()
    ]
