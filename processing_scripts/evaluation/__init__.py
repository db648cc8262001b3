"""How good a model is: metrics, intervals, slices, the verdict."""
