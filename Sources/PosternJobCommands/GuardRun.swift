internal import PosternCore
internal import PosternJob
internal import PosternJobRunner
internal import PosternNet

/// A guard around a command: counts before it, counts after it, and has the result noted.
struct GuardRun {
    let guarding: GuardOptions
    let job: JobOptions
    let setup: JobSetup
    let intake: SignalIntake

    /// - Throws: `JobTrouble` when a table cannot be counted: the command must not run then.
    func before() async throws(JobTrouble) -> [GuardCount] {
        let ended = await setup.converse(GuardDialogue(guarding, .before), as: job, intake: intake)
        if let trouble = ended.troubles.first { throw trouble }
        for (table, count) in zip(guarding.tables, ended.counts) where count == .missing {
            JobOutput.warning(JobTrouble("`\(table)` is not there yet: nothing of it can disappear"))
        }
        return ended.counts
    }

    /// - Parameters:
    ///   - exit: the command's own exit code.
    ///   - unsettled: its sessions that ended in the middle of a statement.
    func after(_ before: [GuardCount], exit: Int32, unsettled: Int = 0) async -> GuardEnding {
        let dialogue = GuardDialogue(guarding, .after(before: before, exit: exit, unsettled: unsettled))
        let ended = await setup.converse(dialogue, as: job, intake: intake)
        return GuardEnding(report: GuardReport(ended.findings), troubles: ended.troubles, receipt: ended.receipt)
    }
}

/// What a guard found, and what it lacks.
struct GuardEnding {
    /// The answer is no.
    private static let lost: Int32 = 1

    let report: GuardReport
    let troubles: [JobTrouble]
    let receipt: [UInt8]?

    /// - Parameter code: the command's own exit code, which wins.
    func code(_ code: Int32) -> Int32 {
        guard code == 0 else { return code }
        if report.isLoss { return Self.lost }
        return report.isSafe && troubles.isEmpty ? 0 : JobProcess.failed
    }
}
