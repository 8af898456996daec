/// What became of one case.
enum CaseOutcome: Codable, Equatable, Sendable {
    case passed
    /// What differs: one line or more.
    case failed(String)
    /// The case asks for something that this runner does not do; the reason is counted by its name.
    case notApplicable(String)
}

/// One case of a file. Those of a file are in a fixed order, so that a run can go on behind one that ended badly.
struct ConformanceCase {
    /// Names the case within its file.
    let id: String
    let run: (inout CaseTools) throws -> CaseOutcome
}

/// Why a file or a case does not have the shape that its format prescribes.
struct FixtureError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
