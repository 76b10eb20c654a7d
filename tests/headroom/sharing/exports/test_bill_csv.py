"""A row of the CSV holds what a line of the bill is made of."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from headroom.advisor.answer import Comparison
from headroom.sharing.exports.bill_csv import bill_csv
from tests.headroom.sharing.exports.samples import every


def test_each_line_of_each_bill_is_a_row_that_can_be_worked_out_again() -> None:
    comparison = every()[Comparison]
    rows = list(csv.DictReader(io.StringIO(bill_csv(comparison), newline="")))
    lines = [line for answer in comparison.evaluations if answer.bill for line in answer.bill.lines]
    assert lines
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert row["for"] == line.title
        assert Decimal(row["quantity"]) == pytest.approx(line.quantity)
        assert row["price_read_on"] == line.from_date.isoformat() if line.from_date else not row["price_read_on"]
