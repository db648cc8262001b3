"""What publishing a model changes in a stack: decided as a plan, printed or carried out."""
