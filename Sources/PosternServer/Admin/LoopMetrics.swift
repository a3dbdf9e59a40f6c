internal import Synchronization

/// The metrics of one event loop.
///
/// The loop writes counters and histograms without a lock. The two tables are behind one, which the loop takes once
/// for each session or refusal and the scraper once for each scrape.
package final class LoopMetrics: Sendable {
    package let loop: Int

    package let connectionsAccepted = LoopCounter()
    package let connectionsClosed = LoopCounter()
    /// The TLS handshake with a job.
    package let clientHandshake = LatencyHistogram(.network)
    /// From the token's arrival to the decision who the job is, waiting for keys included.
    package let tokenCheck = LatencyHistogram(.network)
    package let tokenCacheHits = LoopCounter()
    package let tokenCacheMisses = LoopCounter()
    /// Jobs that asked where to get a token, and were told: the first of libpq's two connections.
    package let oauthDiscoveries = LoopCounter()
    package let journalRecords = LoopCounter()
    package let journalBytes = LoopCounter()

    /// Why a job was refused: two words of a fixed vocabulary.
    package struct Refusal: Hashable, Comparable, Sendable {
        package let stage: String
        package let reason: String

        package init(stage: String, reason: String) {
            self.stage = stage
            self.reason = reason
        }

        package static func < (left: Refusal, right: Refusal) -> Bool {
            (left.stage, left.reason) < (right.stage, right.reason)
        }
    }

    /// Stages times reasons. The vocabulary is far smaller; the bound is for the day when somebody passes free text.
    private static let refusalLimit = 200

    private struct Tables {
        var series: [MetricLabels: MetricSeries] = [:]
        var refusals: [Refusal: UInt64] = [:]
    }

    private let tables = Mutex(Tables())
    private let admit: @Sendable (MetricLabels) -> MetricLabels

    /// - Parameter admit: gives the labels that may be used in place of the wanted ones.
    init(loop: Int, admit: @escaping @Sendable (MetricLabels) -> MetricLabels) {
        self.loop = loop
        self.admit = admit
    }

    /// The series of a role and database on this loop, made at the first call.
    package func series(role: String, database: String) -> MetricSeries {
        let labels = admit(MetricLabels(role: role, database: database))
        return tables.withLock { tables in
            if let series = tables.series[labels] { return series }
            let series = MetricSeries(labels: labels)
            tables.series[labels] = series
            return series
        }
    }

    /// Counts a refusal.
    ///
    /// - Parameters:
    ///   - stage: where the job was refused: `tls`, `startup`, `token`, `grant`, `limit`, `upstream` …
    ///   - reason: the class of the reason, from a fixed vocabulary, never a claim or a message.
    package func refused(stage: String, reason: String) {
        let refusal = Refusal(stage: stage, reason: reason)
        tables.withLock { tables in
            let known = tables.refusals[refusal] != nil || tables.refusals.count < Self.refusalLimit
            tables.refusals[known ? refusal : Refusal(stage: "other", reason: "other"), default: 0] &+= 1
        }
    }

    var allSeries: [MetricSeries] { tables.withLock { Array($0.series.values) } }
    var allRefusals: [Refusal: UInt64] { tables.withLock { $0.refusals } }
}
