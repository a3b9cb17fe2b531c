"""Materials: the searchable list, one line per material and site; a click opens the material."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import EVERYBODY
from streamlit_app.access.sessions import Session
from streamlit_app.data import items
from streamlit_app.data.filters import Filters
from streamlit_app.data.freshness import Freshness
from streamlit_app.data.panel import RISK_THRESHOLD
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import t, tn, value
from streamlit_app.navigation import go
from streamlit_app.ui import bound, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty

ACTIONS = ("REORDER", "EXPEDITE", "REALLOCATE", "SUBSTITUTE", "REDUCE", "DISPOSE", "HOLD")
