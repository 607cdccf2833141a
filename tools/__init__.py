"""What the developer's house is run with; nothing here is in the wheel."""
