from __future__ import annotations

import pytest

from headroom.sharing.exports.cells import cell, safe_text


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", *"＝＋－＠"])  # noqa: RUF001
def test_text_that_would_be_a_formula_is_quoted(start: str) -> None:
    assert safe_text(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("text", ["", "Real-time, 2 x", " =1", "a=b", "2 - 1"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (True, "yes"), (False, "no"), (-2.5, -2.5), (0, 0)])
def test_numbers_stay_numbers(value: float | bool | None, shown: str | float) -> None:
    assert cell(value) == shown
