"""Tables that become rows with labels where there is no room for columns.

A phone shows each row as a small list: its first cell as a heading, below it the others, each
behind the name of its column (`desk.css`). For that each cell carries that name, `data-label`,
taken here from the table's own head, so that the two cannot differ. And since a browser may forget
that something is a table once it is laid out otherwise, every part says what it is.
"""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

from api.pages.guard import pages

_TAG: Final = re.compile(r"<[^>]*>")
_COLUMN: Final = re.compile(r'<th scope="col"([^>]*)>(.*?)</th>', re.DOTALL)
_ROW: Final = re.compile(r"<tr([^>]*)>(.*?)</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<(th|td)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_NAMELESS: Final = 'class="unseen"'
_GROUP: Final = re.compile(r"<(thead|tbody)>")


@pages.app_template_filter("folding")
def folding(table: str) -> Markup:
    """The HTML of a table of ours, with the name of its column on each cell.

    A cell below a head that is not seen gets none, and an empty cell an empty one. Raises
    ValueError for a row that has another number of cells than the head.
    """
    head, between, body = str(table).partition("</thead>")
    names = [_name_of(*each) for each in _COLUMN.findall(head)]
    head = head.replace('<th scope="col"', '<th role="columnheader" scope="col"')
    head = head.replace("<table", '<table role="table" data-folds')
    head = head.replace("<tr>", '<tr role="row">')
    whole = head + between + _ROW.sub(lambda row: _row(row[1], row[2], names), body)
    # Nothing is added but what stood in the template's own answer, which is escaped.
    return Markup(_GROUP.sub(r'<\1 role="rowgroup">', whole))  # noqa: S704


def _name_of(attributes: str, head: str) -> str | None:
    """What a head says; None where it is for listening alone."""
    return None if _NAMELESS in attributes + head else _TAG.sub("", head).strip()


def _row(attributes: str, inside: str, names: list[str | None]) -> str:
    cells = _CELL.findall(inside)
    if len(cells) != len(names):
        raise ValueError(f"a row of {len(cells)} cells below {len(names)} heads: {inside[:80]}")
    labelled = "".join(
        _cell(tag, of_it, held, name) for (tag, of_it, held), name in zip(cells, names, strict=True)
    )
    return f'<tr role="row"{attributes}>{labelled}</tr>'


def _cell(tag: str, attributes: str, inside: str, name: str | None) -> str:
    role = "rowheader" if tag == "th" else "cell"
    said = name if inside.strip() else ""
    label = "" if said is None else ' data-label="{}"'.format(said.replace('"', "&#34;"))
    return f'<{tag} role="{role}"{attributes}{label}>{inside}</{tag}>'
