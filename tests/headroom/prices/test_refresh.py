"""`headroom prices` against a real server that answers as AWS's price list does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from headroom.cli.main import main
from headroom.prices.bulk_files import BASE, BulkFiles, NoPriceList
from headroom.prices.query_api import QUESTIONS, price_list
from headroom.sharing.library import load_world
from headroom.sharing.own_prices import VARIABLE, read_own, write_own
from pricing.offer import read_query

LISTS = Path(__file__).parents[2] / "pricing" / "price_lists"
OFFER = (LISTS / "offer_file.json").read_bytes()
QUERY = json.loads((LISTS / "get_products.json").read_text(encoding="utf-8"))
NEW, OLD = "20261101000000", "20260520000000"


class PriceList(ThreadingHTTPServer):
    """Serves `files` by path and keeps what was asked. break_after: bytes after which the first answer breaks off."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.questions: list[dict[str, object]] = []
        self.break_after = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def offer(self, version: str, region: str, content: bytes) -> None:
        path = f"{BASE}/{version}/{region}/index.json"
        self.files[path] = content
        entries = {"regionCode": region, "currentVersionUrl": path}
        for listed in ("current", version):
            index = json.loads(self.files.get(f"{BASE}/{listed}/region_index.json", b'{"regions": {}}'))
            index["regions"][region] = entries
            self.files[f"{BASE}/{listed}/region_index.json"] = json.dumps(index).encode()


class Answers(BaseHTTPRequestHandler):
    server: PriceList

    def do_GET(self) -> None:
        span = self.headers.get("Range", "")
        self.server.asked.append((self.path, span))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        first = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        self.send_response(206 if span else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        if (
            self.server.break_after
            and self.path.endswith("/index.json")
            and "region" not in self.path.rsplit("/", 1)[1]
        ):
            self.wfile.write(content[first : first + self.server.break_after])
            self.server.break_after = 0
            self.close_connection = True
            return
        self.wfile.write(content[first:])

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.questions.append(question)
        wanted = {entry["Field"]: entry["Value"] for entry in question["Filters"]}
        hosting = wanted.get("component") == "Hosting" and wanted["regionCode"] == "us-east-1"
        listed = QUERY["PriceList"] if hosting else []
        start = int(question.get("NextToken", 0))
        answer: dict[str, object] = {"FormatVersion": "aws_v1", "PriceList": listed[start : start + 5]}
        if start + 5 < len(listed):
            answer["NextToken"] = str(start + 5)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PriceList]:
    server = PriceList()
    server.offer(NEW, "us-east-1", OFFER)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HEADROOM_PRICE_LIST_HOST", server.address)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own" / "prices.csv"))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def priced(usd: str, published: str) -> bytes:
    """The price list with another price of ml.m5.xlarge, on another day."""
    data = json.loads(OFFER)
    (term,) = data["terms"]["OnDemand"]["JDZQJFUVUR8SUWHS"].values()
    (dimension,) = term["priceDimensions"].values()
    dimension["pricePerUnit"]["USD"] = usd
    data["publicationDate"] = f"{published}T00:00:00Z"
    return json.dumps(data).encode()


def test_a_refresh_writes_what_bills_then_use(
    aws: PriceList, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    aws.offer(NEW, "us-east-1", priced("0.25", "2026-11-01"))
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 0
    out = capsys.readouterr().out
    assert "13 rates read for 3 Regions" in out
    assert "us-east-1 Real-time instances ml.m5.xlarge: 0.23 to 0.25 USD per instance-hour (+8.7 %)" in out
    world = load_world()
    assert world.on == date(2026, 11, 1)
    assert str(world.prices.find("hosting_instance_s", "us-east-1", "ml.m5.xlarge", world.on).usd) == "0.25"
    assert [path.name for path in (tmp_path / "own").iterdir() if path.is_file()] == ["prices.csv"]


def test_a_large_change_is_told_first(aws: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    aws.offer(NEW, "us-east-1", priced("828", "2026-11-01"))
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "moved by more than 20 %; look at these first" in lines[1]
    assert "ml.m5.xlarge: 0.23 to 828 USD" in lines[2] or "ml.m5.xlarge: 0.23 to 828 USD" in lines[3]


def test_the_difference_to_the_package_can_be_shown_later(aws: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "diff"]) == 0
    assert "no catalogue of your own" in capsys.readouterr().out
    aws.offer(NEW, "us-east-1", priced("0.25", "2026-11-01"))
    main(["prices", "refresh", "--region", "us-east-1"])
    capsys.readouterr()
    assert main(["prices", "diff"]) == 0
    assert "0.23 to 0.25 USD" in capsys.readouterr().out


def test_a_day_takes_the_list_that_was_in_force(aws: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    aws.offer(OLD, "us-east-1", priced("0.21", "2026-05-20"))
    aws.offer(NEW, "us-east-1", priced("0.25", "2026-11-01"))
    aws.files[f"{BASE}/index.json"] = json.dumps(
        {
            "versions": {
                OLD: {"versionEffectiveBeginDate": "2026-05-20T00:00:00Z"},
                NEW: {"versionEffectiveBeginDate": "2026-11-01T00:00:00Z"},
            }
        }
    ).encode()
    for day, version in (("2026-10-31", OLD), ("2026-11-01", NEW)):
        assert main(["prices", "refresh", "--region", "us-east-1", "--from", day]) == 0
        assert f"{BASE}/{version}/us-east-1/index.json" in [path for path, _ in aws.asked]
        aws.asked.clear()
    assert main(["prices", "refresh", "--region", "us-east-1", "--from", "2020-01-01"]) == 2
    assert "a day on which AWS had published a price list" in capsys.readouterr().err


def test_a_download_goes_on_where_it_broke_off(aws: PriceList, tmp_path: Path) -> None:
    source = BulkFiles(tmp_path, aws.address)
    (file,) = source.files(["us-east-1"])
    aws.break_after = 10_000
    with pytest.raises(NoPriceList, match="what was fetched is kept"):
        source.fetch(file)
    aws.asked.clear()
    assert source.fetch(file).read_bytes() == OFFER
    assert [span for _, span in aws.asked] == ["bytes=8192-"]
    aws.asked.clear()
    assert source.fetch(file).read_bytes() == OFFER
    assert aws.asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--region", "mars-1"], "--region: given mars-1; allowed: us-east-1"),
        (["--api"], "--api: given no --region"),
        (["--from", "yesterday"], "--from: given 'yesterday'"),
        (["--file", "/nowhere/index.json"], "cannot be read"),
        (["--file", __file__], "not JSON"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_line(
    aws: PriceList, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["prices", "refresh", *words]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_server_that_does_not_answer_is_said_in_a_line(aws: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    aws.files.clear()
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 2
    assert "HTTP 404" in capsys.readouterr().err


def test_a_path_of_the_index_cannot_lead_elsewhere(aws: PriceList, tmp_path: Path) -> None:
    for path in ("http://example.test/offers/v/us-east-1/index.json", "/offers/../../x/y/index.json", 7):
        aws.files[f"{BASE}/current/region_index.json"] = json.dumps(
            {"regions": {"us-east-1": {"currentVersionUrl": path}}}
        ).encode()
        with pytest.raises(NoPriceList, match="us-east-1"):
            BulkFiles(tmp_path, aws.address).files(["us-east-1"])


def test_downloaded_files_need_no_network(aws: PriceList, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "refresh", "--file", str(LISTS / "offer_file.json")]) == 0
    assert "13 rates read" in capsys.readouterr().out
    assert aws.asked == []


def test_the_query_api_is_asked_page_by_page_for_each_component(aws: PriceList) -> None:
    client = boto3.client(
        "pricing",
        region_name="us-east-1",
        endpoint_url=aws.address,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    reading = read_query(price_list(["us-east-1"], client), "Query API")
    assert len(reading.rates) == 13
    assert len(aws.questions) == len(QUESTIONS) - 1 + -(-len(QUERY["PriceList"]) // 5)


def test_an_own_catalogue_that_is_broken_is_said_in_a_line(
    aws: PriceList, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_own(tmp_path / "own" / "prices.csv", [])
    (tmp_path / "own" / "prices.csv").write_text("usage,usd\n", encoding="utf-8")
    assert main(["validate", "scenarios/dashboard.toml"]) == 2
    assert "prices.csv, line 1" in capsys.readouterr().err


def test_a_fetched_file_that_is_no_price_list_is_not_kept(
    aws: PriceList, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    aws.offer(NEW, "us-east-1", b"<html>a proxy's page</html>")
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 2
    assert "not JSON" in capsys.readouterr().err
    aws.offer(NEW, "us-east-1", OFFER)
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 0


def test_what_is_read_again_does_not_grow(aws: PriceList, tmp_path: Path) -> None:
    for _ in range(2):
        main(["prices", "refresh", "--region", "us-east-1"])
    assert len(read_own(tmp_path / "own" / "prices.csv")) == 13
