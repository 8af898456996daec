import NIOCore
import NIOPosix

/// An error of NIO in a few words for an operator.
func describe(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
        if let single = error.connectionErrors.first { return describe(single.error) }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "cannot resolve the name \(error.host)" }
        return "cannot connect to \(error.host)"
    case let error as IOError:
        return "\(error)"
    case ChannelError.connectTimeout:
        return "no answer in time"
    default:
        return "\(error)"
    }
}
