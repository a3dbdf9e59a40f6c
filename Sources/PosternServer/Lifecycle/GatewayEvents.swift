internal import Dispatch
internal import Glibc

/// What happens to the process as a whole: signals and changed files, as one sequence.
package enum GatewayEvent: Sendable {
    /// SIGHUP.
    case reloadRequested
    /// Files of the configuration changed and have been quiet since.
    case filesChanged
    /// SIGTERM or SIGINT.
    case terminate
}

/// Turns signals into events. Keep it for as long as they are wanted.
package final class SignalEvents {
    private let sources: [any DispatchSourceSignal]

    package init(_ continuation: AsyncStream<GatewayEvent>.Continuation) {
        let queue = DispatchQueue(label: "postern.signals", target: .global())
        let wanted: [(signal: Int32, event: GatewayEvent)] = [
            (SIGHUP, .reloadRequested), (SIGTERM, .terminate), (SIGINT, .terminate),
        ]
        // A write to a connection that is gone is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        sources = wanted.map { number, event in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(event) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
