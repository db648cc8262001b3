"""How often what watches a model cries wolf, and how often it sees a wolf, by simulation."""
