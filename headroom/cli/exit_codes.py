"""What the program returns to the shell."""

FINE, WRONG_INPUT, NONE_MEETS, NOT_WRITTEN, NOT_DONE, STOPPED = 0, 2, 3, 4, 5, 130
