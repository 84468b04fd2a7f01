"""What a gate is worth, worked out on labelled answers without a call: skill, cost, quality, and beside them a coin flip."""
