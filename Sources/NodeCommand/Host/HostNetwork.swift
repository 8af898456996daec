import Crypto
import Logging
import Network
import Node
import Primitives

/// Hands what happens on the network to the host, on whose loop it happens.
final class HostNetwork: NetworkEvents {
    private let host: Host

    init(host: Host) {
        self.host = host
    }

    func peerConnected(_ peer: PeerID, key: NodePublicKey, remote: Endpoint, isInbound: Bool) {
        host.assumeIsolated { $0.handle(.peerUp(peer.value, key: key, isInbound: isInbound)) }
    }

    func received(_ frame: Bytes, from peer: PeerID) {
        host.assumeIsolated { $0.handle(.received(frame, from: peer.value)) }
    }

    func peerDisconnected(_ peer: PeerID, reason: DisconnectReason) {
        host.assumeIsolated { host in
            host.log.debug("connection \(peer.value) ended: \(reason)")
            host.handle(.peerDown(peer.value))
        }
    }

    func connectFailed(to endpoint: Endpoint, reason: DisconnectReason) {
        host.assumeIsolated { host in
            host.log.debug("cannot connect to \(endpoint): \(reason)")
            if case .selfConnection = reason {
                host.handle(.keyClash(host.publicKey, endpoint: endpoint.description))
            }
            host.handle(.connectFailed(endpoint: endpoint.description))
        }
    }

    func inboundRefused(from remote: Endpoint, key: NodePublicKey?, reason: DisconnectReason) {
        host.assumeIsolated { host in
            host.log.debug("refused a connection from \(remote): \(reason)")
            guard let key else { return }
            switch reason {
            case .duplicate, .selfConnection: host.handle(.keyClash(key, endpoint: remote.description))
            default: break
            }
        }
    }
}
