"""The page Export and deploy: who may deploy, what is under way, and what is shown of it."""
