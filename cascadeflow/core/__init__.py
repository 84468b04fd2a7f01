"""The agent and how it carries a plan out."""
