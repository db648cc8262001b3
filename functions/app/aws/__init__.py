"""What is done at AWS, one file per service; the only room that calls it besides the ledger."""
