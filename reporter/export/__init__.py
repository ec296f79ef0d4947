"""Faces for machines: the footprint as JSON, both ways, and as CSV."""
