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

    /// - Parameter code: what the run would exit with.
    /// - Returns: the exit code: 125 in place of 0 when the receipts that were asked for are not there.
    func finish(_ bundle: ReceiptBundle, code: Int32) -> Int32 {
        let report = RunReport(bundle)
        if !options.isQuiet { JobOutput.notes(report.lines) }
        // GitHub and Forgejo show on the run's page what is in this file.
        if let page = environment["GITHUB_STEP_SUMMARY"], !report.isEmpty {
            do throws(JobTrouble) {
                try SmallFile.write(Array(report.markdown.utf8), to: page, .appending)
            } catch {
                JobOutput.warning(error)
            }
        }
        guard let path = options.receiptFile else { return code }
        do throws(JobTrouble) {
            try SmallFile.write(bundle.file, to: path, .replacing)
        } catch {
            JobOutput.error(error)
            return code == 0 ? JobProcess.failed : code
        }
        return code
    }
}
