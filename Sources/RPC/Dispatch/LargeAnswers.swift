import NIOCore
import Synchronization

/// An answer as it goes to the client.
struct Answer: Sendable {
    var body: ByteBuffer
    /// Held until the client has the answer; nil where it is of the usual size.
    var place: LargeAnswers.Place?

    init(_ body: ByteBuffer, place: LargeAnswers.Place? = nil) {
        (self.body, self.place) = (body, place)
    }
}

/// The few answers at once that may grow beyond `responseBytesMax`: traces.
///
/// An answer has its place from when it grows until the client has read it or is gone, so that all of them together
/// are never more than `largeAnswersMax` times `traceAnswerBytesMax`, and as much again where they are compressed.
final class LargeAnswers: Sendable {
    /// Leave to be large, given back when nobody holds it any more.
    final class Place: Sendable {
        private let answers: LargeAnswers

        fileprivate init(_ answers: LargeAnswers) {
            self.answers = answers
        }

        deinit { answers.taken.withLock { $0 -= 1 } }
    }

    /// How large one may get.
    let bytesMax: Int
    private let placesMax: Int
    private let taken = Mutex(0)

    init(limits: RPCLimits) {
        (bytesMax, placesMax) = (limits.traceAnswerBytesMax, limits.largeAnswersMax)
    }

    /// - Throws: -32005 where all places are taken.
    func enter() throws(RPCError) -> Place {
        let isFree = taken.withLock { taken in
            guard taken < placesMax else { return false }
            taken += 1
            return true
        }
        guard isFree else { throw .tooManyLargeAnswers(placesMax) }
        return Place(self)
    }
}

extension RPCError {
    static func tooManyLargeAnswers(_ limit: Int) -> RPCError {
        RPCError(
            code: busy.code,
            message: "too many large answers at once: \(limit) are being made or read (largeAnswersMax), try again")
    }

    /// - Parameters:
    ///   - limit: The name of the limit.
    ///   - advice: How to ask for less.
    static func traceTooLarge(_ count: Int, _ what: String, limit: String, _ advice: String) -> RPCError {
        RPCError(
            code: responseTooLarge.code,
            message: "\(responseTooLarge.message): more than \(count) \(what) (\(limit)): \(advice)")
    }
}
