"""Widgets that any page may use: forms made from fields, lists of numbers, harmless text."""
