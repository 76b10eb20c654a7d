"""Everything that can be exported: `registry.EXPORTS` lists the formats, which page and command line both offer."""
