"""What the gate asks about: the operator's settings, and who is behind this run of the script."""

from __future__ import annotations

import os
from collections.abc import Mapping

import streamlit as st
from streamlit import config

from headroom.locations import ALLOW_DEPLOY_VARIABLE, DEPLOYERS_VARIABLE, HOSTS_VARIABLE, hostname
from headroom.ui.deploy.gate import Operator, Visitor

_OF_PROXIES = (
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
    *("true-client-ip", "cf-connecting-ip", "x-client-ip", "x-forwarded"),
)


def operator() -> Operator:
    """What the environment of this process and Streamlit's settings say."""
    deployers = os.environ.get(DEPLOYERS_VARIABLE, "").split(",")
    return Operator(
        allows=os.environ.get(ALLOW_DEPLOY_VARIABLE, "") == "1",
        deployers=frozenset(email.strip().lower() for email in deployers if email.strip()),
        address=str(config.get_option("server.address") or ""),
        more_names=bool(os.environ.get(HOSTS_VARIABLE, "").strip()),
    )


def visitor() -> Visitor:
    """Who has this tab: by its connection, and by the login that Streamlit knows."""
    headers, address = connection()
    user = st.user.to_dict()
    logged_in = bool(user.get("is_logged_in"))
    return Visitor(
        host=hostname(f"//{headers.get('host', '')}"),
        address=address,
        by_proxy=any(name in headers for name in _OF_PROXIES),
        email=str(user.get("email") or "") if logged_in else "",
        verified=str(user.get("email_verified", True)).lower() == "true",
    )


def connection() -> tuple[Mapping[str, str], str]:
    """Headers of this tab's connection, by names in small letters, and where it comes from: "" is this machine."""
    headers = {name.lower(): value for name, value in st.context.headers.to_dict().items()}
    return headers, st.context.ip_address or ""


def can_log_in() -> bool:
    """Tell whether the operator has set up a login ([auth] in Streamlit's secrets) that this visitor has not used."""
    return st.user.to_dict().get("is_logged_in") is False
