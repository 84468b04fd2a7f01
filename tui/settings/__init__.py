"""What the settings screen is made of: the schema as shapes, a draft of values, rows, and the editors of fields."""
