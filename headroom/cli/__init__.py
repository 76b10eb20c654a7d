"""The command line: the program without a browser."""
