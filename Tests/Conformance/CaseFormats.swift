import EVM
import EthereumChain

/// What cases share, so that it is made once a process.
struct CaseTools {
    let machine = Machine()
}

/// The cases of a document, whatever its format; each entry is told by its own shape.
///
/// - Parameter name: The file's path, from which lists of precompile vectors take the contract.
func conformanceCases(in document: Any, name: String) throws -> [ConformanceCase] {
    if let list = document as? [Any] { return try precompileCases(list, name: name) }
    guard let entries = document as? FixtureObject else { throw FixtureError("neither an object nor a list") }
    if entries["precompile"] != nil { return try precompileCases(entries) }
    var cases: [ConformanceCase] = []
    for (id, value) in entries.sorted(by: { $0.key < $1.key }) {
        // Comments of older packs.
        if id.hasPrefix("//") || id.hasPrefix("_") { continue }
        guard let entry = value as? FixtureObject else {
            cases.append(unreadable(id, FixtureError("not an object")))
            continue
        }
        do {
            cases += try conformanceCases(id, entry)
        } catch {
            cases.append(unreadable(id, error))
        }
    }
    return cases
}

private func conformanceCases(_ id: String, _ entry: FixtureObject) throws -> [ConformanceCase] {
    if entry["post"] != nil { return try stateCases(id, entry) }
    if entry["blocks"] != nil {
        return [ConformanceCase(id: id) { tools throws in try runChain(entry, tools) }]
    }
    if entry["engineNewPayloads"] != nil {
        return [ConformanceCase(id: id) { _ in .notApplicable("payloads of the engine API") }]
    }
    if entry["txbytes"] != nil { return try transactionCases(id, entry) }
    throw FixtureError("of no known format: \(entry.keys.sorted().joined(separator: ", "))")
}

private func unreadable(_ id: String, _ error: any Error) -> ConformanceCase {
    let text = "\(error)"
    return ConformanceCase(id: id) { _ in .failed(text) }
}

/// The fork and blob schedule that upstream means by a name; nil where the fork is none that we run.
func namedFork(_ name: String) -> (fork: Fork, blobs: BlobSchedule)? {
    switch name {
    case "Cancun": (.cancun, .cancun)
    case "Prague": (.prague, .prague)
    case "Osaka": (.osaka, .prague)
    case "BPO1": (.osaka, .firstBlobFork)
    case "BPO2": (.osaka, .secondBlobFork)
    default: nil
    }
}

/// The same with the numbers of the file's `config`, where it has them. Forks that change the blobs alone (EIP-7892)
/// may have any number.
func namedFork(_ name: String, config: FixtureObject?) throws -> (fork: Fork, blobs: BlobSchedule)? {
    let known = namedFork(name)
    guard let schedule = (config?["blobSchedule"] as? FixtureObject)?[name] as? FixtureObject else { return known }
    guard let fork = known?.fork ?? (name.hasPrefix("BPO") ? .osaka : nil) else { return nil }
    let blobs = BlobSchedule(
        target: try schedule.number("target"), max: try schedule.number("max"),
        baseFeeUpdateFraction: try schedule.number("baseFeeUpdateFraction"))
    guard blobs.max > 0, blobs.target <= blobs.max, blobs.baseFeeUpdateFraction > 0 else {
        throw FixtureError("a blob schedule of \(blobs)")
    }
    return (fork, blobs)
}
