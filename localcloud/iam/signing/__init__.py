"""Whether a link is as its maker signed it."""
