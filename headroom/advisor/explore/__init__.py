"""What if: break-even curves, what would change the answer, sensitivities, maps, rules of thumb (docs/explore.md)."""
