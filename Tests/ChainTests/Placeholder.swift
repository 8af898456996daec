// Chain tests.
