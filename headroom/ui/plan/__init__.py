"""Plan, the first page: the decision, its picture, the patterns in a row each, and the user's own deployments."""
