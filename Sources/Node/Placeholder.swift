// The Node module. Its files arrive with its first commit.
