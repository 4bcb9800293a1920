"""Sentences made of what queries found, for pages and mails."""
