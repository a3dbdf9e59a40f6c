internal import PosternCore
internal import PosternNet

/// Brings what the issuer directory knows to /readyz and /metrics.
enum IssuerHealth {
    private static let interval = Duration.milliseconds(500)

    /// Follows the directory until the task is cancelled.
    static func follow(_ directory: IssuerDirectory, into health: Health) async {
        var errors: [String: String] = [:]
        while !Task.isCancelled {
            for status in directory.status() {
                let keys = status.keyIDs.count
                // A failure that goes on is one failure until it is another or over.
                if let error = status.lastError {
                    if errors[status.name] != error { health.issuer(status.name, failedKeeping: keys) }
                } else if let age = status.age {
                    let fetched = Timestamp(microseconds: Timestamp.now.microseconds - age.inMicroseconds)
                    health.issuer(status.name, hasKeys: keys, changed: false, at: fetched)
                }
                errors[status.name] = status.lastError
            }
            try? await Task.sleep(for: interval)
        }
    }
}
