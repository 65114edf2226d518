"""gridmap as one application: `python app.py`, or `streamlit run app.py`."""

import streamlit as st

import gridmap.pages.shell  # noqa: F401 - the first visitor does not wait for the pages to be imported
from gridmap.web.server import ENTRY, MIDDLEWARE, ROUTES, run, run_services

# Written out here: `streamlit run` looks for this call in the text of this file.
app = st.App(ENTRY, routes=ROUTES, middleware=MIDDLEWARE, lifespan=run_services)

if __name__ == "__main__":
    run(app)
