// The Configuration module. Its files arrive with its first commit.
