// The Validation module. Its files arrive with its first commit.
