"""The patterns that SageMaker offers, one folder each; `registry` lists them."""
