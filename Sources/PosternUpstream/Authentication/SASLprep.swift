// NFKC is not in the standard library; this file is the only reason for Foundation here.
internal import Foundation

/// SASLprep (RFC 4013) as PostgreSQL applies it to passwords: text that cannot be prepared is used as it is.
package enum SASLprep {
    /// - Parameter password: any bytes.
    /// - Returns: the prepared password, or the same bytes when they are ASCII, not UTF-8 or hold what is prohibited.
    package static func prepare(_ password: [UInt8]) -> [UInt8] {
        // PostgreSQL's fast path: ASCII stays as it is, control characters included.
        guard password.contains(where: { $0 >= 0x80 }), let text = String(validating: password, as: UTF8.self) else {
            return password
        }
        var mapped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if StringprepTables.isNonASCIISpace(scalar) {
                mapped.append(" ")
            } else if !StringprepTables.isMappedToNothing(scalar) {
                mapped.append(scalar)
            }
        }
        let normalized = String(mapped).precomposedStringWithCompatibilityMapping
        let isAllowed = normalized.unicodeScalars.allSatisfy {
            !StringprepTables.isProhibited($0) && StringprepTables.isAssigned($0)
        }
        guard !normalized.isEmpty, isAllowed, isConsistentlyDirected(normalized.unicodeScalars) else {
            return password
        }
        return Array(normalized.utf8)
    }

    /// RFC 3454 section 6: right-to-left text has no left-to-right letters, and begins and ends right to left.
    private static func isConsistentlyDirected(_ text: String.UnicodeScalarView) -> Bool {
        guard text.contains(where: StringprepTables.isRightToLeft) else { return true }
        guard let first = text.first, let last = text.last else { return true }
        return StringprepTables.isRightToLeft(first) && StringprepTables.isRightToLeft(last)
            && !text.contains(where: StringprepTables.isLeftToRight)
    }
}
