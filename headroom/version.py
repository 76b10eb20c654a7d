"""The version of the program, which the package metadata takes from here."""

VERSION = "0.1.0"
