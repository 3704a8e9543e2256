"""Charts: a scale that fits, figures that stand where they are, and the same in a table."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import g, render_template_string
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from api import create_app
from api.pages import charts
from api.pages.charts import Chart, Series
from api.settings import Settings
from tests.browser import window
from tests.kit import TODAY, FakeClock, Ledger

FIGURES = st.lists(st.one_of(st.none(), st.integers(0, 10**12)), min_size=1, max_size=24)


# Scales -----------------------------------------------------------------------------------------


@given(st.integers(0, 10**15), st.sampled_from([1, 60, 100]))
@example(0, 1)
@example(5, 1)
@example(6, 1)
def test_a_scale_begins_at_nothing_goes_to_the_highest_and_has_equal_whole_steps(
    highest: int, whole: int
) -> None:
    scale = charts.ticks(highest, whole)
    steps = {after - before for before, after in pairwise(scale)}
    [step] = steps
    assert scale[0] == 0
    assert scale[-1] >= highest
    assert scale[-1] - step < max(highest, 1)
    assert 2 <= len(scale) <= charts.TICKS_MAX + 1
    assert step % whole == 0
    assert str(step // whole).rstrip("0") in ("1", "2", "5")


@given(st.integers(1, 10**15))
def test_what_a_scale_says_is_exact(highest: int) -> None:
    """In both languages, from what is said the number comes back."""
    sizes = {"": 1, "万": 10**4, "亿": 10**8, "k": 10**3, "M": 10**6, "bn": 10**9}
    for value in charts.ticks(highest):
        for lang in ("zh", "en"):
            said = charts.compact(value, lang).replace(",", "")
            digits = said.rstrip(" 万亿kMbn")
            size = sizes[said[len(digits) :].strip()]
            whole, _, rest = digits.partition(".")
            assert int(whole) * size + int(rest or 0) * size // 10 == value


def test_scales_are_said_as_each_language_counts() -> None:
    assert charts.compact(9_000, "zh") == charts.compact(9_000, "en") == "9,000"
    assert (charts.compact(15_000, "zh"), charts.compact(15_000, "en")) == ("1.5 万", "15k")
    assert (charts.compact(2 * 10**8, "zh"), charts.compact(2 * 10**8, "en")) == ("2 亿", "200M")


@pytest.mark.parametrize(("highest", "whole"), [(-1, 1), (1, 0)])
def test_no_scale_goes_below_nothing(highest: int, whole: int) -> None:
    with pytest.raises(ValueError, match="no scale"):
        charts.ticks(highest, whole)


@given(st.lists(st.tuples(st.floats(0, 12), st.sampled_from([1.3, 2.4])), min_size=1, max_size=4))
def test_labels_never_overlap_and_keep_their_order(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [each[0] for each in labels], [each[1] for each in labels]
    at = charts.spread(wanted, heights, 12.8)
    placed = sorted(zip(wanted, range(len(at)), at, heights, strict=True))
    for (_, _, one, height), (_, _, other, _) in pairwise(placed):
        assert one + height <= other + 1e-9
    assert all(y + height <= 12.8 + 1e-9 for y, height in zip(at, heights, strict=True))


# Shapes -----------------------------------------------------------------------------------------


def drawn(values: list[int | None], kind: str = "columns", lang: str = "zh") -> Chart:
    labels = [f"{n}" for n in range(len(values))]
    series = Series(name="服务时间", values=tuple(values))
    unit = charts.minutes_unit(lang)
    if kind == "lines":
        return charts.lines("c", "题", labels, [series], unit, across="月份", lang=lang)
    draw = charts.bars if kind == "bars" else charts.columns
    return draw("c", "题", labels, series, unit, across="月份", lang=lang)


@given(FIGURES, st.sampled_from(["bars", "columns", "lines"]))
def test_nothing_is_drawn_outside_of_the_chart(values: list[int | None], kind: str) -> None:
    one = drawn(values, kind)
    for box in one.boxes:
        assert 0 <= box.x <= box.x + box.width <= 100.0001
        assert -0.0001 <= box.y <= box.y + box.height <= one.height + 0.0001
    for dot in one.dots:
        assert (0 <= dot.x <= 100, 0 <= dot.y <= one.height) == (True, True)
    for stroke in one.strokes:
        assert all(0 <= x <= 100 for x in (stroke.x1, stroke.x2))


@given(FIGURES)
def test_columns_are_as_high_as_their_figures_say(values: list[int | None]) -> None:
    """All by one measure, standing on the base of the scale."""
    one = drawn(values)
    told = [value for value in values if value]
    assert len(one.boxes) == len(told)
    scale = charts.ticks(max(told, default=0), 60)
    base = next(each.y1 for each in one.strokes if each.look == "base")
    top = min(each.y1 for each in one.strokes)
    for box, value in zip(one.boxes, told, strict=True):
        assert box.y + box.height == pytest.approx(base)
        assert box.height == pytest.approx((base - top) * value / scale[-1])


@given(FIGURES)
def test_lines_leave_a_gap_where_a_figure_is_not_told(values: list[int | None]) -> None:
    one = drawn(values, "lines")
    joined = sum(before is not None and after is not None for before, after in pairwise(values))
    assert sum(each.look == "line-1" for each in one.strokes) == joined
    assert len(one.dots) == sum(value is not None for value in values)


@given(FIGURES, st.sampled_from(["bars", "columns", "lines"]), st.sampled_from(["zh", "en"]))
def test_the_table_says_every_figure(values: list[int | None], kind: str, lang: str) -> None:
    one = drawn(values, kind, lang)
    assert one.heads == ("月份", "服务时间")
    assert [row[0] for row in one.rows] == [f"{n}" for n in range(len(values))]
    for (_, said), value in zip(one.rows, values, strict=True):
        assert said == (
            charts.minutes_unit(lang).say(value)
            if value is not None
            else {"zh": "少于 5，不公布", "en": "under 5, not told"}[lang]
        )


def test_a_chart_is_said_in_a_sentence() -> None:
    one = drawn([60, 180, None, 90])
    assert one.about == "服务时间：最高在1，3 小时；最后是3，1 小时 30 分。"
    assert drawn([None]).about == "还没有可画的数字。"


def test_figures_below_nothing_and_figures_without_labels_are_no_chart() -> None:
    with pytest.raises(ValueError, match="below nothing"):
        drawn([-1])
    with pytest.raises(ValueError, match="figures for"):
        charts.bars(
            "c",
            "题",
            ["一"],
            Series(name="数", values=()),
            charts.count_unit(),
            across="",
            lang="zh",
        )
    five = [Series(name="数", values=(1,))] * 5
    with pytest.raises(ValueError, match="told apart"):
        charts.lines("c", "题", ["一"], five, charts.count_unit(), across="", lang="zh")


# In a browser -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with one of each, served as every page is."""
    home = tmp_path_factory.mktemp("charts") / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    app = create_app(ledger.open(), Settings(home=home, public_url=address))
    app.add_url_rule("/specimen", "pages.specimen", specimen)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
    ledger.close()


PAGE = """{% extends "pages/base.html" %}{% from "pages/charts.html" import chart with context %}
{% block title %}-{% endblock %}
{% block head %}<link rel="stylesheet" href="{{ file_url('charts.css') }}">{% endblock %}
{% block main %}<h1>-</h1>
{% for one in charts %}{{ chart(one, open=loop.first) }}{% endfor %}{% endblock %}
"""


def specimen() -> str:
    return render_template_string(PAGE, charts=specimens(g.lang))


def specimens(lang: str) -> list[Chart]:
    """One of each, with a figure that is not told."""
    zh = lang == "zh"
    hours, points = charts.minutes_unit(lang), charts.points_unit(lang)
    months = [f"{n}月" if zh else f"{n}/24" for n in range(1, 13)]
    values = (41_000, 38_500, 52_020, 60_030, 58_000, None, 71_200, 69_000, 88_000, 80_000, 0, 9)
    across = "月份" if zh else "Month"
    time = Series(name="服务时间" if zh else "Service", values=values)
    kinds = (
        ["社区助餐", "医院陪诊", "小学作业辅导"] if zh else ["Meals", "At the hospital", "Homework"]
    )
    many = [
        Series(name=name, values=tuple(100 * (n + 1) * (5 + month) for month in range(12)))
        for n, name in enumerate(
            ["社区服务", "赛会服务与应急救援", "助老"]
            if zh
            else ["Community", "Events and emergencies", "Elders"]
        )
    ]
    one_line = Series(name="积分" if zh else "Points", values=tuple(v or 0 for v in values))
    few = Series(name="人数" if zh else "People", values=(1_204, 88, None))
    return [
        charts.columns("a", kinds[0], months, time, hours, across=across, lang=lang),
        charts.bars("b", kinds[1], kinds, few, charts.count_unit(), across=across, lang=lang),
        charts.lines("c", kinds[2], months, many, points, across=across, lang=lang),
        charts.lines("d", across, months, [one_line], points, across=across, lang=lang),
        charts.columns("e", "-", [], Series(name="-", values=()), hours, across="-", lang=lang),
    ]


@pytest.mark.parametrize(("lang", "width", "scheme"), [
    ("zh", 360, "light"), ("zh", 1280, "dark"), ("en", 360, "dark"), ("en", 768, "light"),
])  # fmt: skip
def test_charts_are_read_at_every_width_and_by_who_listens(
    chromium: Browser, url: str, lang: str, width: int, scheme: str
) -> None:
    """Held to axe; no text of a chart overlaps another or leaves the page."""
    name = f"charts-{lang}-{width}-{scheme}"
    with window(chromium, url, name, width=width, color_scheme=scheme) as seen:
        seen.page.goto(f"{url}/specimen?lang={lang}")
        seen.look("charts")
        pictures = seen.page.get_by_role("img")
        assert pictures.count() == 4
        for drawing in pictures.all():
            assert drawing.locator("desc").text_content()
            boxes = [each.bounding_box() for each in drawing.locator("text").all()]
            for place, one in enumerate(boxes):
                assert one is not None
                assert one["x"] >= 0
                assert one["x"] + one["width"] <= width
                for other in boxes[place + 1 :]:
                    assert other is not None
                    assert not overlap(one, other), (one, other)
        details = seen.page.get_by_role("group")
        seen.page.get_by_text("看数字" if lang == "zh" else "Show the figures").nth(1).focus()
        seen.keys("Enter")
        assert details.nth(1).get_by_role("cell").first.is_visible()


@pytest.mark.parametrize("width", [360])
def test_charts_are_read_in_large_print(chromium: Browser, url: str, width: int) -> None:
    with window(chromium, url, "charts-large", width=width) as seen:
        seen.page.goto(f"{url}/specimen?print=large&lang=zh")
        seen.look("large")


def overlap(one: Any, other: Any) -> bool:
    """Whether two lines of text cover each other: a line is higher than what is written on it."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return bool(across > 1 and down > 0.4 * min(one["height"], other["height"]))
