package import PosternCore

/// When one database's catalogue is read: regularly, and soon after DDL.
package struct CatalogSchedule: Sendable {
    package struct Timing: Hashable, Sendable {
        /// From the beginning of one reading to that of the next.
        package var interval: Duration
        /// The same after a reading that failed.
        package var retry: Duration
        /// From the first DDL that was noted to the reading: DDL seldom comes alone.
        package var delay: Duration
        /// Between the beginnings of two readings at least, whatever is noted.
        package var spacing: Duration

        package init(
            interval: Duration = .seconds(60),
            retry: Duration = .seconds(10),
            delay: Duration = .milliseconds(200),
            spacing: Duration = .seconds(1)
        ) {
            self.interval = interval
            self.retry = retry
            self.delay = delay
            self.spacing = spacing
        }
    }

    package enum State: Hashable, Sendable {
        /// Until the next reading. Can transition to: `reading`.
        case waiting
        /// A reading is under way, and no other begins. Can transition to: `waiting`.
        case reading
    }

    package private(set) var state = State.waiting
    private let timing: Timing
    private let created: MonotonicTime
    private var began: MonotonicTime?
    private var hasFailed = false
    /// The first DDL that no reading has seen for certain.
    private var ddl: MonotonicTime?

    /// The first reading is due at once.
    package init(timing: Timing = Timing(), now: MonotonicTime) {
        self.timing = timing
        created = now
    }

    /// When the next reading shall begin; nil while one is under way.
    package var due: MonotonicTime? {
        guard state == .waiting else { return nil }
        guard let began else { return created }
        let regular = began.advanced(by: hasFailed ? timing.retry : timing.interval)
        guard let ddl else { return regular }
        return min(regular, max(ddl.advanced(by: timing.delay), began.advanced(by: timing.spacing)))
    }

    /// DDL was committed.
    ///
    /// - Returns: whether `due` may be another one now.
    package mutating func noteDDL(at now: MonotonicTime) -> Bool {
        guard ddl == nil else { return false }
        ddl = now
        return state == .waiting
    }

    /// Begins a reading if one is due.
    ///
    /// - Returns: whether to read.
    package mutating func begin(at now: MonotonicTime) -> Bool {
        guard let due, due <= now else { return false }
        state = .reading
        began = now
        // What is noted from here on may be missing in what is read.
        ddl = nil
        return true
    }

    /// The reading has ended.
    package mutating func end(succeeded: Bool) {
        guard state == .reading else { return }
        state = .waiting
        hasFailed = !succeeded
    }

    /// Whether the last reading failed.
    package var isRetrying: Bool { hasFailed }
}
