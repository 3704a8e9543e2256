"""Charts as a page draws them: shapes with places, made on the server, and the figures beside them.

A chart is as wide as there is room and as high as it needs to be: places across are in per cent of
its width, places down in rem. So its text keeps the size of the page's, on a phone and in large
print. One hue and its tints; each line is named where it ends. Every chart comes with its table.
`templates/pages/charts.html` draws, and computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from api.pages import words

TICKS_MAX: Final = 5
"""So many steps at most from nothing to the top."""
SERIES_MAX: Final = 4
"""More lines than these are not told apart by tints of one hue."""

_GUTTER: Final = 15.0
"""Per cent of the width, left, for the figures of the scale."""
_NAMES: Final = 27.0
"""Per cent of the width, right, for the names of lines."""
_HEAD: Final = 2.2
_PLOT: Final = 10.0
_FOOT: Final = 1.7
_LINE: Final = 1.1
_ROW: Final = 3.1
_CELL: Final = 2.5
"""Per cent of the width that half a Chinese character takes at most, which is on a phone."""
_NAME_CELLS: Final = 12
"""How wide a line of a name may be: one for a Latin letter, two for a Chinese character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What figures count, and how they are said: `name` "" for plain numbers."""

    name: str
    say: Callable[[int], str]
    whole: int = 1
    """So many make one on the scale: 60 minutes an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The figures of one line or one row of columns, none below nothing. None: not told."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle: `x` and `width` in per cent, `y` and `height` in rem."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A straight line between two places."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A figure of a line."""

    x: float
    y: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words at a place, beginning, centred or ending there."""

    x: float
    y: float
    said: str
    anchor: Literal["start", "middle", "end"]
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn, and the same as a table."""

    key: str
    """Tells this chart from others on its page."""
    title: str
    about: str
    """The same in a sentence, for who listens."""
    height: float
    boxes: tuple[Box, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    dots: tuple[Dot, ...] = ()
    texts: tuple[Label, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def count_unit(name: str = "") -> Unit:
    """Things that are counted."""
    return Unit(name=name, say=lambda n: f"{n:,}")


def minutes_unit(lang: str) -> Unit:
    """Time, in minutes; the scale counts hours."""
    return Unit(
        name=words.say("chart.hours", lang), say=lambda n: words.duration(n, lang), whole=60
    )


def points_unit(lang: str) -> Unit:
    """Points, in hundredths; the scale counts whole ones."""
    return Unit(name=words.say("chart.points", lang), say=words.points, whole=100)


def bars(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Series,
    unit: Unit,
    *,
    across: str,
    lang: str,
) -> Chart:
    """Bars that lie, one below the other, each with its name and its figure above it: for kinds of
    things. `across` names what the labels are. Raises ValueError for figures below nothing."""
    _refuse_odd(labels, [series])
    # Nothing to the longest bar, which goes all the way: the figures stand there in words.
    top = max((each for each in series.values if each), default=0)
    boxes: list[Box] = []
    texts: list[Label] = []
    for place, (label, value) in enumerate(zip(labels, series.values, strict=True)):
        y = place * _ROW
        told = _told(value, unit, lang)
        texts += [
            Label(x=0, y=y + 1.2, said=label, anchor="start", look="name"),
            Label(x=100, y=y + 1.2, said=told, anchor="end", look="figure"),
        ]
        boxes.append(Box(x=0, y=y + 1.65, width=100, height=0.7, look="track"))
        if value:
            boxes.append(
                Box(x=0, y=y + 1.65, width=share(value, top) * 100, height=0.7, look="bar")
            )
    return Chart(
        key=key,
        title=title,
        about=_about(labels, [series], unit, lang),
        height=max(len(labels), 1) * _ROW,
        boxes=tuple(boxes),
        texts=tuple(texts),
        heads=(across, series.name),
        rows=_rows(labels, [series], unit, lang),
    )


def columns(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Series,
    unit: Unit,
    *,
    across: str,
    lang: str,
) -> Chart:
    """Columns side by side above a scale: for one figure over time. The highest says its figure,
    and the last where no higher column stands in the way of the words. Raises ValueError for
    figures below nothing."""
    _refuse_odd(labels, [series])
    scale = ticks(_highest([series]), unit.whole)
    room = (100 - _GUTTER) / max(len(labels), 1)
    boxes: list[Box] = []
    for place, value in enumerate(series.values):
        if value:
            high = share(value, scale[-1]) * _PLOT
            x = _GUTTER + room * (place + 0.15)
            y = _HEAD + _PLOT - high
            boxes.append(Box(x=x, y=y, width=room * 0.7, height=high, look="bar"))
    middles = [_GUTTER + room * (place + 0.5) for place in range(len(labels))]
    figures = [
        Label(
            x=middles[place],
            y=_height_of(series.values[place] or 0, scale) - 0.4,
            said=_told(series.values[place], unit, lang),
            anchor=_anchor(middles[place]),
            look="figure",
        )
        for place in _spoken(series.values, middles)
    ]
    texts = [each for each in figures if not _lies_on(each, boxes)]
    return Chart(
        key=key,
        title=title,
        about=_about(labels, [series], unit, lang),
        height=_HEAD + _PLOT + _FOOT,
        boxes=tuple(boxes),
        strokes=_grid(scale, 100.0),
        texts=(*_scale_texts(scale, unit, lang), *_under(labels, middles), *texts),
        heads=(across, series.name),
        rows=_rows(labels, [series], unit, lang),
    )


def lines(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: Unit,
    *,
    across: str,
    lang: str,
) -> Chart:
    """One line or some over time, each with its name where it ends. A figure that is not told
    leaves a gap. Raises ValueError for figures below nothing and for too many lines."""
    _refuse_odd(labels, series)
    if not 1 <= len(series) <= SERIES_MAX:
        raise ValueError(f"1 to {SERIES_MAX} lines are told apart, not {len(series)}")
    scale = ticks(_highest(series), unit.whole)
    right = 100.0 - (_NAMES if len(series) > 1 else 4.0)
    steps = max(len(labels) - 1, 1)
    across_at = [_GUTTER + 2 + (right - _GUTTER - 2) * n / steps for n in range(len(labels))]
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    for number, one in enumerate(series, 1):
        look = f"line-{number}"
        places = [
            None if value is None else (x, _height_of(value, scale))
            for x, value in zip(across_at, one.values, strict=True)
        ]
        for before, after in pairwise(places):
            if before is not None and after is not None:
                strokes.append(
                    Stroke(x1=before[0], y1=before[1], x2=after[0], y2=after[1], look=look)
                )
        dots += [Dot(x=each[0], y=each[1], look=look) for each in places if each is not None]
    if len(series) > 1:
        said = _names(series, scale, right)
    else:
        values = series[0].values
        said = tuple(
            Label(
                x=across_at[place],
                y=_height_of(values[place] or 0, scale) - 0.7,
                said=_told(values[place], unit, lang),
                anchor=_anchor(across_at[place]),
                look="figure",
            )
            for place in _spoken(values, across_at)
        )
    return Chart(
        key=key,
        title=title,
        about=_about(labels, series, unit, lang),
        height=_HEAD + _PLOT + _FOOT,
        strokes=(*_grid(scale, right + 2 if len(series) > 1 else 100.0), *strokes),
        dots=tuple(dots),
        texts=(*_scale_texts(scale, unit, lang), *_under(labels, across_at), *said),
        heads=(across, *(one.name for one in series)),
        rows=_rows(labels, series, unit, lang),
    )


# Scales -----------------------------------------------------------------------------------------


def ticks(highest: int, whole: int = 1) -> list[int]:
    """A scale from 0 in at most `TICKS_MAX` equal steps of one, two or five times a power of ten
    wholes, to the first step that is not below `highest`."""
    if highest < 0 or whole < 1:
        raise ValueError(f"no scale goes from 0 to {highest} in wholes of {whole}")
    power = whole
    while True:
        for times in (1, 2, 5):
            step = times * power
            if step * TICKS_MAX >= highest:
                steps = max(1, -(-highest // step))
                return [step * n for n in range(steps + 1)]
        power *= 10


def share(value: int, of: int) -> float:
    """How much of it, from 0 to 1."""
    return value / of if of else 0.0


def compact(number: int, lang: str) -> str:
    """A whole number as a scale has room for it: 12,000 is 1.2 万 and 12k; exact where one
    decimal is, which the steps of a scale are."""
    for least, size, name in _SIZES[lang]:
        if number >= least:
            tenths = round(number * 10 / size)
            whole, rest = divmod(tenths, 10)
            return f"{whole:,}{f'.{rest}' if rest else ''}{name}"
    return f"{number:,}"


_SIZES: Final = {
    "zh": ((10**8, 10**8, " 亿"), (10**4, 10**4, " 万")),
    "en": ((10**9, 10**9, "bn"), (10**6, 10**6, "M"), (10**4, 10**3, "k")),
}


def spread(wanted: Sequence[float], heights: Sequence[float], lowest: float) -> list[float]:
    """Where labels stand that should stand at `wanted` and may not overlap, none lower down than
    `lowest` as long as there is room above: their order stays."""
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    at = dict.fromkeys(order, 0.0)
    below = float("-inf")
    for place in order:
        at[place] = max(wanted[place], below)
        below = at[place] + heights[place]
    floor = lowest
    for place in reversed(order):
        at[place] = min(at[place], floor - heights[place])
        floor = at[place]
    return [at[place] for place in range(len(wanted))]


# What is said -----------------------------------------------------------------------------------


def _told(value: int | None, unit: Unit, lang: str) -> str:
    return words.say("chart.few", lang) if value is None else unit.say(value)


def _about(labels: Sequence[str], series: Sequence[Series], unit: Unit, lang: str) -> str:
    """Where each is highest and how it ends."""
    said = []
    for one in series:
        told = [(value, place) for place, value in enumerate(one.values) if value is not None]
        if not told:
            continue
        high, where = max(told, key=lambda each: (each[0], each[1]))
        last, end = told[-1]
        said.append(
            words.say(
                "chart.about",
                lang,
                name=one.name,
                where=labels[where],
                high=unit.say(high),
                end=labels[end],
                last=unit.say(last),
            )
        )
    return " ".join(said) or words.say("chart.nothing", lang)


def _rows(
    labels: Sequence[str], series: Sequence[Series], unit: Unit, lang: str
) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (label, *(_told(one.values[place], unit, lang) for one in series))
        for place, label in enumerate(labels)
    )


def _scale_texts(scale: Sequence[int], unit: Unit, lang: str) -> tuple[Label, ...]:
    """The figures beside the scale, and once what they count."""
    figures = [
        Label(
            x=_GUTTER - 1.5,
            y=_height_of(value, scale) + 0.3,
            said=compact(value // unit.whole, lang),
            anchor="end",
            look="scale",
        )
        for value in scale
    ]
    if unit.name:
        figures.append(Label(x=0, y=0.9, said=unit.name, anchor="start", look="scale"))
    return tuple(figures)


def _grid(scale: Sequence[int], right: float) -> tuple[Stroke, ...]:
    return tuple(
        Stroke(x1=_GUTTER, y1=y, x2=right, y2=y, look="rule" if value else "base")
        for value, y in ((each, _height_of(each, scale)) for each in scale)
    )


def _under(labels: Sequence[str], places: Sequence[float]) -> tuple[Label, ...]:
    """As many labels below as have room, counted from the last, which is always there."""
    cells = max((_cells(each) for each in labels), default=1)
    # A phone's whole width has room for some 44 cells.
    span = max(places) - min(places) if places else 0
    fit = max(1, int(span * 0.44) // (cells + 2))
    each_nth = max(1, -(-len(labels) // fit))
    return tuple(
        Label(
            x=places[place],
            y=_HEAD + _PLOT + 1.4,
            said=labels[place],
            anchor="middle",
            look="scale",
        )
        for place in range(len(labels))
        if (len(labels) - 1 - place) % each_nth == 0
    )


def _spoken(values: Sequence[int | None], places: Sequence[float]) -> list[int]:
    """Which figures are said in the drawing: the highest, and the last where it is not too near."""
    told = [place for place, value in enumerate(values) if value]
    if not told:
        return []
    last = told[-1]
    high = max(told, key=lambda place: (values[place] or 0, place))
    return [high] if places[last] - places[high] < 34 else [high, last]


def _lies_on(words_at: Label, boxes: Sequence[Box]) -> bool:
    """Whether words would lie on a box that is higher than where they stand."""
    wide = _cells(words_at.said) * _CELL
    begins = words_at.x - {"start": 0.0, "middle": wide / 2, "end": wide}[words_at.anchor]
    return any(
        each.y < words_at.y and each.x < begins + wide and each.x + each.width > begins
        for each in boxes
    )


def _names(series: Sequence[Series], scale: Sequence[int], right: float) -> tuple[Label, ...]:
    """Each line's name beside its last figure, moved where two would overlap."""
    named = [
        (number, _broken(one.name), next(v for v in reversed(one.values) if v is not None))
        for number, one in enumerate(series, 1)
        if any(value is not None for value in one.values)
    ]
    heights = [_LINE * len(parts) + 0.2 for _, parts, _ in named]
    wanted = [_height_of(end, scale) - 0.5 for _, _, end in named]
    tops = spread(wanted, heights, _HEAD + _PLOT + 0.6)
    return tuple(
        Label(
            x=right + 2.5,
            y=top + 0.8 + _LINE * n,
            said=part,
            anchor="start",
            look=f"name-{number}",
        )
        for (number, parts, _), top in zip(named, tops, strict=True)
        for n, part in enumerate(parts)
    )


def _broken(name: str) -> list[str]:
    """A name in lines of at most `_NAME_CELLS`, broken at spaces or between Chinese characters."""
    parts: list[str] = []
    for word in _pieces(name):
        if parts and _cells(parts[-1] + word.rstrip()) <= _NAME_CELLS:
            parts[-1] += word
        else:
            parts.append(word)
    return [each.strip() for each in parts if each.strip()] or [""]


def _pieces(name: str) -> list[str]:
    pieces: list[str] = []
    for character in name:
        wide = _cells(character) == 2
        if not pieces or wide or pieces[-1].endswith(" ") or _cells(pieces[-1][-1]) == 2:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def _cells(text: str) -> int:
    return sum(2 if each >= "\u2e80" else 1 for each in text)


def _anchor(x: float) -> Literal["start", "middle", "end"]:
    return "end" if x > 82 else "start" if x < _GUTTER + 12 else "middle"


def _height_of(value: int, scale: Sequence[int]) -> float:
    return _HEAD + _PLOT * (1 - share(value, scale[-1]))


def _highest(series: Sequence[Series]) -> int:
    return max((value for one in series for value in one.values if value), default=0)


def _refuse_odd(labels: Sequence[str], series: Sequence[Series]) -> None:
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.name} has {len(one.values)} figures for {len(labels)} labels")
        if any(value is not None and value < 0 for value in one.values):
            raise ValueError(f"{one.name} has figures below nothing")
