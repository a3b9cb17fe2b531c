"""Where the reader is: path and query of the page, for links that come back to it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import streamlit as st


def here() -> str:
    """Path and query of the page as it is now; every filter is in it."""
    path = urlsplit(st.context.url or "").path or "/"
    query = query_string()
    return path + (f"?{query}" if query else "")


def query_string() -> str:
    """The query of the page as it is now."""
    pairs = [f"{quote(key)}={quote(one)}" for key in st.query_params for one in st.query_params.get_all(key)]
    return "&".join(pairs)
