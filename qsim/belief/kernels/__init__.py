"""The numba loops: pure functions on arrays, each with a plain NumPy twin in the tests that it must equal."""
