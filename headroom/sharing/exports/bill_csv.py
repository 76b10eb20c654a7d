"""The bills of a comparison as CSV for a spreadsheet: one row per deployment and line, with quantity and rate."""

from __future__ import annotations

import csv
import io

from headroom.advisor.answer import Comparison
from headroom.advisor.tell.cost_text import quantity_times_rate
from headroom.sharing.exports.cells import Cell, cell
from headroom.sharing.exports.export import Export
from pricing.bill import BillLine

_COLUMNS = (
    "deployment", "for", "dimension", "quantity_times_rate", "quantity", "unit", "usd_per_rate_unit", "rate_unit",
    "usd_per_month", "price_read_on", "evidence",
)  # fmt: skip


def bill_csv(comparison: Comparison) -> str:
    """Return the bills of a comparison as CSV: a row for each line, an empty cell where no price is known."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for answer in comparison.evaluations:
        for line in answer.bill.lines if answer.bill else ():
            writer.writerow([cell(value) for value in (answer.deployment.name, *_values(line))])
    return file.getvalue()


def _values(line: BillLine) -> tuple[Cell, ...]:
    return (
        line.title,
        line.dimension,
        quantity_times_rate(line),
        float(line.quantity),
        line.unit,
        None if line.rate is None else float(line.rate.usd),
        line.rate_unit,
        None if line.amount_usd is None else float(line.amount_usd),
        None if line.from_date is None else line.from_date.isoformat(),
        line.evidence,
    )


BILL_CSV = Export(
    key="bill-csv",
    title="Bills (CSV)",
    kind=Comparison,
    file_name="bills.csv",
    media_type="text/csv",
    write=lambda comparison, _: bill_csv(comparison).encode(),
)
