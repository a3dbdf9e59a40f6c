/// A version of the frontend/backend protocol. Postern speaks 3.0 and 3.2; they differ in cancel keys only.
package struct ProtocolVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let major: UInt16
    package let minor: UInt16

    package init(major: UInt16, minor: UInt16) {
        self.major = major
        self.minor = minor
    }

    /// - Parameter code: the wire's form, major in the upper half.
    package init(code: UInt32) {
        major = UInt16(code >> 16)
        minor = UInt16(truncatingIfNeeded: code)
    }

    package static let version30 = ProtocolVersion(major: 3, minor: 0)
    package static let version32 = ProtocolVersion(major: 3, minor: 2)
    /// The newest version that Postern speaks on either side.
    package static let newest = version32

    package var code: UInt32 { UInt32(major) << 16 | UInt32(minor) }

    /// Whether cancel keys may be longer than four bytes (3.2 and later).
    package var hasLongCancelKeys: Bool { self >= .version32 }

    package static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.code < right.code }

    package var description: String { "\(major).\(minor)" }
}
