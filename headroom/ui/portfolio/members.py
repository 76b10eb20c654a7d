"""The workloads of the portfolio: a card for each with what it should run on, what the user would choose instead, and
ways in and out: the current scenario, presets, files.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from headroom.advisor.baseline import AlwaysOn
from headroom.advisor.portfolio.description import MAX_WORKLOADS, Member, Portfolio
from headroom.advisor.portfolio.totals import Choice, PortfolioPlan
from headroom.advisor.tell import cost_text, limit_text, words
from headroom.errors import BadTrace
from headroom.sharing.portfolio_file import gather, no_files
from headroom.sharing.presets import PRESETS
from headroom.sharing.toml_file import MAX_CHARS, parse
from headroom.ui.plan.cards import clause_line, configuration
from headroom.ui.portfolio import portfolio_state
from headroom.ui.portfolio.progress import PlannedWorkload
from headroom.ui.shell import cached, menu, state
from headroom.ui.widgets.plain_text import lines, md
from headroom.ui.workload.files import MOST_FILE_MB
from simulator.errors import HeadroomError
from simulator.patterns.registry import Deployment
from simulator.scenario import MAX_DEPLOYMENTS, Scenario

SEARCHED = "The best found"
COLUMNS = {1: 2, 2: 2, 4: 2}


def cards(portfolio: Portfolio, workloads: Sequence[PlannedWorkload], plan: PortfolioPlan | None) -> None:
    """Draw one card per workload, in the portfolio's order."""
    with st.grid(COLUMNS.get(len(workloads), 3), min_column_width=290):
        for index, workload in enumerate(workloads):
            with st.container(border=True, height="stretch"):
                _card(portfolio, index, workload, plan)


def bare(portfolio: Portfolio) -> None:
    """Draw the workloads with a button to remove each, for when the portfolio as a whole cannot be planned."""
    for index, member in enumerate(portfolio.workloads):
        with st.container(border=True):
            st.markdown(f"**{md(member.scenario.workload.name)}**")
            _buttons(portfolio, index, None)


def add(portfolio: Portfolio) -> None:
    """Draw the ways to add workloads, and to begin anew."""
    with st.expander("Add workloads, or open a portfolio file", icon=":material/add:", key="portfolio-add"):
        _current(portfolio)
        _presets(portfolio)
        _files()
        with st.container(horizontal=True):
            st.button(
                "Back to the company of the presets",
                icon=":material/restart_alt:",
                on_click=_set_portfolio,
                args=(cached.company_portfolio(),),
                disabled=portfolio == cached.company_portfolio(),
            )
            st.button(
                "Remove all workloads",
                icon=":material/delete_sweep:",
                on_click=_set_portfolio,
                args=(portfolio.model_copy(update={"workloads": ()}),),
                disabled=not portfolio.workloads,
                help="Undo brings them back.",
            )


def _card(portfolio: Portfolio, index: int, workload: PlannedWorkload, plan: PortfolioPlan | None) -> None:
    st.markdown(f"**{md(workload.member.scenario.workload.name)}**")
    best = None if plan is None else plan.best.choices[index]
    if best is None:
        st.badge("Looking for the first time", icon=":material/hourglass_empty:", color="gray")
    else:
        _best(best, exact=workload.plan is not None, doubt=workload.doubt)
    st.caption(md(_usual(workload.always_on)))
    _choose(portfolio, index, workload, best)
    if workload.member.fixed is not None and plan is not None and plan.fixed is not None:
        _fixed_figures(plan.fixed.choices[index], exact=workload.fixed is not None)
    _buttons(portfolio, index, None if workload.plan is None or best is None else best.deployment)


def _best(choice: Choice, *, exact: bool, doubt: str) -> None:
    st.caption("Nothing that AWS allows" if choice.deployment is None else md(configuration(choice.deployment)))
    _badge(choice, exact=exact, sure=not doubt)
    cost = choice.cost_usd_per_month
    if cost is not None:
        st.metric("Cost a month", f"{cost_text.qualifier(choice)}{words.dollars(cost.value)}")
        st.caption(md(words.interval(cost, words.dollars)))
    _clauses(choice)
    if doubt:
        st.caption(md(doubt))
    if exact and not choice.decided:
        st.caption("Not decided: another deployment cannot be told from it at 95 %.")


def _badge(choice: Choice, *, exact: bool, sure: bool) -> None:
    if choice.deployment is None or choice.ruled_out:
        st.badge("Ruled out", icon=":material/block:", color="red")
    elif not exact and not sure:
        st.badge("Preview: not sure", icon=":material/help:", color="gray")
    elif not exact:
        verb = "meets" if choice.meets else "does not meet"
        st.badge(f"Preview: {verb}", icon=":material/bolt:", color="blue")
    elif choice.meets:
        st.badge("Meets", icon=":material/check:", color="green")
    else:
        st.badge("Does not meet", icon=":material/close:", color="orange")


def _clauses(choice: Choice) -> None:
    for clause in choice.clauses:
        if clause.key == "deferred" and clause.met:
            continue
        st.markdown(clause_line(clause))


def _usual(part: AlwaysOn) -> str:
    sentence = (
        f"Always-on real-time: {part.instances:,} × {part.instance_type}, {words.dollars(part.cost_usd_per_month)}"
    )
    limits = "; ".join(map(limit_text.short, part.limits))
    return f"{sentence} a month{f'. Forbidden: {limits}' if limits else ''}."


def _choose(portfolio: Portfolio, index: int, workload: PlannedWorkload, best: Choice | None) -> None:
    """Draw the choice of the deployment that the user would have the workload run on."""
    options: list[Deployment | None] = [None, *_deployment_options(workload, best)]
    fixed = workload.member.fixed
    picked = st.selectbox(
        "In your own mapping",
        range(len(options)),
        index=options.index(fixed),
        format_func=lambda n: SEARCHED if (choice := options[n]) is None else choice.name,
        key=f"fixed{state.epoch()}:{index}:{len(options)}",
        help="Fix a deployment, and the whole is simulated and priced with it too, beside the best. To offer another"
        " one here, open the workload, add it there and put it back.",
    )
    if options[picked] != fixed:
        _change(portfolio, index, workload.member.model_copy(update={"fixed": options[picked]}))


def _deployment_options(workload: PlannedWorkload, best: Choice | None) -> list[Deployment]:
    """Return the deployments of the scenario, then those that the search found, each once."""
    deployments = [] if best is None or workload.plan is None else [choice.deployment for choice in best.others]
    first = [] if best is None or workload.plan is None or best.deployment is None else [best.deployment]
    fixed = [] if workload.member.fixed is None else [workload.member.fixed]
    return list(dict.fromkeys([*workload.member.scenario.deployments, *fixed, *first, *deployments]))


def _fixed_figures(choice: Choice, *, exact: bool) -> None:
    cost = choice.cost_usd_per_month
    cost_text = "no price" if cost is None else f"{words.precise(cost, words.dollars)} a month"
    if choice.latency_s is not None:
        cost_text += f", {choice.latency_name} {words.precise(choice.latency_s, words.seconds)}"
    lead = "Yours" if exact else "Yours, a preview"
    if choice.ruled_out:
        limits = "; ".join(map(limit_text.short, choice.ruled_out))
        st.markdown(f":material/block: {lead}: ruled out, {md(limits)}")
        return
    icon, verb = (":material/check:", "meets") if choice.meets else (":material/close:", "does not meet")
    st.markdown(f"{icon} {lead}: {md(cost_text)}: {verb}")
    for clause in choice.clauses:
        if not clause.met:
            st.markdown(f":material/close: {md(f'{clause.title} {clause.value}, {clause.limit}')}")


def _buttons(portfolio: Portfolio, index: int, deployment: Deployment | None) -> None:
    member = portfolio.workloads[index]
    name = md(member.scenario.workload.name)
    with st.container(horizontal=True):
        if st.button(
            "Open in Plan",
            key=f"open-{index}",
            icon=":material/open_in_new:",
            help=f"Makes {name} the scenario of the other pages, with the best found among its deployments.",
        ):
            state.put(_with(member.scenario, deployment), fresh=True)
            st.switch_page(next(entry.file for entry in menu.PAGES if entry.default))
        st.button(
            "Remove",
            key=f"remove-{index}",
            icon=":material/delete:",
            on_click=_set_portfolio,
            args=(_replaced(portfolio, index, ()),),
            help=f"Takes {name} out of the portfolio. Undo brings it back.",
        )


def _with(scenario: Scenario, deployment: Deployment | None) -> Scenario:
    """Return the scenario with one more deployment, where there is room for it."""
    deployments = scenario.deployments
    if deployment is None or deployment in deployments or len(deployments) >= MAX_DEPLOYMENTS:
        return scenario
    return scenario.model_copy(update={"deployments": (*deployments, deployment)})


def _current(portfolio: Portfolio) -> None:
    """Draw the button that adds the scenario of the other pages, or puts it back in its place."""
    scenario = state.scenario()
    name = scenario.workload.name
    index = next((n for n, member in enumerate(portfolio.workloads) if member.scenario.workload.name == name), None)
    if index is None:
        st.button(
            f"Add the current scenario: {md(name)}",
            icon=":material/add:",
            on_click=_set_portfolio,
            args=(_added(portfolio, [Member(scenario=scenario)]),),
            disabled=len(portfolio.workloads) >= MAX_WORKLOADS,
        )
        return
    fixed = portfolio.workloads[index].fixed
    st.button(
        f"Put the current scenario in place of {md(name)}",
        icon=":material/sync:",
        on_click=_set_portfolio,
        args=(_replaced(portfolio, index, (Member(scenario=scenario, fixed=fixed),)),),
        disabled=portfolio.workloads[index].scenario == scenario,
        help="The current scenario is the one of the other pages; it has the name of a workload here.",
    )


def _presets(portfolio: Portfolio) -> None:
    st.markdown("**Presets**")
    with st.container(horizontal=True):
        for preset in PRESETS:
            st.button(
                preset.title,
                key=f"portfolio-preset-{preset.key}",
                icon=":material/add:",
                on_click=_set_portfolio,
                args=(_added(portfolio, [Member(scenario=cached.preset(preset.key))]),),
                disabled=len(portfolio.workloads) >= MAX_WORKLOADS,
            )


def _files() -> None:
    files = st.file_uploader(
        "Scenario files are added; a portfolio file takes the place of everything (TOML)",
        type=["toml"],
        max_upload_size=MOST_FILE_MB,
        accept_multiple_files=True,
        key=f"portfolio-files{state.epoch()}",
    )
    if files:
        _use(files)


def _use(files: Sequence[UploadedFile]) -> None:
    """Take the files into the portfolio, or say what is wrong with them and leave the portfolio unchanged."""
    try:
        gathered = gather([(file.name, _text(file)) for file in files], lambda _file, name: no_files(name))
    except HeadroomError as error:
        st.error(f"The files cannot be used; the portfolio is unchanged.\n\n{lines(str(error))}")
        return
    whole = any(_is_whole(file) for file in files)
    new = gathered if whole else _added(portfolio_state.portfolio(), gathered.workloads)
    portfolio_state.change(new, fresh=True)


def _is_whole(file: UploadedFile) -> bool:
    """Tell whether a readable file is a portfolio rather than a scenario."""
    return "workloads" in parse(_text(file))


def _text(file: UploadedFile) -> str:
    data = file.getvalue()
    if len(data) > MAX_CHARS:
        raise BadTrace(f"{file.name} has {len(data):,} bytes; at most {MAX_CHARS:,} are read.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTrace(f"{file.name} is not UTF-8 text (byte {error.start}).") from error


def _added(portfolio: Portfolio, members: Sequence[Member]) -> Portfolio:
    """Return the portfolio with further members, each under a name of its own, at most MAX_WORKLOADS in all."""
    workloads = list(portfolio.workloads)
    for member in members[: MAX_WORKLOADS - len(workloads)]:
        names = {member.scenario.workload.name for member in workloads}
        workloads.append(member.model_copy(update={"scenario": _own_name(member.scenario, names)}))
    return portfolio.model_copy(update={"workloads": tuple(workloads)})


def _own_name(scenario: Scenario, names: set[str]) -> Scenario:
    """Return the scenario, with a number after its name where another workload has that name."""
    name = scenario.workload.name
    candidates = [name, *(f"{name[:70]} {number}" for number in range(2, MAX_WORKLOADS + 2))]
    free = next(candidate for candidate in candidates if candidate not in names)
    return scenario.model_copy(update={"workload": scenario.workload.model_copy(update={"name": free})})


def _replaced(portfolio: Portfolio, index: int, members: Sequence[Member]) -> Portfolio:
    workloads = portfolio.workloads
    return portfolio.model_copy(update={"workloads": (*workloads[:index], *members, *workloads[index + 1 :])})


def _change(portfolio: Portfolio, index: int, member: Member) -> None:
    portfolio_state.change(_replaced(portfolio, index, (member,)))


def _set_portfolio(new: Portfolio) -> None:
    portfolio_state.put(new, fresh=True)
