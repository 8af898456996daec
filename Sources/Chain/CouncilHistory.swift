public import Primitives

/// How the council became what it is: the sealed headers that changed it, in order. Nothing is checked yet.
///
/// A height whose council seals the next height too is left out, so a chain whose council never changed has an
/// empty history.
public struct CouncilHistory: Hashable, Sendable {
    /// A block that hands over to another council.
    public struct Step: Hashable, Sendable {
        /// Sealed by the council that hands over.
        public var sealed: CertifiedHeader
        /// The one whose hash the header carries; it names the next council.
        public var `extension`: BlockExtension
        /// The council of the next height.
        public var council: Council

        public init(sealed: CertifiedHeader, extension: BlockExtension, council: Council) {
            self.sealed = sealed
            self.extension = `extension`
            self.council = council
        }
    }

    public var steps: [Step]

    /// The most changes of the council that one history tells of. With the largest councils that is some 4 MiB, and
    /// two seconds of checking signatures.
    public static let stepsMax = 256
    /// A history without a change.
    public static let empty = CouncilHistory(steps: [])

    public init(steps: [Step]) {
        self.steps = steps
    }
}

/// Why a history does not lead from genesis to its councils.
public enum CouncilHistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooManySteps(limit: Int, found: Int)
    /// A step that is not above the one before it.
    case notAscending(height: Height, after: Height)
    /// The council that was in force has not sealed this step.
    case certificate(height: Height, CertificateError)
    /// The header does not carry the hash of the extension.
    case unboundExtension(height: Height, expected: Bytes, found: Hash32)
    /// The extension names another council.
    case unboundCouncil(height: Height, expected: Hash32, found: Hash32)
    /// A step that changes nothing.
    case unchanged(height: Height)

    public var description: String {
        switch self {
        case .tooManySteps(let limit, let found):
            "a history has at most \(limit) changes of the council, found \(found)"
        case .notAscending(let height, let earlier): "a change at height \(height) follows one at height \(earlier)"
        case .certificate(let height, let error): "the council did not seal its change at height \(height): \(error)"
        case .unboundExtension(let height, let expected, let found):
            "the extension at height \(height) hashes to \(found), its header names \(expected.hex)"
        case .unboundCouncil(let height, let expected, let found):
            "the council after height \(height) hashes to \(found), expected \(expected)"
        case .unchanged(let height): "the council does not change at height \(height)"
        }
    }
}

extension CouncilHistory.Step: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.list { list in
            list.append(sealed)
            list.append(`extension`)
            list.append(council)
        }
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        var list = try decoder.list()
        sealed = try CertifiedHeader(from: &list)
        `extension` = try BlockExtension(from: &list)
        council = try Council(from: &list)
        try list.finish()
    }
}

extension CouncilHistory: RLPEncodable, RLPDecodable {
    public func encode(into encoder: inout RLPEncoder) {
        encoder.append(list: steps)
    }

    public init(from decoder: inout RLPDecoder) throws(RLPError) {
        steps = try decoder.array(of: Step.self, max: CouncilHistory.stepsMax)
    }
}
