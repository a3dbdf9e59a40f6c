internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

/// `postern audit verify --receipt FILE [--public-key F] [DIR…]`: receipts, with a key, against journals, or both.
enum ReceiptAudit {
    /// Checks the receipts and says what came of it: of each, where there are several.
    ///
    /// - Parameters:
    ///   - path: the file of a receipt, or of a run's receipts, one a line, as `postern exec --receipt` leaves it.
    ///   - keys: whose signatures count; those beside the journals where none is given.
    ///   - directories: journals' folders; may be empty when there is a key.
    /// - Returns: the exit code: 0 when all of them hold, 1 when something does not, 2 when it cannot be asked.
    static func verify(path: String, keys: PublicKeyOptions, directories: [String], asJSON: Bool) -> ExitCode {
        guard !keys.publicKey.isEmpty || !directories.isEmpty else {
            Output.error(
                "a receipt is checked by a public key, by a journal, or by both",
                hint: "give `--public-key checkpoint.pub` or the journal's folder"
            )
            return .unusable
        }
        do {
            let keys = try keys.keys()
            let verifier = ReceiptVerifier(keys: keys, directories: directories)
            var isGood = true
            let files = receipts(try InputFile.read(path))
            for (index, file) in files.enumerated() {
                let name = files.count == 1 ? path : "\(path):\(index + 1)"
                guard let receipt = read(file, name, asJSON: asJSON) else {
                    isGood = false
                    continue
                }
                let report = try verifier.verify(receipt)
                Output.result(asJSON ? report.json : report.text(path: name))
                isGood = isGood && report.isGood
            }
            return isGood ? .success : .no
        } catch let failure as ClaimsSource.Failure {
            Output.error(failure.reason)
        } catch let code as ExitCode {
            return code
        } catch {
            Output.error("\(error)")
        }
        return .unusable
    }

    /// The receipts of a file: its lines, if each of them is an object of its own, or else all of it.
    private static func receipts(_ file: [UInt8]) -> [[UInt8]] {
        let lines = file.split(separator: 0x0A).map(Array.init)
        return lines.count > 1 && lines.allSatisfy { $0.first == UInt8(ascii: "{") } ? lines : [file]
    }

    /// - Returns: nil, after it said why, for what is no receipt: the answer is no.
    private static func read(_ file: [UInt8], _ path: String, asJSON: Bool) -> Receipt? {
        do throws(ReceiptError) {
            return try Receipt(file)
        } catch {
            Output.result(asJSON ? ReceiptReport.json(error) : "\(path): no receipt: \(error)\n")
            return nil
        }
    }
}
