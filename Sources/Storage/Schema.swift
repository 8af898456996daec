/// How the chain lies in its file. `sqlite3 chain.sqlite .schema` prints these comments: they are the manual.
enum Schema {
    /// Raised whenever a table changes its meaning. Another version's file is refused, not converted.
    static let version = 2
    /// "FTWR", in the file's header: tells a chain from any other SQLite file.
    static let applicationID: Int32 = 0x4654_5752

    static let tables = """
        CREATE TABLE meta( -- Facts about this file.
            key TEXT PRIMARY KEY, -- schema_version, chain_id, genesis_hash, state_height, state_root, vote_log
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE blocks( -- Every validated block of the chain. Each is on the medium before the next is agreed on.
            height INTEGER PRIMARY KEY,
            hash BLOB NOT NULL, -- keccak256(header)
            timestamp_ms INTEGER NOT NULL, -- milliseconds since 1970
            transaction_count INTEGER NOT NULL,
            gas_used INTEGER NOT NULL,
            header BLOB NOT NULL, -- RLP, as Ethereum encodes it
            extension BLOB NOT NULL, -- RLP; its keccak256 is the header's extraData
            certificate BLOB, -- RLP of the commit certificate: who sealed it; NULL for genesis
            crc INTEGER NOT NULL -- CRC-32C of certificate
        ) STRICT;
        CREATE UNIQUE INDEX block_hashes ON blocks(hash);

        CREATE TABLE bodies( -- The transactions of each block.
            height INTEGER PRIMARY KEY,
            transactions BLOB NOT NULL, -- RLP list, as in Ethereum's block body
            crc INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE receipts( -- What the transactions of each block did, and who sent them.
            height INTEGER PRIMARY KEY,
            receipts BLOB NOT NULL, -- RLP list of [type, status, cumulative gas used, logs]; a bloom follows from logs
            senders BLOB NOT NULL, -- addresses of 20 bytes, end to end: recovering them is slow
            crc INTEGER NOT NULL
        ) STRICT;

        -- From here to trie_nodes: what executing the blocks gives, as of block meta.state_height. Written some
        -- blocks at a time; what is missing after a crash is executed again.

        CREATE TABLE transactions( -- Where a transaction stands.
            hash_prefix INTEGER NOT NULL, -- the first 8 bytes of its hash, as a signed integer
            height INTEGER NOT NULL,
            position INTEGER NOT NULL, -- in the block, from 0
            PRIMARY KEY (hash_prefix, height, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accounts( -- The latest state of each account.
            address BLOB PRIMARY KEY,
            nonce INTEGER NOT NULL,
            balance BLOB NOT NULL, -- peb, big-endian without leading zeros
            code_hash BLOB, -- NULL without code
            crc INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE storage( -- The latest words of contracts; zeros have no row.
            address BLOB NOT NULL,
            slot BLOB NOT NULL, -- big-endian without leading zeros, like value
            value BLOB NOT NULL,
            crc INTEGER NOT NULL,
            PRIMARY KEY (address, slot)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE code( -- Contract code by its keccak256.
            hash BLOB PRIMARY KEY,
            code BLOB NOT NULL
        ) STRICT;

        CREATE TABLE account_history( -- What each block changed: the account BEFORE it. The account at height h is
            -- the row with the lowest height above h, or else the row in accounts.
            height INTEGER NOT NULL,
            address BLOB NOT NULL,
            nonce INTEGER, -- NULL: there was no account
            balance BLOB,
            code_hash BLOB,
            crc INTEGER NOT NULL,
            PRIMARY KEY (height, address)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX account_history_by_address ON account_history(address, height);

        CREATE TABLE storage_history( -- As account_history, for words of contracts.
            height INTEGER NOT NULL,
            address BLOB NOT NULL,
            slot BLOB NOT NULL,
            value BLOB NOT NULL, -- empty: zero
            crc INTEGER NOT NULL,
            PRIMARY KEY (height, address, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX storage_history_by_slot ON storage_history(address, slot, height);

        CREATE TABLE trie_nodes( -- The latest Merkle Patricia tries; nodes shorter than 32 bytes lie in their parents.
            owner BLOB NOT NULL, -- empty: the account trie; else keccak256 of the address whose storage it is
            path BLOB NOT NULL, -- nibbles packed in bytes, then a byte with their number
            node BLOB NOT NULL, -- RLP
            PRIMARY KEY (owner, path)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE verdicts( -- What this node found when it executed a certified block itself.
            height INTEGER NOT NULL,
            hash BLOB NOT NULL,
            valid INTEGER NOT NULL, -- 1 or 0
            rule TEXT, -- the broken rule
            expected TEXT,
            found TEXT,
            judged_ms INTEGER NOT NULL, -- milliseconds since 1970
            PRIMARY KEY (height, hash)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE faults( -- Proofs that somebody broke the rules, checked by this node.
            id BLOB PRIMARY KEY, -- keccak256(proof)
            kind TEXT NOT NULL,
            rule TEXT NOT NULL,
            height INTEGER NOT NULL,
            round INTEGER,
            block BLOB NOT NULL,
            guilty BLOB NOT NULL, -- addresses of 20 bytes, end to end
            expected TEXT NOT NULL,
            found TEXT NOT NULL,
            origin TEXT NOT NULL, -- who brought it
            first_seen_ms INTEGER NOT NULL, -- milliseconds since 1970
            proof BLOB NOT NULL -- RLP
        ) STRICT;
        CREATE INDEX faults_by_height ON faults(height);

        CREATE TABLE votes( -- What validators signed lately, wherever a ranger heard it: two of one validator that
            -- contradict each other convict it (QBFT.md, E1 to E6). The genesis is in what is signed.
            height INTEGER NOT NULL,
            validator BLOB NOT NULL, -- address of 20 bytes
            round INTEGER NOT NULL, -- voted in; of a round change, the round that is asked for
            kind TEXT NOT NULL, -- proposal, prepare, commit or roundChange
            block BLOB NOT NULL, -- voted for; of a round change, the block prepared before, or zeros
            prepared_round INTEGER, -- of a round change that names a block: the round in which it was prepared
            content BLOB, -- of a proposal: keccak256 of the whole block
            justification BLOB, -- of a proposal of a round above 0: keccak256 of its reasons
            signature BLOB NOT NULL, -- P-256, r and s of 32 bytes each
            PRIMARY KEY (height, validator, round, kind, signature)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX votes_by_validator ON votes(validator, round);

        CREATE TABLE followed( -- Certified blocks above a validated head that is frozen because of a fault.
            height INTEGER NOT NULL,
            hash BLOB NOT NULL,
            block BLOB NOT NULL, -- RLP of [block, certificate], as peers send it
            crc INTEGER NOT NULL,
            PRIMARY KEY (height, hash)
        ) STRICT;
        """

    /// How the owning connection works.
    ///
    /// WAL: readers see a still moment while a block is written. FULL: a commit returns when it is on the medium, so
    /// a sealed block outlives the power, and no node has to ask what it once agreed on: votes of finalised
    /// heights can go at once. It costs one sync a block (of three or four, with those of the vote log).
    static let ownerPragmas = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -\(ownerCacheKiB);
        PRAGMA temp_store = MEMORY;
        PRAGMA cell_size_check = ON;
        PRAGMA wal_autocheckpoint = \(walPagesMax);
        PRAGMA journal_size_limit = \(walBytesKept);
        """

    static let readerPragmas = """
        PRAGMA cache_size = -\(readerCacheKiB);
        PRAGMA temp_store = MEMORY;
        PRAGMA cell_size_check = ON;
        PRAGMA query_only = ON;
        """

    /// SQLite's own page cache, for the connection that writes.
    static let ownerCacheKiB = 6 << 10
    /// SQLite's own page cache, for each connection that reads.
    static let readerCacheKiB = 2 << 10
    /// The write-ahead log is copied into the file after a flush; at this many pages of 4 KiB also without one.
    static let walPagesMax = 8_192
    /// The write-ahead log is cut back to this size once it has been copied.
    static let walBytesKept = 32 << 20
}
