#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The clock on the wall: only the host reads it.
enum WallClock {
    /// Milliseconds of the Unix epoch.
    static var milliseconds: UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
