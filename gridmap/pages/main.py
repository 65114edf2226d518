"""The entry script Streamlit runs: takes the process's services from the composition root and hands over."""

from gridmap.bootstrap import get_services
from gridmap.pages.shell import run

run(get_services().context)
