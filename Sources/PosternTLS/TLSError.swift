internal import COpenSSL

/// Why a TLS context could not be made or a TLS connection failed, in OpenSSL's words. For logs, never for a client.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    /// OpenSSL's error queue, oldest first.
    package let reasons: [String]

    /// Takes the calling thread's error queue and leaves it empty.
    static func fromQueue(_ operation: String) -> TLSError {
        var reasons: [String] = []
        while reasons.count < 8 {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if let reason = ERR_reason_error_string(code) { reasons.append(String(cString: reason)) }
        }
        ERR_clear_error()
        return TLSError(operation: operation, reasons: reasons)
    }

    package init(operation: String, reasons: [String]) {
        self.operation = operation
        self.reasons = reasons
    }

    package var description: String {
        reasons.isEmpty ? operation : operation + ": " + reasons.joined(separator: ", ")
    }
}
