"""JSON as AWS's command line, Logs Insights, Prometheus, Grafana and k6 write it, and plain lists of records."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from headroom.errors import BadTrace
from headroom.traffic_files.export import Cell, Columns, Export, Unit, in_memory
from headroom.traffic_files.limits import MAX_FILE_BYTES, MAX_JSON_BRACKETS, MAX_JSON_VALUES, MAX_ROWS, SMALLER
from headroom.traffic_files.questions import ALL, MAX_OPTIONS, Answers, Option, ask, chosen
from headroom.traffic_files.text import TextFile

_ALLOWED = (
    "what aws cloudwatch get-metric-data, get-metric-statistics, aws logs get-query-results, Prometheus, Grafana or k6 "
    "write, or a list of records with a time and a number"
)
_STATISTICS = ("Sum", "SampleCount")
_K6 = '"http_reqs"'


def read_json(text: TextFile, answers: Answers) -> Export | None:
    """Return the export that a JSON text holds; None when it is no JSON. Raises BadTrace when it holds no traffic."""
    begin = text.begin().lstrip()
    if begin[:1] not in ("{", "["):
        return None
    first, _, rest = begin.partition("\n")
    if first.rstrip().endswith("}") and rest.startswith("{"):
        return _k6(text)
    value = _parsed(text)
    if isinstance(value, dict):
        for key, read in _BY_KEY.items():
            if key in value:
                return read(value, answers)
    if isinstance(value, list) and value:
        return _records(value)
    raise BadTrace(f"given JSON that is none of the known kinds; allowed: {_ALLOWED}.")


def _parsed(text: TextFile) -> Any:
    whole = text.whole(MAX_FILE_BYTES)
    if whole.count("{") + whole.count("[") > MAX_JSON_BRACKETS or whole.count(",") > MAX_JSON_VALUES:
        raise BadTrace(f"given JSON of too many values; allowed: at most {MAX_JSON_VALUES:,}. {SMALLER}")
    try:
        return json.loads(whole)
    except ValueError as error:
        raise BadTrace(f"given JSON that is broken ({error}). Export it again.") from error
    except RecursionError as error:
        raise BadTrace("given JSON of lists inside each other without end; allowed: " + _ALLOWED + ".") from error


def _metric_data(value: dict[str, Any], answers: Answers) -> Export:
    results = _objects(value["MetricDataResults"], "MetricDataResults")
    names = [str(result.get("Label") or result.get("Id") or number) for number, result in enumerate(results, 1)]
    tables = [_pairs(result.get("Timestamps"), result.get("Values"), "MetricDataResults") for result in results]
    status = sorted({str(result.get("StatusCode", "Complete")) for result in results} - {"Complete"})
    notes = (f"CloudWatch says the data are not complete ({', '.join(status)})",) if status else ()
    name, rows = _selected(names, tables, answers, "MetricDataResults")
    return _two("JSON of GetMetricData", name, rows, notes=notes)


def _datapoints(value: dict[str, Any], _answers: Answers) -> Export:
    points = _objects(value["Datapoints"], "Datapoints")
    for statistic in _STATISTICS:
        if points and all(statistic in point for point in points):
            rows = [[point.get("Timestamp"), point[statistic]] for point in points]
            name = f"{value.get('Label') or 'value'} ({statistic})"
            return _two("JSON of get-metric-statistics", name, rows, unit="count")
    if not points:
        raise BadTrace("Datapoints: given none; allowed: at least two. Check metric, dimensions and times of the call.")
    raise BadTrace(
        f"Datapoints: given {', '.join(sorted(map(str, points[0])))}; allowed: the statistic Sum in each."
        " Call it with --statistics Sum."
    )


def _results(value: dict[str, Any], answers: Answers) -> Export:
    results = value["results"]
    if isinstance(results, dict):
        return _frames(results, answers)
    rows = [{str(cell.get("field")): cell.get("value") for cell in _objects(row, "results")} for row in results]
    return _records(rows, "JSON of Logs Insights")


def _frames(results: dict[str, Any], answers: Answers) -> Export:
    """What the inspector of a Grafana panel saves: frames of fields with their values."""
    names: list[str] = []
    tables: list[list[list[Cell]]] = []
    for result in results.values():
        for frame in _objects((result or {}).get("frames"), "frames"):
            fields = _objects((frame.get("schema") or {}).get("fields"), "fields")
            values = (frame.get("data") or {}).get("values")
            kinds = [str(field.get("type")) for field in fields]
            if "time" not in kinds or "number" not in kinds or not isinstance(values, list):
                continue
            field = fields[kinds.index("number")]
            names.append(_labelled(str(field.get("name") or "value"), field.get("labels")))
            tables.append(_pairs(values[kinds.index("time")], values[kinds.index("number")], "frames"))
    return _two("JSON of Grafana", *_selected(names, tables, answers, "frames"))


def _prometheus(value: dict[str, Any], answers: Answers) -> Export:
    data = value["data"]
    results = _objects(data.get("result") if isinstance(data, dict) else None, "data.result")
    names, tables = [], []
    for result in results:
        labels = result.get("metric")
        names.append(_labelled(str(labels.get("__name__", "")) if isinstance(labels, dict) else "", labels) or "value")
        points = result.get("values")
        if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
            raise BadTrace("data.result: given no values; allowed: the answer of /api/v1/query_range, a matrix.")
        tables.append([[point[0], point[1]] for point in points])
    name, rows = _selected(names, tables, answers, "data.result")
    return _two("JSON of Prometheus", name, rows, unit="total" if name.partition("{")[0].endswith("_total") else "")


def _labelled(name: str, labels: Any) -> str:
    """The name of a series with its labels, as Prometheus writes it."""
    pairs = labels.items() if isinstance(labels, dict) else ()
    rest = ", ".join(f"{key}={item}" for key, item in pairs if key != "__name__")
    return name + (f"{{{rest}}}" if rest else "")


def _selected(
    names: list[str], tables: list[list[list[Cell]]], answers: Answers, place: str
) -> tuple[str, list[list[Cell]]]:
    """Name and rows of the series that is wanted, or of all, one below the other; asks where there are several."""
    if not names:
        raise BadTrace(f"{place}: given no series; allowed: one or more. Check the query and its times.")
    shown = [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names, 1)]
    addable = not any(name.partition("{")[0].endswith("_total") for name in names)
    options = (*(Option(name, name) for name in shown[:MAX_OPTIONS]), *([ALL] if addable and len(names) > 1 else []))
    answer = chosen(answers, "series", options)
    if answer == ALL.value:
        return "all series", [row for table in tables for row in table]
    if not answer and len(names) > 1:
        raise ask("series", f"The file holds {len(names)} series. Which one is the traffic?", options)
    index = shown.index(answer) if answer else 0
    return names[index], tables[index]


def _records(records: list[Any], words: str = "JSON list of records") -> Export:
    """A list of objects with the same keys, or of pairs of time and value."""
    if all(isinstance(record, list) and len(record) == 2 for record in records):
        return _two("JSON list of pairs", "value", [[_cell(cell) for cell in record] for record in records])
    objects = _objects(records, "the list")
    if not objects:
        raise BadTrace("given no records; allowed: at least two. Check the query and its times.")
    names = tuple(dict.fromkeys(str(name) for record in objects[:100] for name in record))
    _cap(objects)
    rows = [[_cell(record.get(name)) for name in names] for record in objects]
    return Export(format=words, names=names, sample=rows[:100], read=in_memory(rows))


def _two(words: str, name: str, rows: list[list[Cell]], *, unit: Unit = "", notes: tuple[str, ...] = ()) -> Export:
    _cap(rows)
    tidy = [[_cell(cell) for cell in row] for row in rows]
    return Export(
        format=words, names=("time", name), sample=tidy[:100], read=in_memory(tidy), time=0, value=1, unit=unit,
        notes=notes,
    )  # fmt: skip


def _pairs(times: Any, values: Any, place: str) -> list[list[Cell]]:
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        raise BadTrace(f"{place}: given times and values that do not match; allowed: as many values as times.")
    return [[time, value] for time, value in zip(times, values, strict=True)]


def _objects(value: Any, place: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadTrace(f"{place}: given something else; allowed: a list of objects, as {_ALLOWED}.")
    return value


def _cell(value: Any) -> Cell:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return repr(value)[:60]
    return json.dumps(value)[:200]


def _cap(rows: Sequence[Any]) -> None:
    if len(rows) > MAX_ROWS:
        raise BadTrace(f"given {len(rows):,} values; allowed: at most {MAX_ROWS:,}. {SMALLER}")


def _k6(text: TextFile) -> Export:
    """The points of http_reqs in what `k6 run --out json=...` writes, one object a line."""

    def read(wanted: Sequence[int]) -> Columns:
        rows, cells = array("L"), list[Cell]()
        for number, line in enumerate(text.lines(), 1):
            if _K6 not in line:
                continue
            try:
                point = json.loads(line)
                time = point["data"]["time"] if point["type"] == "Point" and point["metric"] == "http_reqs" else None
            except (ValueError, RecursionError, KeyError, TypeError) as error:
                raise BadTrace(f"row {number}: given a line that k6 does not write; allowed: its JSON.") from error
            if time is not None:
                rows.append(number)
                cells.append(_cell(time))
                if len(rows) > MAX_ROWS:
                    raise BadTrace(f"given more than {MAX_ROWS:,} requests; allowed: at most that many. {SMALLER}")
        if not rows:
            raise BadTrace("given no point of the metric http_reqs; allowed: the JSON of k6, with requests in it.")
        return Columns(rows, [cells for _ in wanted])

    return Export(format="JSON of k6", names=("time",), sample=[], read=read, time=0, value=-1)


_BY_KEY: dict[str, Callable[[dict[str, Any], Answers], Export]] = {
    "MetricDataResults": _metric_data,
    "Datapoints": _datapoints,
    "results": _results,
    "data": _prometheus,
}
"""Which reader takes an object that has this key."""
