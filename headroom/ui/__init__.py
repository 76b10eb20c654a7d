"""What Streamlit needs that is not a page: frame, state, forms, jobs, figures. `jobs`, `worker`, `figures` do not
import it.
"""
