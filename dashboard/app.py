"""The script Streamlit runs for every page; started by ``callqa dashboard``."""

from callqa.dashboard.shell import main

main()
