// The Simulator module. Its files arrive with its first commit.
