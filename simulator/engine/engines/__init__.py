"""What an instance does with the requests that it holds: one file for each engine, whatever pattern it runs behind."""
