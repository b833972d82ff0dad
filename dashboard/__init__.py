"""The Streamlit app: thin pages over functions that know nothing of Streamlit."""
