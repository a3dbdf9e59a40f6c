internal import PosternCore
internal import PosternJob

/// What is left of a run: its report in the log and on the job's summary page, and its receipts.
struct RunEnding {
    private let options: JobOptions
    private let environment: JobEnvironment

    init(_ options: JobOptions, _ environment: JobEnvironment) {
        self.options = options
        self.environment = environment
    }

    /// - Parameters:
    ///   - tally: of the local port's sessions; nil when there was no port.
    ///   - code: what the run would exit with.
    /// - Returns: the exit code: 125 in place of 0 when the receipts that were asked for are not there, or what the guard
    ///   makes of it.
    func finish(_ tally: RunTally?, code: Int32, guarded: GuardEnding? = nil) -> Int32 {
        var page = ""
        if let report = tally.map(RunReport.init) {
            if !options.isQuiet { JobOutput.notes(report.lines) }
            page = report.markdown
        }
        if let guarded {
            tell(guarded)
            page += guarded.report.markdown
        }
        // GitHub and Forgejo show on the run's page what is in this file.
        if let path = environment["GITHUB_STEP_SUMMARY"], !page.isEmpty {
            do throws(JobTrouble) {
                try RunFile.write(Array(page.utf8), to: path, .appending)
            } catch {
                JobOutput.warning(error)
            }
        }
        let code = guarded?.code(code) ?? code
        guard let path = options.receiptFile else { return code }
        var receipts = tally ?? RunTally(keepsReceipts: true)
        if let receipt = guarded?.receipt { receipts.keep(receipt) }
        do throws(JobTrouble) {
            try RunFile.write(receipts.file, to: path, .replacing)
            if receipts.unkept > 0 {
                throw JobTrouble("\(receipts.unkept) receipts found no room: \(RunTally.byteLimit >> 20) MiB are kept")
            }
        } catch {
            JobOutput.error(error)
            return code == 0 ? JobProcess.failed : code
        }
        return code
    }

    private func tell(_ guarded: GuardEnding) {
        if !options.isQuiet || !guarded.report.isSafe { JobOutput.notes(guarded.report.lines) }
        for trouble in guarded.troubles { JobOutput.error(trouble) }
        if let trouble = guarded.report.trouble { JobOutput.error(trouble) }
    }
}
