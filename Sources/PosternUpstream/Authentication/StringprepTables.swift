/// The tables of stringprep (RFC 3454, Unicode 3.2) that SASLprep uses.
enum StringprepTables {
    /// C.1.2.
    static func isNonASCIISpace(_ scalar: Unicode.Scalar) -> Bool {
        contains(nonASCIISpaces, scalar)
    }

    /// B.1.
    static func isMappedToNothing(_ scalar: Unicode.Scalar) -> Bool {
        contains(mappedToNothing, scalar)
    }

    /// C.1.2 and C.2.1 to C.9, as RFC 4013 section 2.3 lists them. Surrogates (C.5) are no scalars.
    static func isProhibited(_ scalar: Unicode.Scalar) -> Bool {
        isNonASCIISpace(scalar) || scalar.value & 0xFFFE == 0xFFFE || contains(prohibited, scalar)
    }

    /// Not in A.1: assigned in Unicode 3.2.
    static func isAssigned(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return (age.major, age.minor) <= (3, 2)
    }

    /// D.1: the bidirectional categories R and AL.
    static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        contains(rightToLeft, scalar)
    }

    /// D.2: the bidirectional category L. The standard library does not know it; letters, letter numbers and
    /// spacing marks that are not right-to-left are the whole of it but for a few symbols.
    static func isLeftToRight(_ scalar: Unicode.Scalar) -> Bool {
        guard !isRightToLeft(scalar) else { return false }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber,
            .spacingMark:
            true
        case .nonspacingMark, .enclosingMark, .decimalNumber, .otherNumber, .connectorPunctuation, .dashPunctuation,
            .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol,
            .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator, .lineSeparator, .paragraphSeparator,
            .control, .format, .surrogate, .privateUse, .unassigned:
            false
        @unknown default: false
        }
    }

    private static func contains(_ table: [ClosedRange<UInt32>], _ scalar: Unicode.Scalar) -> Bool {
        table.contains { $0 ~= scalar.value }
    }

    private static let nonASCIISpaces: [ClosedRange<UInt32>] = [
        0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200B, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ]

    private static let mappedToNothing: [ClosedRange<UInt32>] = [
        0xAD...0xAD, 0x34F...0x34F, 0x1806...0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060...0x2060,
        0xFE00...0xFE0F, 0xFEFF...0xFEFF,
    ]

    private static let prohibited: [ClosedRange<UInt32>] = [
        0x0...0x1F, 0x7F...0x9F, 0x340...0x341, 0x6DD...0x6DD, 0x70F...0x70F, 0x180E...0x180E, 0x200C...0x200F,
        0x2028...0x202E, 0x2060...0x2063, 0x206A...0x206F, 0x2FF0...0x2FFB, 0xE000...0xF8FF, 0xFDD0...0xFDEF,
        0xFEFF...0xFEFF, 0xFFF9...0xFFFD, 0x1D173...0x1D17A, 0xE0001...0xE0001, 0xE0020...0xE007F,
        0xF0000...0xFFFFD, 0x100000...0x10FFFD,
    ]

    private static let rightToLeft: [ClosedRange<UInt32>] = [
        0x5BE...0x5BE, 0x5C0...0x5C0, 0x5C3...0x5C3, 0x5D0...0x5EA, 0x5F0...0x5F4, 0x61B...0x61B, 0x61F...0x61F,
        0x621...0x63A, 0x640...0x64A, 0x66D...0x66F, 0x671...0x6D5, 0x6DD...0x6DD, 0x6E5...0x6E6, 0x6FA...0x6FE,
        0x700...0x70D, 0x710...0x710, 0x712...0x72C, 0x780...0x7A5, 0x7B1...0x7B1, 0x200F...0x200F, 0xFB1D...0xFB1D,
        0xFB1F...0xFB28, 0xFB2A...0xFB36, 0xFB38...0xFB3C, 0xFB3E...0xFB3E, 0xFB40...0xFB41, 0xFB43...0xFB44,
        0xFB46...0xFBB1, 0xFBD3...0xFD3D, 0xFD50...0xFD8F, 0xFD92...0xFDC7, 0xFDF0...0xFDFC, 0xFE70...0xFE74,
        0xFE76...0xFEFC,
    ]
}
