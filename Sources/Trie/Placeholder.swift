// The Trie module. Its files arrive with its first commit.
