"""What arrives when. `spec` describes it, `sources` draws it, `trace` holds measured series, `preview` sums it up."""
