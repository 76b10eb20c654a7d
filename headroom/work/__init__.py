"""Where work is done: pools of processes, the app's queue of tasks, a cluster. Imports no Streamlit."""
