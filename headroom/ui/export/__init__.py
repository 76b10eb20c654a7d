"""Files that deploy what the page shows."""
