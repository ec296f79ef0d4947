"""What a job comes to: its readings or footprints, under the settings, with the tables that apply."""
