"""Overhead and speed of the reporter, as ratios against what a user would pick instead: `make bench`."""
