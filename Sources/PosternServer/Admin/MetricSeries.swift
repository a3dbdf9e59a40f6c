/// The labels of a session's metrics.
///
/// Both come from the configuration, once a token was granted the role: what a job merely claims never becomes a label.
package struct MetricLabels: Hashable, Comparable, Sendable {
    package let role: String
    package let database: String

    package init(role: String, database: String) {
        self.role = role
        self.database = database
    }

    /// Where series go when there are too many.
    package static let other = MetricLabels(role: "other", database: "other")

    package static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        (left.role, left.database) < (right.role, right.database)
    }
}

/// The numbers of one role and database on one event loop. A session fetches it once and keeps it.
///
/// Only that loop writes (see `LoopCounter`).
package final class MetricSeries: Sendable {
    package let labels: MetricLabels

    /// Sessions that began: their upstream login succeeded.
    package let sessionsStarted = LoopCounter()
    package let sessionsEnded = LoopCounter()
    /// Plaintext protocol bytes that came from jobs and went upstream.
    package let bytesFromJobs = LoopCounter()
    /// Plaintext protocol bytes that came from upstream and went to jobs.
    package let bytesToJobs = LoopCounter()
    /// Cycles that ended with ReadyForQuery: one for each Query, FunctionCall or Sync.
    package let statements = LoopCounter()
    /// From the first connect to the connected socket, other hosts' failures included.
    package let upstreamConnect = LatencyHistogram(.network)
    /// From the connected socket to ReadyForQuery: TLS and authentication.
    package let upstreamLogin = LatencyHistogram(.network)
    /// From a request that was forwarded to its ReadyForQuery.
    package let statementTime = LatencyHistogram(.network)
    /// The part of a statement's time that Postern spent on it.
    package let gatewayTime = LatencyHistogram(.processing)

    package init(labels: MetricLabels) {
        self.labels = labels
    }

    /// A session began.
    package func sessionStarted() { sessionsStarted.add() }

    /// A session that began has ended.
    package func sessionEnded() { sessionsEnded.add() }

    /// A Query, FunctionCall or Sync was answered by ReadyForQuery.
    ///
    /// - Parameters:
    ///   - nanoseconds: since it was forwarded.
    ///   - gatewayNanoseconds: what Postern itself spent on it.
    package func statementCompleted(nanoseconds: UInt64, gatewayNanoseconds: UInt64) {
        statements.add()
        statementTime.record(nanoseconds: nanoseconds)
        gatewayTime.record(nanoseconds: gatewayNanoseconds)
    }
}
