import ArgumentParser

/// `benchmarks proofs`: how long fault proofs are, and how long it takes to check one.
struct ProofsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofs",
        abstract: "Measures fault proofs of a block of transfers and of one of token transfers.",
        discussion: """
            A committee of four, a state of accounts and of holders of one token as deep as asked for, and a fault in \
            the middle transaction. Time is that of one thread on the processor, from the bytes of a proof to its \
            verdict, the least of several rounds.
            """)

    @Option(help: "Transactions of the block.")
    var transactions = 500

    @Option(help: "Accounts of the state, and holders of the token.")
    var accounts = 10_000

    func validate() throws {
        guard transactions > 1, transactions <= 800 else { throw ValidationError("--transactions is from 2 to 800") }
        guard accounts >= transactions, accounts <= 1_000_000 else {
            throw ValidationError("--accounts is from the transactions to 1,000,000")
        }
    }

    func run() throws {
        try ProofBench(transactions: transactions, accounts: accounts).run()
    }
}
