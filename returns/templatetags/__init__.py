"""Template tags of the returns app."""
