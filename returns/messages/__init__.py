"""What returns say, in words."""
