"""A scenario edited in the browser, on this machine alone: `qsim edit FOLDER`."""
