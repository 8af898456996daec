// The Storage module. Its files arrive with its first commit.
