"""Pages and hooks of support."""
