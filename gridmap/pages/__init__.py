"""The Streamlit pages: read state, call one service, show one view."""
