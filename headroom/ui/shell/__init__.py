"""What stands around every page: menu, frame, state and address, results, downloads."""
