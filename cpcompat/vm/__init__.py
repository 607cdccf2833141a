"""What runs inside the program's process: the names it imports and the world it sees."""
