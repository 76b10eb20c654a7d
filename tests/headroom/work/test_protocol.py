"""The lines between the app and a worker process."""

from __future__ import annotations

import pytest

from headroom.codec import to_json
from headroom.work.protocol import (
    ErrorLine,
    Line,
    NotALine,
    OrderLine,
    PartialLine,
    ResultLine,
    ShareLine,
    StateLine,
    decode,
    decode_order,
    encode,
)
from tests.headroom.ui.small import scenario

LINES: tuple[Line, ...] = (
    StateLine("compiling"),
    StateLine("ready"),
    ShareLine(0),
    ShareLine(0.25),
    PartialLine({"a": [1, None]}),
    ResultLine(None),
    ResultLine({"cost": 1.5, "name": "line\nfeed"}),
    ErrorLine("It cannot run."),
)


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_a_line_is_one_line_of_text_and_comes_back_as_it_was(line):
    assert encode(line).count("\n") == 1
    assert decode(encode(line)) == line


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "3",
        "[]",
        "{}",
        '{"state": "asleep"}',
        '{"share": "0.3"}',
        '{"share": true}',
        '{"share": 1.01}',
        '{"share": -0.01}',
        '{"error": 7}',
        '{"result": 1, "share": 0.5}',
        '{"kind": "plan", "payload": {}}',
    ],
)
def test_what_no_worker_says_is_refused(text):
    with pytest.raises(NotALine):
        decode(text)


def test_an_order_comes_back_as_it_was():
    order = OrderLine("plan", {"scenario": to_json(scenario()), "over": ["a", "b"]})
    assert decode_order(encode(order)) == order


@pytest.mark.parametrize(
    "text", ['{"kind": "plan"}', '{"kind": 1, "payload": {}}', '{"kind": "plan", "payload": 3}', "x"]
)
def test_what_is_no_order_is_refused(text):
    with pytest.raises(NotALine):
        decode_order(text)
