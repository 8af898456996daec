// The Ranger module. Its files arrive with its first commit.
