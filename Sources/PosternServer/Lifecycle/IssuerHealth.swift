internal import Logging
internal import PosternCore
internal import PosternIdentity
internal import PosternNet

/// Brings what the issuer directory knows to /readyz, /metrics and the log.
struct IssuerHealth {
    private static let interval = Duration.milliseconds(500)

    private struct Seen {
        var keySet: KeySet.Identity?
        var keysChanged: Timestamp?
        var error: String?
    }

    private let health: Health
    private let logger: Logger
    private var seen: [String: Seen] = [:]

    init(health: Health, logger: Logger) {
        self.health = health
        self.logger = logger
    }

    /// Follows the directory until the task is cancelled.
    mutating func follow(_ directory: IssuerDirectory) async {
        while !Task.isCancelled {
            let now = Timestamp.now
            let all = directory.status()
            for status in all { take(status, now) }
            let names = Set(all.map(\.name))
            seen = seen.filter { names.contains($0.key) }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private mutating func take(_ status: IssuerStatus, _ now: Timestamp) {
        func ago(_ duration: Duration) -> Timestamp { now.advanced(by: .zero - duration) }
        var known = seen[status.name] ?? Seen()
        if let identity = status.keySet?.identity, identity != known.keySet {
            known.keySet = identity
            known.keysChanged = status.age.map(ago)
        }
        log(status, before: known.error)
        known.error = status.lastError
        seen[status.name] = known

        var issuer = Health.Issuer()
        issuer.keys = status.keyIDs.count
        issuer.age = status.age
        issuer.lastSuccess = status.age.map(ago)
        issuer.keysChanged = known.keysChanged
        issuer.fetches = status.fetches
        issuer.lastFailure = status.sinceLastFailure.map(ago)
        issuer.error = status.lastError
        issuer.isKept = status.isKept
        issuer.staleUses = status.staleUses
        health.issuer(status.name, is: issuer)
    }

    /// A failure that goes on is told once, and so is its end.
    private func log(_ status: IssuerStatus, before: String?) {
        guard status.lastError != before else { return }
        guard let error = status.lastError else {
            logger.notice("an issuer's keys can be fetched again", metadata: ["issuer": "\(status.name)"])
            return
        }
        var metadata: Logger.Metadata = [
            "issuer": "\(status.name)", "error": "\(error)", "keys": "\(status.keyIDs.count)",
        ]
        if let age = status.age { metadata["age"] = "\(age.components.seconds) s" }
        if status.isKept { metadata["kept"] = "on disk" }
        logger.warning("an issuer's keys cannot be fetched", metadata: metadata)
    }
}
