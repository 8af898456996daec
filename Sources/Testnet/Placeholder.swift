// The Testnet module. Its files arrive with its first commit.
