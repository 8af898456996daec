// Network tests.
