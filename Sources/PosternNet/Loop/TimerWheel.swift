internal import PosternCore

/// The timers of one loop: a hashed wheel with a coarse tick.
///
/// Deadlines here are limits of seconds and minutes, so they fire up to one tick late and cost nothing while they
/// wait. A session keeps one timer, for its nearest deadline, and sets it again when it fires too early.
struct TimerWheel {
    static let tick: UInt64 = 50_000_000  // nanoseconds
    private static let slotCount = 1024  // one turn of the wheel is 51.2 s

    struct Entry {
        let registration: Registration
        let serial: UInt32
        let dueTick: UInt64
    }

    private var slots: [[Entry]] = Array(repeating: [], count: slotCount)
    private var currentTick: UInt64
    private var count = 0
    // No timer is due before this tick. A loop asks at every turn, so the answer must not need a search.
    private var earliest = UInt64.max

    init(now: MonotonicTime) {
        currentTick = now.nanoseconds / Self.tick
    }

    /// Adds a timer. It is never removed: the owner knows by `serial` which of its timers still counts.
    mutating func add(_ registration: Registration, serial: UInt32, at deadline: MonotonicTime) {
        let due = max(currentTick + 1, (deadline.nanoseconds + Self.tick - 1) / Self.tick)
        slots[Int(due % UInt64(Self.slotCount))].append(
            Entry(registration: registration, serial: serial, dueTick: due)
        )
        count += 1
        earliest = min(earliest, due)
    }

    /// Takes what is due at `now`.
    mutating func advance(to now: MonotonicTime, into due: inout [Entry]) {
        let target = now.nanoseconds / Self.tick
        guard target > currentTick else { return }
        defer { currentTick = target }
        guard earliest <= target else { return }
        // After a long sleep each slot needs one visit, not one for every tick that passed.
        let steps = min(target - currentTick, UInt64(Self.slotCount))
        for step in 1...steps {
            let slot = Int((target - steps + step) % UInt64(Self.slotCount))
            guard !slots[slot].isEmpty else { continue }
            var kept: [Entry] = []
            for entry in slots[slot] {
                if entry.dueTick <= target { due.append(entry) } else { kept.append(entry) }
            }
            count -= slots[slot].count - kept.count
            slots[slot] = kept
        }
        earliest = nextOccupied(after: target)
    }

    /// The first tick after `tick` whose slot holds a timer: a lower bound, since that timer may be turns away.
    private func nextOccupied(after tick: UInt64) -> UInt64 {
        guard count > 0 else { return .max }
        for ahead in 1...UInt64(Self.slotCount) where !slots[Int((tick + ahead) % UInt64(Self.slotCount))].isEmpty {
            return tick + ahead
        }
        return .max
    }

    /// Milliseconds until a timer may be due, -1 when there is none.
    func millisecondsToNext(from now: MonotonicTime) -> Int32 {
        guard earliest != .max else { return -1 }
        let due = earliest * Self.tick
        return due > now.nanoseconds ? Int32((due - now.nanoseconds + 999_999) / 1_000_000) : 0
    }
}
