"""How each shipped table follows from the copies in `sources`: places, sites, hardware."""
