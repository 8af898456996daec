// RPC tests.
