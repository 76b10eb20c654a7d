"""The same traffic, written as the programs write it that people export from."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import xlsxwriter

from headroom.traffic_files.questions import Answers
from headroom.traffic_files.read import NO_ANSWERS

Counts = Sequence[int]
SPARSE = "leaves out bins without requests"


@dataclass(frozen=True)
class Writer:
    """A way to write counts per minute from a moment on. zone: what the file says of its clock."""

    write: Callable[[Counts, datetime], bytes]
    zone: str = "UTC"
    answers: Answers = NO_ANSWERS
    sparse: bool = False
    most: int = 10**9


def moments(counts: Counts, start: datetime) -> list[tuple[datetime, int]]:
    return [(start + timedelta(minutes=i), count) for i, count in enumerate(counts)]


def filled(counts: Counts, start: datetime) -> list[tuple[datetime, int]]:
    """As CloudWatch has it: nothing where nothing came."""
    return [(moment, count) for moment, count in moments(counts, start) if count]


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def csv(head: str, form: Callable[[datetime, int], str], rows: list[tuple[datetime, int]], end: str = "\n") -> bytes:
    return end.join([head, *(form(moment, count) for moment, count in rows), ""]).encode()


def console(counts: Counts, start: datetime) -> bytes:
    head = "Full label,Invocations\nid,m1\nRegion,us-east-1\nAccount,123456789012"
    return csv(head, lambda moment, n: f"{moment:%Y/%m/%d %H:%M:%S},{n}", filled(counts, start))


def metric_data(counts: Counts, start: datetime) -> bytes:
    rows = filled(counts, start)[::-1]
    result = {
        "Id": "m1",
        "Label": "Invocations",
        "Timestamps": [moment.isoformat() for moment, _ in rows],
        "Values": [float(count) for _, count in rows],
        "StatusCode": "Complete",
    }
    return json.dumps({"MetricDataResults": [result], "Messages": []}, indent=4).encode()


def statistics(counts: Counts, start: datetime) -> bytes:
    rows = sorted(filled(counts, start), key=lambda row: row[0].minute)  # in no order, as the API has it
    points = [{"Timestamp": moment.isoformat(), "Sum": float(count), "Unit": "None"} for moment, count in rows]
    return json.dumps({"Label": "Invocations", "Datapoints": points}, indent=4).encode()


def insights_json(counts: Counts, start: datetime) -> bytes:
    rows = [
        [
            {"field": "bin(1m)", "value": f"{moment:%Y-%m-%d %H:%M:%S}.000"},
            {"field": "count(*)", "value": str(count)},
        ]
        for moment, count in filled(counts, start)[::-1]
    ]
    return json.dumps({"results": rows, "status": "Complete"}).encode()


def prometheus_counter(counts: Counts, start: datetime) -> bytes:
    total, values = 1000, [[(start - timedelta(minutes=0)).timestamp(), "1000"]]
    for moment, count in moments(counts, start):
        total += count
        values.append([(moment + timedelta(minutes=1)).timestamp(), str(total)])
    metric = {"__name__": "http_requests_total", "job": "api"}
    return json.dumps({"status": "success", "data": {"result": [{"metric": metric, "values": values}]}}).encode()


def prometheus_rate(counts: Counts, start: datetime) -> bytes:
    values = [[moment.timestamp(), repr(count / 60)] for moment, count in moments(counts, start)]
    return json.dumps({"status": "success", "data": {"result": [{"metric": {}, "values": values}]}}).encode()


def grafana_rows(counts: Counts, start: datetime) -> bytes:
    form = lambda moment, n: f'"Value";{moment:%Y-%m-%dT%H:%M:%S}+00:00;{n}'  # noqa: E731
    return csv('sep=;\n"Series";"Time";"requests"', form, moments(counts, start))


def grafana_frames(counts: Counts, start: datetime) -> bytes:
    rows = moments(counts, start)
    fields = [{"name": "Time", "type": "time"}, {"name": "requests", "type": "number"}]
    values = [[int(moment.timestamp() * 1000) for moment, _ in rows], [count for _, count in rows]]
    return json.dumps(
        {"results": {"A": {"frames": [{"schema": {"fields": fields}, "data": {"values": values}}]}}}
    ).encode()


def locust(counts: Counts, start: datetime) -> bytes:
    lines = ["Timestamp,User Count,Type,Name,Requests/s,Total Request Count,Total Failure Count"]
    total = 0
    for moment, count in [(start - timedelta(minutes=1), 0), *moments(counts, start)]:
        total += count
        at = int((moment + timedelta(minutes=1)).timestamp())
        lines += [f"{at},10,GET,/a,{count / 60},{total // 2},0", f"{at},10,,Aggregated,{count / 60},{total},0"]
    return "\n".join(lines).encode()


def german(counts: Counts, start: datetime) -> bytes:
    def form(moment: datetime, count: int) -> str:
        return f"{moment:%d.%m.%Y %H:%M};{count:,}".replace(",", ".") + ",00"

    return csv("Zeit;Anfragen", form, moments(counts, start), "\r\n").decode().encode("utf-16")


def workbook(counts: Counts, start: datetime) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, form = book.add_worksheet("Traffic"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        book.add_worksheet("Notes")
        sheet.write_row(0, 0, ["Requests of our endpoint"])
        sheet.write_row(2, 0, ["Time", "Requests", "Errors"])
        for row, (moment, count) in enumerate(moments(counts, start), 3):
            sheet.write_datetime(row, 0, moment.replace(tzinfo=None), form)
            sheet.write_row(row, 1, [count, 0])
    return out.getvalue()


def seconds(counts: Counts, start: datetime) -> bytes:
    since = (start - start.replace(hour=0, minute=0, second=0)).total_seconds()
    return "\n".join(["t_s,requests", *(f"{since + 60 * i:.0f},{count}" for i, count in enumerate(counts))]).encode()


def shuffled(counts: Counts, start: datetime) -> bytes:
    rows = sorted(moments(counts, start), key=lambda row: hash(row[0].minute * 7 % 11))
    return csv("requests,time,errors", lambda moment, n: f"{n},{iso(moment)},0", rows)


WRITERS: dict[str, Writer] = {
    "CSV of the CloudWatch console": Writer(console, zone="", sparse=True),
    "CSV of GetMetricData": Writer(
        lambda c, s: csv("Timestamp,Invocations (Sum)", lambda m, n: f"{iso(m)[:-1]}.000Z,{n}.0", filled(c, s)),
        sparse=True,
    ),
    "JSON of GetMetricData": Writer(metric_data, sparse=True),
    "JSON of get-metric-statistics": Writer(statistics, sparse=True),
    "CSV of Logs Insights": Writer(
        lambda c, s: csv("bin(1m),count(*)", lambda m, n: f"{m:%Y-%m-%d %H:%M:%S}.000,{n}", filled(c, s)[::-1]),
        sparse=True,
    ),
    "JSON of Logs Insights": Writer(insights_json, sparse=True),
    "JSON of Prometheus, a counter": Writer(prometheus_counter),
    "JSON of Prometheus, a rate": Writer(prometheus_rate, answers=Answers(unit="per-second")),
    "CSV of Prometheus or Grafana": Writer(
        lambda c, s: csv(
            "Time,sum(rate(http_requests_total[1m]))", lambda m, n: f"{m:%Y-%m-%d %H:%M:%S},{n / 60!r}", moments(c, s)
        ),
        zone="",
    ),
    "CSV of Grafana, a row for each series": Writer(grafana_rows),
    "CSV of Grafana, formatted": Writer(
        lambda c, s: csv('"Time","GET /"', lambda m, n: f'"{m:%Y-%m-%d %H:%M:%S}",{n / 60!r} req/s', moments(c, s)),
        zone="",
    ),
    "JSON of Grafana": Writer(grafana_frames),
    "history of Locust": Writer(locust),
    "Excel in German, UTF-16": Writer(german, zone=""),
    "Excel in English": Writer(
        lambda c, s: csv(
            "sep=,\r\nTime,Requests", lambda m, n: f'{m.month}/{m.day}/{m:%Y %I:%M %p},"{n:,}"', moments(c, s), "\r\n"
        ),
        zone="",
        answers=Answers(dates="month-first"),
    ),
    "Excel workbook": Writer(workbook, zone=""),
    "ISO with an offset": Writer(lambda c, s: csv("when,requests", lambda m, n: f"{m.isoformat()},{n}", moments(c, s))),
    "seconds since 1970": Writer(lambda c, s: csv("ts,count", lambda m, n: f"{m.timestamp():.0f},{n}", moments(c, s))),
    "milliseconds since 1970": Writer(
        lambda c, s: csv("ts,count", lambda m, n: f"{m.timestamp() * 1000:.0f},{n}", moments(c, s))
    ),
    "tabs": Writer(lambda c, s: csv("time\trequests", lambda m, n: f"{iso(m)}\t{n}", moments(c, s))),
    "other order and columns, unsorted": Writer(shuffled),
    "packed with gzip": Writer(
        lambda c, s: gzip.compress(csv("time,requests", lambda m, n: f"{iso(m)},{n}", moments(c, s)))
    ),
    "a list of records": Writer(
        lambda c, s: json.dumps([{"time": iso(m), "requests": n} for m, n in moments(c, s)]).encode()
    ),
}
"""Counts per minute, as each of these has them."""


def apache(times: Sequence[datetime]) -> bytes:
    return "".join(
        f'203.0.113.7 - - [{t:%d/%b/%Y:%H:%M:%S} +0000] "GET /a HTTP/1.1" 200 12 "-" "x"\n' for t in times
    ).encode()


def balancer(times: Sequence[datetime]) -> bytes:
    """A line stands where its answer went out, half a second after it had come."""
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    head, tail = (
        "app/lb/50dc 192.0.2.1:28 10.0.0.1:80 0 0.5 0 200 200 34 366",
        '"forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
    )
    return "".join(
        f'https {t + timedelta(seconds=0.5):{form}} {head} "GET https://x.test:443/ HTTP/1.1" "curl" - - arn:aws:x '
        f'"Root=1" "-" "-" 0 {t:{form}} {tail}\n'
        for t in times
    ).encode()


def k6_json(times: Sequence[datetime]) -> bytes:
    lines = [{"type": "Metric", "metric": "http_reqs", "data": {}}]
    for t in times:
        point = {"time": t.isoformat(), "value": 1, "tags": {}}
        lines += [
            {"type": "Point", "metric": "http_reqs", "data": point},
            {"type": "Point", "metric": "vus", "data": point},
        ]
    return "\n".join(map(json.dumps, lines)).encode()


def k6_csv(times: Sequence[datetime]) -> bytes:
    rows = [f"http_reqs,{t.timestamp():.0f},1.0,,\nvus,{t.timestamp():.0f},5.0,,\n" for t in times]
    return ("metric_name,timestamp,metric_value,check,error\n" + "".join(rows)).encode()


def jmeter(times: Sequence[datetime]) -> bytes:
    rows = [f"{t.timestamp() * 1000:.0f},120,Home,200,OK,Users 1-1,text,true\n" for t in times]
    return (
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success\n" + "".join(rows)
    ).encode()


ARRIVALS: dict[str, tuple[Callable[[Sequence[datetime]], bytes], bool]] = {
    "access log of Apache or nginx": (apache, False),
    "access log of a load balancer": (balancer, True),
    "JSON of k6": (k6_json, True),
    "CSV of k6": (k6_csv, False),
    "results of JMeter": (jmeter, True),
    "messages of Logs Insights": (
        lambda times: (
            "@timestamp,@message\n" + "".join(f"{t:%Y-%m-%d %H:%M:%S}.{t.microsecond // 1000:03d},x\n" for t in times)
        ).encode(),
        True,
    ),
    "a column of dates": (lambda times: ("time\n" + "".join(f"{t.isoformat()}\n" for t in times)).encode(), True),
}
"""One line a request; whether milliseconds are kept."""

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
