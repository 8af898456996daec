// FaultProofs tests.
