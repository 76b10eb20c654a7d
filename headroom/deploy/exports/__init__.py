"""A form in the formats that people and pipelines run: templates, scripts, policies."""
