"""What the program returns to the shell."""

FINE, WRONG_INPUT, NONE_MEETS, STOPPED = 0, 2, 3, 130
