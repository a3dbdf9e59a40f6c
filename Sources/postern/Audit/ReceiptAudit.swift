internal import ArgumentParser
internal import PosternCore
internal import PosternCrypto
internal import PosternJournal

/// `postern audit verify --receipt FILE [--public-key F] [DIR…]`: one receipt, with a key, against journals, or both.
enum ReceiptAudit {
    /// Checks the receipt and says what came of it.
    ///
    /// - Parameters:
    ///   - path: the receipt's file.
    ///   - publicKey: the file of a public key in PEM; nil for the keys that lie beside the journals.
    ///   - directories: journals' folders; may be empty when there is a key.
    /// - Returns: the exit code: 0 when all holds, 1 when something does not, 2 when it cannot be asked.
    static func verify(path: String, publicKey: String?, directories: [String], asJSON: Bool) -> ExitCode {
        guard publicKey != nil || !directories.isEmpty else {
            Output.error(
                "a receipt is checked by a public key, by a journal, or by both",
                hint: "give `--public-key checkpoint.pub` or the journal's folder"
            )
            return .unusable
        }
        do {
            let keys = try publicKey.map { [try key($0)] }
            let file = try InputFile.read(path)
            guard let receipt = read(file, path) else { return .no }
            let report = try ReceiptVerifier(keys: keys, directories: directories).verify(receipt)
            Output.result(asJSON ? report.json : report.text(path: path))
            return report.isGood ? .success : .no
        } catch let failure as ClaimsSource.Failure {
            Output.error(failure.reason)
        } catch {
            Output.error("\(error)")
        }
        return .unusable
    }

    private static func key(_ path: String) throws(ClaimsSource.Failure) -> VerifyingKey {
        guard let key = VerifyingKey(pem: try InputFile.read(path)) else {
            throw ClaimsSource.Failure(reason: "`\(path)` is not an Ed25519 public key in PEM")
        }
        return key
    }

    /// - Returns: nil, after it said why, for what is no receipt: the answer is no.
    private static func read(_ file: [UInt8], _ path: String) -> Receipt? {
        do throws(ReceiptError) {
            return try Receipt(file)
        } catch {
            Output.result("\(path): no receipt: \(error)\n")
            return nil
        }
    }
}
