"""What earlier runs tell, from the store that the settings name."""
