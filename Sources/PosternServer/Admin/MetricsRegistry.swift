package import PosternCore
internal import Synchronization

/// All metrics of the process: one `LoopMetrics` for each event loop, and what belongs to no loop.
package final class MetricsRegistry: Sendable {
    /// Roles times databases that get series of their own; sessions of any more are counted under `other`.
    package static let labelLimit = 1000

    /// The configuration in force, as `postern_config_info` shows it.
    struct Configuration: Sendable {
        var configurationHash = ""
        var policyHash = ""
        var loadedAt: Timestamp?
        var lastReloadSucceeded = true
        var reloads: UInt64 = 0
        var failedReloads: UInt64 = 0
    }

    private struct State {
        var labels: Set<MetricLabels> = []
        var configuration = Configuration()
    }

    package let version: String
    package let startedAt: Timestamp
    package let loops: [LoopMetrics]
    private let state: SharedState

    /// Shared with the loops, which must not hold the registry that holds them.
    private final class SharedState: Sendable {
        let mutex = Mutex(State())
    }

    /// - Parameters:
    ///   - loops: how many event loops write.
    ///   - version: Postern's version.
    ///   - startedAt: when the process started.
    package init(loops: Int, version: String, startedAt: Timestamp) {
        let state = SharedState()
        self.version = version
        self.startedAt = startedAt
        self.state = state
        self.loops = (0..<loops).map { index in
            LoopMetrics(loop: index) { wanted in
                state.mutex.withLock { state in
                    if state.labels.contains(wanted) { return wanted }
                    guard state.labels.count < Self.labelLimit else { return .other }
                    state.labels.insert(wanted)
                    return wanted
                }
            }
        }
    }

    /// A configuration is in force: the first one, or one that was reloaded.
    package func configurationLoaded(configurationHash: String, policyHash: String, at time: Timestamp) {
        state.mutex.withLock { state in
            state.configuration.configurationHash = configurationHash
            state.configuration.policyHash = policyHash
            state.configuration.loadedAt = time
            state.configuration.lastReloadSucceeded = true
            state.configuration.reloads &+= 1
        }
    }

    /// A reload found mistakes and the old configuration stays.
    package func configurationRefused() {
        state.mutex.withLock { state in
            state.configuration.lastReloadSucceeded = false
            state.configuration.failedReloads &+= 1
        }
    }

    var configuration: Configuration { state.mutex.withLock { $0.configuration } }
}
