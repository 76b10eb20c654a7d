"""Everything that can be taken away: `registry.EXPORTS` lists the formats, which page and command line both offer."""
