"""Things that requests name and that are not there, where moto fails over them instead of saying so."""
