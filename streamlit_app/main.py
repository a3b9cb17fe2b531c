import streamlit as st
from streamlit_app.access.current import current_session
s = current_session()
st.title("Painel")
st.metric("Ruptura", "2,8 %", "-0,3")
st.write(s.display_name, s.role, dict(st.context.headers).get("Host"))
st.html('<a href="/idioma?para=en&next=/painel" target="_self">English</a><form method="post" action="/sair"><button>Sair</button></form><span style="color:light-dark(red,lime)">x</span>')
import pandas as pd
st.dataframe(pd.DataFrame({"a":[1234567.891]}), column_config={"a": st.column_config.NumberColumn(format="localized")})
