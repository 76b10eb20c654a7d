"""The search for the best deployment of every pattern: screened with the fast answer, decided by exact runs."""
