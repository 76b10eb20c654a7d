"""What a user describes besides traffic and deployments: inert values that know no engine."""
