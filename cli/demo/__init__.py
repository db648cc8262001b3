"""The main job, shown whole."""
