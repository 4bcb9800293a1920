"""The demo shop "Hearth & Thread": what its shelves hold, as plain data.  Nothing here runs outside seeding.

The pictures are rendered from 3D models, not photographed; the people and places are invented.
"""
