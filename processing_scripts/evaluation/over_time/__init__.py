"""How a model does in rows that are ever newer than those that it has learnt from."""
