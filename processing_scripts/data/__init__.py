"""Rows as files hold them: read, checked, split, profiled, and what is learnt of their columns."""
