"""What a command is about to change, as data: made by a pure function, printed or done."""
