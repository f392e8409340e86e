"""Other people's data: belief and records as files that other tools read, and their files read in."""
