// Crypto tests.
