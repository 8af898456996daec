// The Consensus module. Its files arrive with its first commit.
