"""What the ledger keeps of watching: windows of what was measured of the version that serves."""
