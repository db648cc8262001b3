"""What a model file may say of runs that begin by themselves."""
