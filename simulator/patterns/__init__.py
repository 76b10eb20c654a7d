"""The patterns SageMaker offers, one file each: what can be configured, what rules it out, how it runs, what it uses.

PATTERNS is the one list that forms, command line, tables, docs and tests iterate.
"""
