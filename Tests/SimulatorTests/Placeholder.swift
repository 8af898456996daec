// Simulator tests.
