// Primitives tests.
