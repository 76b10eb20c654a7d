"""Traffic files as people export them, read into counts per bin or arrival times: docs/traffic-files.md.

`read.read_traffic` is the way in. A file becomes an `Export` (rows and names of columns), `columns` says which of them
hold the time and the requests, `times` and `numbers` read these, `series` makes the trace, `tell` says what was
understood. Where a file can be read in two ways the answer is a `Question`.
"""
