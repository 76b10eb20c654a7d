"""The fast answer: what a run would say, in a fraction of a second, with an error estimate (docs/fast-answer.md)."""
