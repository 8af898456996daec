// The Network module. Its files arrive with its first commit.
