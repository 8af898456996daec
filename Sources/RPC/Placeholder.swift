// The RPC module. Its files arrive with its first commit.
