"""What a machine and a repository have to offer, for `doctor` and `init`."""
