"""Tables whose cells know their columns, so that a phone can show each row as a small list."""

from __future__ import annotations

import pytest

from api.pages.tables import folding

HEAD = '<table><thead><tr><th scope="col">Name</th><th scope="col" class="number">Time</th>'
ACTS = '<th scope="col"><span class="unseen">What can be done</span></th></tr></thead>'


def test_each_cell_carries_the_name_of_its_column_and_says_what_it_is() -> None:
    row = '<tr class="new"><th scope="row">An*</th><td class="number">2 h</td><td>Go</td></tr>'
    folded = folding(f"{HEAD}{ACTS}<tbody>{row}</tbody></table>")

    assert folded.startswith('<table role="table" data-folds><thead role="rowgroup">')
    assert '<th role="columnheader" scope="col" class="number">Time</th>' in folded
    assert '<tr role="row" class="new"><th role="rowheader" scope="row"' in folded
    assert '<td role="cell" class="number" data-label="Time">2 h</td>' in folded


def test_a_head_that_is_only_heard_names_no_cell_and_an_empty_cell_has_an_empty_name() -> None:
    row = "<tbody><tr><th>An*</th><td> </td><td>Go</td></tr></tbody></table>"
    folded = folding(f"{HEAD}{ACTS}{row}")

    assert '<td role="cell" data-label=""> </td><td role="cell">Go</td>' in folded


def test_what_stands_in_a_head_cannot_leave_the_attribute() -> None:
    head = '<table><thead><tr><th scope="col">"a" <i>b</i></th></tr></thead>'
    folded = folding(f"{head}<tr><td>1</td></tr>")

    assert '<td role="cell" data-label="&#34;a&#34; b">1</td>' in folded


def test_a_row_of_another_length_than_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells below 3 heads"):
        folding(f"{HEAD}{ACTS}<tbody><tr><td>An*</td></tr></tbody></table>")
