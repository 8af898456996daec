// The EVM module. Its files arrive with its first commit.
