"""Which of several trained models is the best, by one measure of error for all."""


def error(metric, value):
    """Mean squared error, from whatever the algorithm told."""
    return value**2 if metric.endswith("rmse") else value


def best(results):
    """The name of the model with the least error; ``results`` is name -> (metric, value)."""
    return min(results, key=lambda name: error(*results[name]))
