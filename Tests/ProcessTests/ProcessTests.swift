import Testing

/// Laws of whole networks: real processes, real sockets, real files.
///
/// One network at a time, since nodes keep time and machines are small. All suites of this target are in here.
@Suite(.serialized)
enum Processes {}
