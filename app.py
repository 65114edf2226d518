"""gridmap as one application: `python app.py`, or `streamlit run app.py`."""

import streamlit as st

from gridmap.web.server import ENTRY, MIDDLEWARE, ROUTES, run, run_services

# Written out here: `streamlit run` looks for this call in the text of this file.
app = st.App(ENTRY, routes=ROUTES, middleware=MIDDLEWARE, lifespan=run_services)

if __name__ == "__main__":
    run(app)
