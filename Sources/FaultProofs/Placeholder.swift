// The FaultProofs module. Its files arrive with its first commit.
