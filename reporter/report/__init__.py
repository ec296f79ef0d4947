"""Footprints as people read them: one view, rendered to every face."""
