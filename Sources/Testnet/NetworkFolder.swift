internal import Configuration

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where a network keeps what. All of it below one folder that can be moved while the network is stopped.
///
///     .testnet/network.json      what this network is, and the mark that the folder is ours
///     .testnet/.env              the same for shells: source it
///     .testnet/genesis.json
///     .testnet/cn1/config.json   for `node run --config`
///     .testnet/cn1/key           the node's secret, mode 600
///     .testnet/cn1/data/         its database and vote log
///     .testnet/cn1/log           both outputs of its process, appended
///     .testnet/cn1/pid           its process, with the time that it started
public struct NetworkFolder: Hashable, Sendable {
    /// As the user wrote it, for messages.
    public let path: String

    public init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    public var recordPath: String { "\(path)/network.json" }
    public var environmentPath: String { "\(path)/.env" }
    public var genesisPath: String { "\(path)/genesis.json" }
    /// Made first and locked by each launcher: a folder with it and without a record is an unfinished network.
    var lockPath: String { "\(path)/\(Self.lockName)" }
    private static let lockName = ".firetower.lock"

    public func directory(of node: String) -> String { "\(path)/\(node)" }
    public func configPath(of node: String) -> String { "\(path)/\(node)/config.json" }
    public func keyPath(of node: String) -> String { "\(path)/\(node)/key" }
    public func logPath(of node: String) -> String { "\(path)/\(node)/log" }
    func processPath(of node: String) -> String { "\(path)/\(node)/pid" }

    /// Whether a network of ours is in here. A folder that is there and is not ours is an error.
    func holdsNetwork() throws(TestnetError) -> Bool {
        guard System.exists(path) else { return false }
        if System.exists(recordPath) {
            let bytes = (try? SettingsFile.read(recordPath)) ?? []
            let json = try? JSONValue(parsing: bytes, file: recordPath)
            guard json?["firetower"]?.text == NetworkRecord.marker else { throw .notOurs(directory: path) }
            return true
        }
        let names = System.names(in: path)
        guard names.isEmpty || names.contains(Self.lockName) else { throw .notOurs(directory: path) }
        return false
    }

    /// Removes what an interrupted launcher left of a network that was never finished.
    func removeRemains() throws(TestnetError) {
        for name in System.names(in: path) where name != Self.lockName { try System.removeTree("\(path)/\(name)") }
    }

    public func record() throws(TestnetError) -> NetworkRecord {
        guard try holdsNetwork() else { throw .noNetwork(directory: path) }
        do throws(ConfigurationError) {
            return try NetworkRecord(file: recordPath)
        } catch {
            throw .configuration(error)
        }
    }
}

/// The right to change a network, held by one launcher at a time and given back when the process ends.
struct FolderLock: ~Copyable {
    private let file: Int32

    init(_ folder: NetworkFolder) throws(TestnetError) {
        file = unsafe open(folder.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .operation("cannot open \(folder.lockPath)", reason: systemReason()) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw .busy(directory: folder.path)
        }
    }

    deinit {
        close(file)
    }
}
