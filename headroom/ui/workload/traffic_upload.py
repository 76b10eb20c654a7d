"""A traffic file that a visitor brings: it is read by a worker process, with progress and a button that stops it; what
it leaves open is asked, and what was understood is said in a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from zoneinfo import available_timezones

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from headroom.advisor.tell import words
from headroom.errors import BadTrace
from headroom.traffic_files.limits import MAX_FILE_BYTES
from headroom.traffic_files.questions import Answers, Question
from headroom.traffic_files.reading import TrafficReading, Understood, applied
from headroom.ui.shell import cached, long_work, state
from headroom.ui.widgets.plain_text import lines, md
from headroom.ui.workload.coarser import fitting
from simulator.traffic.kinds import DAY_S, Counts, Timestamps
from simulator.traffic.sources import span_s

_LABEL = "Traffic: what CloudWatch, Prometheus, Grafana, load tests, Excel or access logs give"
_HELP = (
    "CSV, Excel (xlsx), JSON or an access log, perhaps packed with gzip, at most"
    f" {MAX_FILE_BYTES // 2**20} MB. It is read on this server and kept only in this session."
)
_ANSWERS, _SAID = "traffic_answers", "traffic_said"
_MOST_FILES = 8
MOST_DAYS = 31


def show() -> None:
    """Draw the upload of a traffic file; one that is understood becomes the traffic of the scenario."""
    file = st.file_uploader(_LABEL, max_upload_size=MAX_FILE_BYTES // 2**20, key=f"trace{state.epoch()}", help=_HELP)
    if file is None:
        return
    understood = _understood(file)
    if understood is None:
        return
    if understood.question is not None:
        _ask(file, understood.question)
    elif understood.reading is not None:
        _use(understood.reading)
    else:
        st.error(f"**{md(file.name)}** cannot be used; the scenario is unchanged.\n\n{lines(understood.problem)}")


def said() -> None:
    """Draw what was understood of the file that the present traffic comes from; nothing if it comes from none."""
    traffic, sentence, exact = st.session_state.get(_SAID, (None, "", None))
    if traffic is None or traffic != state.scenario().workload.traffic:
        return
    st.caption(f"Read: {md(sentence)}.")
    _offer_whole(traffic)
    if exact != traffic:
        st.button(
            "Keep every count as it is",
            on_click=_keep_exactly,
            args=(exact,),
            key="traffic-exact",
            help="The trace then does not fit into a link; it is kept on this server for this tab.",
        )


def _understood(file: UploadedFile) -> Understood | None:
    """What a worker makes of the file; None while it is at work, and when it was stopped."""
    data = file.getvalue()
    if len(data) > MAX_FILE_BYTES:
        return Understood(problem=f"given {len(data):,} bytes; allowed: at most {MAX_FILE_BYTES:,}.")
    order = cached.order("read_traffic", path=_kept(data), name=file.name, answers=_answers(file))
    status = long_work.ask(order, f"reading {file.name[:60]}", pool=cached.quick_pool())
    return status.result if isinstance(status.result, Understood) else None


def _kept(data: bytes) -> str:
    """The path of a file with these bytes, for the worker. The newest few of all visitors are kept."""
    folder = Path(cached.upload_folder())
    path = folder / hashlib.sha256(data).hexdigest()
    if not path.exists():
        part = path.with_suffix(".part")
        try:
            part.write_bytes(data)
            part.replace(path)
            for old in sorted(folder.iterdir(), key=lambda other: other.stat().st_mtime)[:-_MOST_FILES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise BadTrace(f"the file cannot be kept while it is read ({error.strerror}).") from error
    return str(path)


def _answers(file: UploadedFile) -> Answers:
    of, answers = st.session_state.get(_ANSWERS, ("", None))
    return answers if of == file.file_id and isinstance(answers, Answers) else Answers()


def _ask(file: UploadedFile, question: Question) -> None:
    """Draw the question; its answer reads the file again."""
    labels = {option.value: option.label for option in question.options}
    values = list(labels)
    if question.is_open:
        values += sorted(available_timezones() - labels.keys())
    answer = st.selectbox(
        question.text,
        values,
        index=None,
        format_func=lambda value: labels.get(str(value), str(value)),
        placeholder="Choose",
        key=f"traffic-{question.key}-{file.file_id}",
    )
    if answer is not None:
        st.session_state[_ANSWERS] = (file.file_id, replace(_answers(file), **{question.key: answer}))
        st.rerun()


def _use(reading: TrafficReading) -> None:
    """Make the traffic of a file that of the scenario, and say what was understood.

    A trace that does not fit into the link is rounded where that makes it fit and loses about what chance moves.
    """
    exact = applied(state.scenario(), reading)
    fit = fitting(exact, same_bins=True)
    loss = f"; {fit.loss}, so that it fits into the link" if fit is not None and fit.loss else ""
    scenario = exact if fit is None else fit.scenario
    sentence = f"{reading.format}: {reading.sentence}{loss}"
    st.session_state[_SAID] = (scenario.workload.traffic, sentence, exact.workload.traffic)
    st.toast(f"Read: {md(sentence)}.", icon=":material/check:")
    state.change(scenario, fresh=True)


def _offer_whole(traffic: Counts | Timestamps) -> None:
    """Offer a horizon of all whole days of the trace where the present one is shorter."""
    simulation = state.scenario().simulation
    days = min(int((traffic.starts_at_s % DAY_S + span_s(traffic, {})) // DAY_S), MOST_DAYS)
    if days * DAY_S > simulation.duration_s:
        st.button(
            f"Make the horizon {days} days, as the trace is",
            on_click=_set_days,
            args=(days,),
            key="traffic-days",
            help=f"The horizon is {words.seconds(simulation.duration_s)}: the rest of the trace is not simulated.",
        )


def _set_days(days: int) -> None:
    scenario = state.scenario()
    simulation = scenario.simulation.model_copy(update={"duration_s": days * DAY_S})
    state.put(scenario.model_copy(update={"simulation": simulation}), fresh=True)


def _keep_exactly(traffic: Counts | Timestamps) -> None:
    scenario = state.scenario()
    workload = scenario.workload.model_copy(update={"traffic": traffic})
    state.put(scenario.model_copy(update={"workload": workload}), fresh=True)
