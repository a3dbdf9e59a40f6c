package import PosternCore

/// Decides which refusals get a record of their own and counts the others, so that strangers cannot fill the journal.
///
/// In any span of one second at most `recordsPerSource` records of one source and `recordsInAll` of all sources are
/// admitted. Memory is bounded by these two numbers and `countedSources`, whoever comes.
package struct RefusalLimiter: Sendable {
    /// What was not admitted since the last summary.
    package struct Summary: Hashable, Sendable {
        package let count: UInt64
        /// Different sources, `countedSources` at most: that number stands for "so many or more".
        package let sources: Int

        package init(count: UInt64, sources: Int) {
            self.count = count
            self.sources = sources
        }
    }

    package static let recordsPerSource = 10
    package static let recordsInAll = 100
    /// Suppressed sources are told apart up to this many.
    package static let countedSources = 1000
    package static let span = Duration.seconds(1)
    /// An IPv6 address; no key is longer.
    private static let sourceLength = 16

    private struct Admission: Sendable {
        let source: [UInt8]
        let time: MonotonicTime
    }

    /// The admissions of the last second, oldest first.
    private var admissions: [Admission] = []
    private var admittedBySource: [[UInt8]: Int] = [:]
    private var suppressed: UInt64 = 0
    private var suppressedSources: Set<[UInt8]> = []
    private var firstSuppressed: MonotonicTime?

    package init() {
        admissions.reserveCapacity(Self.recordsInAll)
    }

    /// Whether a refusal gets a record of its own.
    ///
    /// - Parameter source: the 4 bytes of an IPv4 address, the 8 of an IPv6 network (/64), none for a Unix socket.
    package mutating func admit(source: [UInt8], now: MonotonicTime) -> Bool {
        let source = Array(source.prefix(Self.sourceLength))
        forgetAdmissions(now: now)
        let admitted = admittedBySource[source, default: 0]
        guard admissions.count < Self.recordsInAll, admitted < Self.recordsPerSource else {
            suppress(source, now: now)
            return false
        }
        admissions.append(Admission(source: source, time: now))
        admittedBySource[source] = admitted + 1
        return true
    }

    /// What was suppressed, a second or more after the first of it; nil before that and when there was nothing.
    package mutating func summary(now: MonotonicTime) -> Summary? {
        guard let firstSuppressed, now.since(firstSuppressed) >= Self.span else { return nil }
        return finish()
    }

    /// What was suppressed and no summary has told yet: for the end, when no later summary will.
    package mutating func finish() -> Summary? {
        guard suppressed > 0 else { return nil }
        let summary = Summary(count: suppressed, sources: suppressedSources.count)
        suppressed = 0
        suppressedSources.removeAll()
        firstSuppressed = nil
        return summary
    }

    private mutating func suppress(_ source: [UInt8], now: MonotonicTime) {
        suppressed += 1
        if suppressedSources.count < Self.countedSources { suppressedSources.insert(source) }
        if firstSuppressed == nil { firstSuppressed = now }
    }

    private mutating func forgetAdmissions(now: MonotonicTime) {
        let old = admissions.prefix { now.since($0.time) >= Self.span }
        guard !old.isEmpty else { return }
        for admission in old {
            guard let admitted = admittedBySource[admission.source] else { continue }
            admittedBySource[admission.source] = admitted > 1 ? admitted - 1 : nil
        }
        admissions.removeFirst(old.count)
    }
}
