"""Shapes: as posted, as stored, as shown."""
