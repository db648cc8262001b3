"""Models, endpoints and who answers behind them."""
