import ArgumentParser

/// `benchmarks curves`: what the precompiled contracts on curves take.
struct CurvesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curves",
        abstract: "Times the precompiled contracts on BN254 and BLS12-381.",
        discussion: """
            Time is that of one thread on the processor, the least of several rounds. The last column is what a block \
            of 60 million gas takes that holds nothing else.
            """)

    func run() throws {
        try CurveBenchmarks.run()
    }
}
