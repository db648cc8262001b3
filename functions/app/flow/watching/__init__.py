"""Watching what serves: what was measured of it is kept, window by window, and begins runs by itself."""
