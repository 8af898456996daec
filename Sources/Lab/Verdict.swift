public import Primitives

/// What came of a scenario.
public struct Verdict: Sendable, Hashable {
    public let scenario: Scenario
    /// Why it is red; green if empty.
    public let reasons: [String]
    /// One for each expectation, in the scenario's order.
    public let findings: [Finding]
    /// The proofs by which expectations were met, smallest first.
    public let proofs: [ShownProof]
    /// By name, those whom the proofs convict.
    public let convicted: [String]

    public var isGreen: Bool { reasons.isEmpty }

    /// A proof that met an expectation.
    public struct ShownProof: Sendable, Hashable {
        public let kind: String
        public let rule: String
        public let byteCount: Int
        public let verifying: Duration?
    }

    /// By whom what was to be detected was detected, and how long after its effect: by proofs, if there are any, else
    /// by whatever else was noticed.
    public var detections: [Finding.Detection] { detecting.flatMap(\.detections) }

    private var detecting: [Finding] {
        let met = findings.filter(\.isDetection)
        let proven = met.filter { if case .flagged = $0.expectation.what { true } else { false } }
        return proven.isEmpty ? met : proven
    }

    /// Whether it was detected by proofs.
    public var isProven: Bool { !proofs.isEmpty }

    /// From the fault's effect to the first who noticed; nil if nobody did.
    public var first: Duration? { detections.map(\.after).min() }

    /// From the fault's effect until everybody who was to notice had, everything that was to be noticed.
    public var all: Duration? { detections.map(\.after).max() }

    /// Who noticed, rangers before the council, each once.
    public var detectors: [String] {
        var names: [String] = []
        for detection in detections where !names.contains(detection.by) { names.append(detection.by) }
        return names.filter { $0.hasPrefix("rn") }.sorted() + names.filter { !$0.hasPrefix("rn") }.sorted()
    }
}

/// What came of one expectation.
public struct Finding: Sendable, Hashable {
    public let step: Int
    public let expectation: Expectation
    public let outcome: Outcome
    /// Who saw it and when, counted from the deed's effect.
    public let detections: [Detection]
    /// Faults that met it.
    public let flags: [Hash32]

    public enum Outcome: Sendable, Hashable {
        case met
        /// It may still come about.
        case open(String)
        case failed(String)
    }

    public struct Detection: Sendable, Hashable {
        public let by: String
        public let after: Duration
    }

    public var isOpen: Bool {
        if case .open = outcome { true } else { false }
    }

    /// Whether meeting it means that somebody noticed the fault, rather than that the network bore it.
    public var isDetection: Bool {
        guard outcome == .met else { return false }
        return switch expectation.what {
        case .flagged, .reportRejected, .score, .roundChange, .dropped, .refused, .notice, .standstill: true
        case .nothingFlagged, .progress, .fork, .alive: false
        }
    }
}
