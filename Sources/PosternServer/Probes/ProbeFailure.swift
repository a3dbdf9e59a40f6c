internal import PosternNet

/// Why a probe did not succeed, in words for whoever runs the gateway: never with a secret in them.
package struct ProbeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Runs a probe and keeps the words of what it throws.
    static func catching<Value: Sendable>(
        _ probe: () async throws -> Value
    ) async -> Result<Value, ProbeFailure> {
        do {
            return .success(try await probe())
        } catch is BlockingPool.Overloaded {
            return .failure(ProbeFailure("too many probes at once"))
        } catch {
            return .failure(ProbeFailure("\(error)"))
        }
    }

    /// Probes everything at once.
    ///
    /// - Returns: the reports in the order of what was probed.
    static func gather<Target: Sendable, Report: Sendable>(
        _ targets: [Target],
        _ probe: @escaping @Sendable (Target) async -> Report
    ) async -> [Report] {
        await withTaskGroup(of: (index: Int, report: Report).self) { group in
            for (index, target) in targets.enumerated() {
                group.addTask { (index, await probe(target)) }
            }
            var reports: [(index: Int, report: Report)] = []
            for await report in group { reports.append(report) }
            return reports.sorted { $0.index < $1.index }.map(\.report)
        }
    }
}
