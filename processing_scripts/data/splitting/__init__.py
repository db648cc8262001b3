"""Which rows are learnt from, which stop the learning, and which judge."""
