// Trie tests.
