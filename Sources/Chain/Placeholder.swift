// The Chain module. Its files arrive with its first commit.
