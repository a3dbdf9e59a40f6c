internal import PosternCore

/// Durations counted into fixed buckets, written by one event loop and read by the scraper (see `LoopCounter`).
package final class LatencyHistogram: Sendable {
    /// The upper bounds of the buckets. They are fixed, so that gateways and versions can be added up.
    package enum Scale: Sendable {
        /// What crosses a network or waits for a database: 0.1 ms to 100 s.
        case network
        /// What one turn of a loop does: 5 µs to 1 s.
        case processing

        /// In microseconds, ascending.
        package var bounds: [UInt64] {
            switch self {
            case .network: Self.networkBounds
            case .processing: Self.processingBounds
            }
        }

        private static let networkBounds: [UInt64] = [
            100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
            1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 100_000_000,
        ]
        private static let processingBounds: [UInt64] = [
            5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
            1_000_000,
        ]
    }

    /// What a scrape sees. Several loops' values of one series are added before they are written.
    package struct Snapshot: Equatable, Sendable {
        /// The count of each bucket alone, the last one for what lies above every bound.
        package private(set) var counts: [UInt64]
        package private(set) var sum: Duration

        package init(counts: [UInt64], sum: Duration) {
            self.counts = counts
            self.sum = sum
        }

        package static func empty(_ scale: Scale) -> Snapshot {
            Snapshot(counts: Array(repeating: 0, count: scale.bounds.count + 1), sum: .zero)
        }

        /// - Precondition: both are of the same scale.
        package static func += (left: inout Snapshot, right: Snapshot) {
            precondition(left.counts.count == right.counts.count, "histograms of one scale")
            for index in left.counts.indices { left.counts[index] &+= right.counts[index] }
            left.sum += right.sum
        }
    }

    /// Room for the longest scale and its overflow bucket.
    private static let capacity = 19

    package let scale: Scale
    private let bounds: [UInt64]
    private let buckets = InlineArray<19, LoopCounter> { _ in LoopCounter() }
    private let nanoseconds = LoopCounter()

    package init(_ scale: Scale) {
        self.scale = scale
        bounds = scale.bounds
        precondition(bounds.count < Self.capacity, "the histogram has a bucket for each bound and one above")
    }

    /// Counts one duration. A negative one counts as zero: the monotonic clock has none.
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(nanoseconds: UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000))
    }

    /// Counts one duration, for the paths where taking a `Duration` apart would be felt.
    package func record(nanoseconds: UInt64) {
        self.nanoseconds.add(nanoseconds)
        buckets[bucket(of: nanoseconds)].add()
    }

    package var snapshot: Snapshot {
        let counts = (0...bounds.count).map { buckets[$0].current }
        return Snapshot(counts: counts, sum: .nanoseconds(Int64(clamping: nanoseconds.current)))
    }

    /// The first bucket whose bound is not below the value: `le` means less or equal.
    private func bucket(of nanoseconds: UInt64) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] &* 1000 < nanoseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
