"""Language models: what one copy of a model does on its GPUs, from the model's sizes, datasheets and fitted shares."""
