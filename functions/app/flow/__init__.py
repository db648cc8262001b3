"""The flow: one file per part of the story; the only room that may use all others."""
