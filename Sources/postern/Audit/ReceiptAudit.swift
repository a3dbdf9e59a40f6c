internal import ArgumentParser
internal import PosternCore
internal import PosternJournal

/// `postern audit verify --receipt FILE [--public-key F] [DIR…]`: one receipt, with a key, against journals, or both.
enum ReceiptAudit {
    /// Checks the receipt and says what came of it.
    ///
    /// - Parameters:
    ///   - path: the receipt's file.
    ///   - keys: whose signatures count; those beside the journals where none is given.
    ///   - directories: journals' folders; may be empty when there is a key.
    /// - Returns: the exit code: 0 when all holds, 1 when something does not, 2 when it cannot be asked.
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
            let file = try InputFile.read(path)
            guard let receipt = read(file, path, asJSON: asJSON) else { return .no }
            let report = try ReceiptVerifier(keys: keys, directories: directories).verify(receipt)
            Output.result(asJSON ? report.json : report.text(path: path))
            return report.isGood ? .success : .no
        } catch let failure as ClaimsSource.Failure {
            Output.error(failure.reason)
        } catch let code as ExitCode {
            return code
        } catch {
            Output.error("\(error)")
        }
        return .unusable
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
