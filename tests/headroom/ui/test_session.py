"""Whether a browser tab is still open, asked of a real server with a real connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from headroom.ui.shell.session import connected
from scripts import serving

PATIENCE_S = 120.0
SCRIPT = """
import threading, time
from pathlib import Path
from headroom.ui.shell import session

def look(name, file):
    while True:
        file.with_suffix(".new").write_text(str(session.connected(name)))
        file.with_suffix(".new").rename(file)
        time.sleep(0.05)

threading.Thread(target=look, args=(session.watcher(), Path(__file__).with_name("seen")), daemon=True).start()
"""


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_tab_is_connected_until_it_is_closed(tmp_path: Path):
    (tmp_path / "page.py").write_text(SCRIPT)
    seen = tmp_path / "seen"
    with serving.app(script=str(tmp_path / "page.py")) as url:
        with connect(f"{url.replace('http', 'ws')}/_stcore/stream", subprotocols=[Subprotocol("streamlit")]) as tab:
            tab.send(BackMsg(rerun_script=ClientState()).SerializeToString())
            until(lambda: seen.exists() and seen.read_text() == "True")
        until(lambda: seen.read_text() == "False")


def test_without_a_server_everybody_is_there():
    assert connected("somebody")
