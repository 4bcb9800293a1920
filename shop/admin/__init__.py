"""The admin: Django's own, in our colours."""
