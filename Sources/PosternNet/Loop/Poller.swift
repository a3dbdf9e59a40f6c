internal import CPosternLinux
internal import Glibc

/// What a descriptor is ready for.
///
/// The values are the kernel's (`EPOLLIN` and so on), written out so that the other modules' hot paths see constants.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// EPOLLIN.
    @inlinable package static var read: Readiness { Readiness(rawValue: 0x0001) }
    /// EPOLLOUT.
    @inlinable package static var write: Readiness { Readiness(rawValue: 0x0004) }
    /// The peer will send nothing more (EPOLLRDHUP).
    @inlinable package static var readEnded: Readiness { Readiness(rawValue: 0x2000) }
    /// The connection is gone in both directions (EPOLLERR, EPOLLHUP).
    @inlinable package static var closed: Readiness { Readiness(rawValue: 0x0018) }
    /// What whoever wants to read watches for.
    @inlinable package static var reading: Readiness { Readiness(rawValue: 0x2001) }
    /// Whatever a read will tell more about.
    @inlinable package static var input: Readiness { Readiness(rawValue: 0x2019) }

    /// Whether any of these is there.
    @inlinable
    package func intersects(_ other: Readiness) -> Bool { rawValue & other.rawValue != 0 }
}

/// The name of a descriptor's registration. A descriptor number that the kernel gives out again gets another
/// generation, so an event of the old one in the same batch is recognised and skipped.
package struct Registration: Hashable, Sendable {
    package let slot: UInt32
    package let generation: UInt32

    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    init(word: UInt64) {
        slot = UInt32(truncatingIfNeeded: word)
        generation = UInt32(truncatingIfNeeded: word >> 32)
    }

    var word: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// One epoll set, level-triggered.
struct Poller: ~Copyable {
    /// Events taken from the kernel in one call; more wait for the next turn.
    static let batch = 256

    private let epoll: OwnedFD
    // Owned by the poller, freed in deinit: epoll_wait fills it, nobody keeps a pointer into it.
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError.last("epoll_create1") }
        epoll = OwnedFD(descriptor)
        events = .allocate(capacity: Self.batch)
        events.initialize(repeating: epoll_event())
    }

    deinit { events.deallocate() }

    func add(_ descriptor: Int32, _ interest: Readiness, exclusive: Bool = false, word: UInt64) throws {
        try control(EPOLL_CTL_ADD, descriptor, interest.rawValue | (exclusive ? EPOLLEXCLUSIVE.rawValue : 0), word)
    }

    func modify(_ descriptor: Int32, _ interest: Readiness, word: UInt64) throws {
        try control(EPOLL_CTL_MOD, descriptor, interest.rawValue, word)
    }

    func remove(_ descriptor: Int32) {
        var event = epoll_event()
        epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor, &event)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ flags: UInt32, _ word: UInt64) throws {
        var event = epoll_event(events: flags, data: epoll_data_t(u64: word))
        guard epoll_ctl(epoll.number, operation, descriptor, &event) == 0 else { throw SystemError.last("epoll_ctl") }
    }

    /// Waits for events.
    ///
    /// - Parameter milliseconds: the longest wait, -1 for no bound.
    /// - Returns: how many events there are; `event(at:)` gives them.
    func wait(milliseconds: Int32) -> Int {
        Int(max(0, epoll_wait(epoll.number, events.baseAddress, Int32(Self.batch), milliseconds)))
    }

    @inline(__always)
    func event(at index: Int) -> (word: UInt64, readiness: Readiness) {
        let event = events[index]
        return (event.data.u64, Readiness(rawValue: event.events))
    }
}
