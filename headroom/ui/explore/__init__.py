"""The Explore page: the efficient set and the what-ifs."""
