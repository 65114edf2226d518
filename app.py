"""gridmap as one application: `python app.py`, or `streamlit run app.py`."""

from gridmap.web.server import build_app, run

app = build_app()

if __name__ == "__main__":
    run(app)
