internal import PosternCore
internal import PosternNet

/// Brings what the issuer directory knows to /readyz and /metrics.
enum IssuerHealth {
    private static let interval = Duration.milliseconds(500)

    /// Follows the directory until the task is cancelled.
    static func follow(_ directory: IssuerDirectory, into health: Health) async {
        while !Task.isCancelled {
            for status in directory.status() {
                if status.keyIDs.isEmpty || status.lastError != nil {
                    health.issuer(status.name, failedKeeping: status.keyIDs.count)
                } else if let age = status.age {
                    let fetched = Timestamp(microseconds: Timestamp.now.microseconds - age.inMicroseconds)
                    health.issuer(status.name, hasKeys: status.keyIDs.count, changed: false, at: fetched)
                }
            }
            try? await Task.sleep(for: interval)
        }
    }
}
