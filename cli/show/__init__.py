"""What a person sees: timelines, graphs, follow-ups."""
