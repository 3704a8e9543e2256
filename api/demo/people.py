"""Who lives in the town and what they did: invented, seeded, and nobody's.

Names join a lunar mansion to a year of the sixty-year cycle, which nobody is called. Identity
numbers and organisation codes have good check characters but begin with the administrative
division 99, which no province has, so that none of them can be anybody's.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from ledger.intake.rows import HEADER

CHINA: Final = timezone(timedelta(hours=8))
NOBODYS_DIVISION: Final = "990000"

_MANSIONS: Final = "角亢氐心尾箕斗牛女虚危室壁奎娄胃昴毕觜参井星翼轸"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
STAFF_A_KIND: Final = 2
"""How many record for each organisation, and how many approve."""
REVIEWERS: Final = 3
STAFF_FROM: Final = 1_450
"""Names of staff go on where those of volunteers end, of whom there are at most 1,440."""
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

_WORK: Final = (
    ("助老助残", "陪伴与代办", "elderly_and_disabled"),
    ("社区治理", "楼道巡查与登记", "community_governance"),
    ("文化艺术", "图书整理与领读", "culture"),
    ("教育助学", "课后辅导", "education"),
    ("环境保护", "河岸清理", "environment"),
    ("文明交通", "路口引导", "traffic"),
    ("医疗卫生", "义诊引导", "health"),
    ("大型活动", "场馆引导", "events"),
)
_SLOTS: Final = (9, 14, 18)
_FORMATS: Final = (
    "{t:%Y-%m-%d %H:%M:%S}",
    "{t:%Y-%m-%d %H:%M}",
    "{t.year}/{t.month}/{t.day} {t.hour}:{t:%M}",
    "{t.year}年{t.month}月{t.day}日 {t.hour}时{t:%M}分",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large the town is. The default is a few hundred people and some ten thousand rows."""

    volunteers: int = 320
    communities: int = 12
    activities_a_quarter: int = 130
    seed: int = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A volunteer. `sessions` is how often they serve in a quarter."""

    number: str
    name: str
    identity_number: str
    born: date
    sessions: int
    home: int
    """Which organisation they mostly serve with: a place in `Cast.organisations`."""

    def age_on(self, day: date) -> int:
        """Completed years on a day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation or team; `parent` is a place in `Cast.organisations`, -1 for the city."""

    name: str
    code: str
    tier: str
    form: str
    parent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Somebody who works for an organisation: `organisation` is a place in `Cast.organisations`."""

    number: str
    name: str
    organisation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody in the town."""

    people: tuple[Person, ...]
    organisations: tuple[Organisation, ...]
    recorders: tuple[Clerk, ...]
    approvers: tuple[Clerk, ...]
    reviewers: tuple[Clerk, ...]

    def staff_of(self, organisation: int, staff: Sequence[Clerk]) -> list[Clerk]:
        """Those of `staff` who record or approve for an organisation; for a team, who stands above
        it does."""
        if self.organisations[organisation].form == "team":
            organisation = self.organisations[organisation].parent
        return [each for each in staff if each.organisation == organisation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that an organisation held, in local time."""

    number: str
    organisation: int
    work: int
    starts: datetime
    minutes: int

    @property
    def ends(self) -> datetime:
        """When it was over."""
        return self.starts + timedelta(minutes=self.minutes)


def invent(scale: Scale, today: date) -> Cast:
    """The town's people and organisations; the same for the same scale and day."""
    chance = random.Random(scale.seed)  # noqa: S311 - the same town every time is the point
    organisations = tuple(_organisations(scale, chance))
    people = tuple(_people(scale, chance, today, len(organisations)))
    return Cast(
        people=people,
        organisations=organisations,
        recorders=tuple(_clerks(organisations, "J", 0)),
        approvers=tuple(_clerks(organisations, "S", STAFF_A_KIND * len(organisations))),
        reviewers=tuple(
            Clerk(number=f"YS-P{n}", name=_name(STAFF_FROM - n), organisation=0)
            for n in range(1, REVIEWERS + 1)
        ),
    )


def _clerks(organisations: Sequence[Organisation], kind: str, after: int) -> Iterator[Clerk]:
    """A few people for each organisation that is no team."""
    n = after
    for place, organisation in enumerate(organisations):
        for _ in range(STAFF_A_KIND if organisation.form == "organisation" else 0):
            n += 1
            number = f"YS-{kind}{n - after:03d}"
            yield Clerk(number=number, name=_name(STAFF_FROM + n), organisation=place)


def _name(n: int) -> str:
    """The n-th name that nobody is called."""
    return _MANSIONS[(n + n // 120) % len(_MANSIONS)] + _STEMS[n % 10] + _BRANCHES[n % 12]


def identity_number(born: date, serial: int) -> str:
    """A number with a good check character, of a division that no place has (GB 11643)."""
    body = f"{NOBODYS_DIVISION}{born:%Y%m%d}{serial % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, body, strict=True))
    return body + _ID_CHECKS[total % 11]


def organisation_code(serial: int) -> str:
    """A code with a good check character, of a division that no place has (GB 32100)."""
    body = f"52{NOBODYS_DIVISION}{serial:08d}0"
    pairs = zip(_CODE_WEIGHTS, body, strict=True)
    total = sum(weight * _CODE_ALPHABET.index(character) for weight, character in pairs)
    return body + _CODE_ALPHABET[-total % 31]


def _people(
    scale: Scale, chance: random.Random, today: date, organisations: int
) -> Iterator[Person]:
    for n in range(scale.volunteers):
        # The first few are who the story needs: parents of sixty and more, and their children.
        if n < 8:
            age = 66 + n
        elif n < 16:
            age = 38 + n
        else:
            age = chance.choice((15, 19, 22, 26, 31, 35, 42, 48, 55, 61, 64, 70))
        born = today.replace(day=1) - timedelta(days=age * 366 + chance.randrange(300))
        yield Person(
            number=f"YS-{n + 1:05d}",
            name=_name(n),
            identity_number=identity_number(born, n),
            born=born,
            sessions=_sessions(n, chance),
            home=organisations - 1 - n % (organisations - 1),
        )


def _sessions(n: int, chance: random.Random) -> int:
    """Most come a few times a quarter; a few are there nearly every day."""
    if n in (9, 12):
        return 42
    if n < 24:
        return 10
    return chance.choices((1, 2, 3, 5, 10), (40, 30, 20, 8, 2))[0]


def _organisations(scale: Scale, chance: random.Random) -> Iterator[Organisation]:
    names = ["星河市志愿服务中心"]
    tiers = [("city", "organisation", -1)]
    for district in ("北斗区", "南斗区"):
        names.append(f"星河市{district}志愿服务中心")
        tiers.append(("county", "organisation", 0))
    for n, street in enumerate(("天枢街道", "天璇街道", "天玑街道", "天权镇")):
        names.append(f"{street}志愿服务站")
        tiers.append(("township", "organisation", 1 + n % 2))
    for n in range(scale.communities):
        community = "东西南北中上"[n % 6] + "宿苑庭渚津梁"[n // 6 % 6]
        names.append(f"{community}社区志愿服务站")
        tiers.append(("community", "organisation", 3 + n % 4))
    for n, team in enumerate(("启明助老队", "长庚课堂队", "河汉护河队")):
        names.append(team)
        tiers.append(("community", "team", 7 + n % scale.communities))
    first = chance.randrange(1_000, 9_000)
    for n, (name, (tier, form, parent)) in enumerate(zip(names, tiers, strict=True)):
        yield Organisation(
            name=name, code=organisation_code(first + n), tier=tier, form=form, parent=parent
        )


# What they did ----------------------------------------------------------------------------------


def quarter_file(cast: Cast, scale: Scale, quarter: int, begins: date, ends: date) -> bytes:
    """What the organisations' system exports at the end of [begins, ends): CSV with some dirt.

    Every second quarter comes in GB18030, the others in UTF-8 with a byte order mark, as such
    systems do.
    """
    chance = random.Random(f"{scale.seed} {quarter}")  # noqa: S311
    days = (ends - begins).days
    held = [_activity(cast, chance, quarter, n, begins, days) for n in range(_count(scale, days))]
    at_home: dict[int, list[Activity]] = {}
    for activity in held:
        at_home.setdefault(activity.organisation, []).append(activity)
    rows: list[list[str]] = []
    for person in cast.people:
        wanted = max(1, person.sessions * days // 91)
        chosen = _chosen(chance, person, held, at_home, wanted)
        rows += _served(cast, chance, person, chosen, local_midnight(ends))
    chance.shuffle(rows)
    return _spoiled(rows, chance, encoding="gb18030" if quarter % 2 else "utf-8-sig")


def _count(scale: Scale, days: int) -> int:
    return max(12, scale.activities_a_quarter * days // 91)


def _activity(
    cast: Cast, chance: random.Random, quarter: int, n: int, begins: date, days: int
) -> Activity:
    day = begins + timedelta(days=chance.randrange(days))
    starts = datetime(day.year, day.month, day.day, chance.choice(_SLOTS), tzinfo=CHINA)
    return Activity(
        number=f"YS-A{quarter:02d}{n:04d}",
        organisation=1 + chance.randrange(len(cast.organisations) - 1),
        work=chance.randrange(len(_WORK)),
        starts=starts,
        minutes=chance.choice((90, 120, 150, 180, 210)),
    )


def _chosen(
    chance: random.Random,
    person: Person,
    held: Sequence[Activity],
    at_home: dict[int, list[Activity]],
    wanted: int,
) -> list[Activity]:
    """Activities that do not meet each other: one a slot, mostly with the home organisation."""
    near = list(at_home.get(person.home, ()))
    chance.shuffle(near)
    chosen: dict[datetime, Activity] = {each.starts: each for each in near[: 1 + wanted // 2]}
    for _ in range(4 * wanted):
        if len(chosen) >= wanted:
            break
        activity = chance.choice(held)
        chosen.setdefault(activity.starts, activity)
    return list(chosen.values())[:wanted]


def _served(
    cast: Cast,
    chance: random.Random,
    person: Person,
    chosen: Sequence[Activity],
    exported: datetime,
) -> Iterator[list[str]]:
    for activity in chosen:
        backfilled = chance.random() < 0.12
        early, over = chance.randrange(-6, 10), chance.randrange(-8, 6)
        came = activity.starts + timedelta(minutes=early, seconds=chance.randrange(60))
        left = activity.ends + timedelta(minutes=over)
        if chance.random() < 0.006:
            left = came + timedelta(hours=9, minutes=20)
        after = timedelta(hours=chance.randrange(2, 60))
        if chance.random() < 0.012:
            after = timedelta(days=35)
        deducted = chance.choice(("", "0", "0", "30")) if activity.minutes > 120 else "0"
        # Whatever is in the file was recorded before the file was written.
        recorded = min(left + after, exported + timedelta(hours=8))
        yield _row(cast, chance, person, activity, came, left, deducted, backfilled, recorded)


def _row(
    cast: Cast,
    chance: random.Random,
    person: Person,
    activity: Activity,
    came: datetime,
    left: datetime,
    deducted: str,
    backfilled: bool,
    recorded: datetime,
) -> list[str]:
    kind, content, _ = _WORK[activity.work]
    organisation = cast.organisations[activity.organisation]
    place = organisation.name.partition("志愿服务")[0]
    written = chance.choice(_FORMATS)
    recorders = cast.staff_of(activity.organisation, cast.recorders)
    approvers = cast.staff_of(activity.organisation, cast.approvers)
    return [
        person.number,
        person.name,
        person.identity_number,
        organisation.name,
        organisation.code,
        activity.number,
        f"{kind}·{place}",
        kind,
        content,
        place,
        "值守人",
        written.format(t=activity.starts),
        written.format(t=activity.ends),
        f"{came:%Y-%m-%d %H:%M:%S}",
        f"{left:%Y-%m-%d %H:%M:%S}",
        deducted,
        "补录" if backfilled else "签到",
        # Drawn out of eight and six: the rest of the town stays as it was.
        recorders[chance.randrange(8) % len(recorders)].number,
        approvers[chance.randrange(6) % len(approvers)].number,
        f"{recorded:%Y-%m-%d %H:%M:%S}",
    ]


def _spoiled(rows: list[list[str]], chance: random.Random, *, encoding: str) -> bytes:
    """The file as it comes: about one row in forty is wrong in some way."""
    spoil = (
        lambda row: [*row[:13], row[14], row[13], *row[15:]],
        lambda row: [*row[:2], row[2][:-1] + ("0" if row[2][-1] != "0" else "1"), *row[3:]],
        lambda row: [*row[:7], "会议", *row[8:]],
        lambda row: [*row[:14], "", *row[15:]],
        lambda row: [*row[:8], "", *row[9:]],
        lambda row: [*row[:18], row[17], row[19]],
        lambda row: row[:-1],
        lambda row: [*row[:15], "半小时", *row[16:]],
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for n, row in enumerate(rows):
        draw = chance.random()
        if draw < 0.02:
            writer.writerow(chance.choice(spoil)(row))
        else:
            writer.writerow(row)
        if 0.02 <= draw < 0.027:
            # Sent twice, as happens when somebody presses the button again.
            writer.writerow(row)
        elif 0.027 <= draw < 0.034:
            writer.writerow(_elsewhere_meanwhile(row))
        if n == len(rows) // 2:
            writer.writerow(HEADER)
            out.write("\r\n")
    writer.writerow(["合计", str(len(rows)), *[""] * (len(HEADER) - 2)])
    return out.getvalue().encode(encoding)


def _elsewhere_meanwhile(row: list[str]) -> list[str]:
    """The same person at the same time, signed in a little later: an overlap to be reviewed."""
    came = datetime.strptime(row[13], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    return [*row[:13], f"{came + timedelta(minutes=25):%Y-%m-%d %H:%M:%S}", *row[14:]]


def local_midnight(day: date) -> datetime:
    """The first moment of a day in the town."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def local_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of a local time."""
    return int(moment.astimezone(UTC).timestamp() * 1000)


def category_of(kind: str) -> str:
    """The ledger's word for an organisation's category."""
    return next((code for name, _, code in _WORK if name == kind), "other")
