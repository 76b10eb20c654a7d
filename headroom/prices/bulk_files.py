"""AWS's public price list files: no credentials, one file of some 4 MB for each Region.

The index of Regions names the current file of each; the index of versions tells which list was in force on a day. A
download goes on where it was broken off, and a file that is already there in the same version is not fetched again.
Addresses: AWS Billing User Guide, "Reading the service price list files".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import urllib3

from pricing.offer import OFFER_CODE
from simulator.errors import HeadroomError

HOST = "https://pricing.us-east-1.amazonaws.com"
BASE = f"/offers/v1.0/aws/{OFFER_CODE}"
MOST_INDEX_BYTES = 20 * 2**20
MOST_FILE_BYTES = 200 * 2**20
"""More than this is no file of one Region (4 MB in September 2026)."""
CHUNK_BYTES = 2**12
"""What is lost of a download that breaks off is less than this."""

Progress = Callable[[str, int], None]


class NoPriceList(HeadroomError):
    """The price list cannot be fetched; the message says from where, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFile:
    """The file of one Region on AWS's side: its path there, and the version that the path names."""

    region: str
    path: str
    version: str


class BulkFiles:
    """Fetches price list files into a folder. `host`: another one for a proxy or a test."""

    def __init__(self, folder: Path, host: str = HOST, progress: Progress = lambda _file, _bytes: None) -> None:
        self._folder = folder
        self._host = host.rstrip("/")
        self._progress = progress
        retries = urllib3.Retry(total=4, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
        self._http = urllib3.PoolManager(retries=retries, timeout=urllib3.Timeout(connect=10.0, read=30.0))

    def files(self, regions: Iterable[str], on: date | None = None) -> tuple[PriceFile, ...]:
        """The files of some Regions, current ones or those in force on a day; without regions, of all.

        Raises NoPriceList for a Region that the list does not have.
        """
        version = "current" if on is None else self._version(on)
        known = _table(self._json(f"{BASE}/{version}/region_index.json"), "regions")
        wanted = tuple(dict.fromkeys(regions)) or tuple(sorted(known))
        unknown = [region for region in wanted if region not in known]
        if unknown:
            raise NoPriceList(f"--region: given {', '.join(unknown)}; allowed: {', '.join(sorted(known))}.")
        return tuple(_price_file(region, known[region]) for region in wanted)

    def fetch(self, file: PriceFile) -> Path:
        """The path of the fetched file. Raises NoPriceList; what was fetched so far is kept for the next try."""
        kept = self._folder / f"{OFFER_CODE}-{file.version}-{file.region}.json"
        if kept.exists():
            return kept
        self._folder.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        self._download(file, part)
        part.replace(kept)
        return kept

    def _download(self, file: PriceFile, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._response(file.path, headers) as response:
            mode = "ab" if have and response.status == 206 else "wb"
            have = have if mode == "ab" else 0
            with part.open(mode) as out:
                for chunk in self._chunks(response, file.path):
                    have += len(chunk)
                    if have > MOST_FILE_BYTES:
                        allowed = f"at most {MOST_FILE_BYTES:,} bytes, the size of no Region's list"
                        raise NoPriceList(f"{self._host}{file.path}: given more; allowed: {allowed}.")
                    out.write(chunk)
                    self._progress(file.region, have)

    def _chunks(self, response: urllib3.BaseHTTPResponse, path: str) -> Iterator[bytes]:
        try:
            yield from response.stream(CHUNK_BYTES, decode_content=True)
        except urllib3.exceptions.HTTPError as error:
            raise self._failed(path, str(error)) from error

    def _version(self, on: date) -> str:
        """The version of the list that was in force at the end of a day."""
        versions = _table(self._json(f"{BASE}/index.json"), "versions")
        begun = {
            str(entry.get("versionEffectiveBeginDate", "")): version
            for version, entry in versions.items()
            if isinstance(entry, dict) and "" < str(entry.get("versionEffectiveBeginDate", ""))[:10] <= on.isoformat()
        }
        if not begun:
            raise NoPriceList(
                f"--from: given {on.isoformat()}; allowed: a day on which AWS had published a price list."
            )
        return str(begun[max(begun)])

    def _json(self, path: str) -> Mapping[str, Any]:
        with self._response(path, {}) as response:
            data = bytearray()
            for chunk in self._chunks(response, path):
                data += chunk
                if len(data) > MOST_INDEX_BYTES:
                    raise self._failed(path, f"more than {MOST_INDEX_BYTES:,} bytes")
        try:
            parsed = json.loads(data)
        except ValueError as error:
            raise self._failed(path, f"no JSON ({error})") from error
        if not isinstance(parsed, dict):
            raise self._failed(path, "no index of AWS")
        return parsed

    def _response(self, path: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            response = self._http.request("GET", self._host + path, headers=headers, preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise self._failed(path, str(error)) from error
        if response.status not in (200, 206):
            response.release_conn()
            raise self._failed(path, f"HTTP {response.status}")
        return response

    def _failed(self, path: str, why: str) -> NoPriceList:
        todo = "Run the command again: what was fetched is kept. Or download the file elsewhere and use --file FILE."
        return NoPriceList(f"{self._host}{path}: {why}. {todo}")


def _price_file(region: str, entry: object) -> PriceFile:
    path = entry.get("currentVersionUrl") if isinstance(entry, dict) else None
    parts = str(path).split("/")
    if not isinstance(path, str) or not path.startswith("/offers/") or ".." in parts or len(parts) < 3:
        raise NoPriceList(f"region_index.json, {region}: given {path!r}; allowed: a path that begins with /offers/.")
    version = parts[-3]
    if not version.isalnum():
        raise NoPriceList(f"region_index.json, {region}: given version {version!r}; allowed: letters and digits.")
    return PriceFile(region=region, path=path, version=version)


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, dict):
        raise NoPriceList(f"price list index: given no {name!r}; allowed: an index of AWS's price list.")
    return table
