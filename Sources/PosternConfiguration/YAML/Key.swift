/// A key that a mapping may hold. Decoders and the reference manual's tests read the same lists.
package struct Key: Hashable, Sendable {
    package enum Support: Hashable, Sendable {
        case optional
        case required
    }

    package let name: String
    package let support: Support
    /// What holds when the key is absent, as the manual prints it; nil when there is nothing to print.
    package let defaultText: String?

    static func optional(_ name: String, default text: String? = nil) -> Key {
        Key(name: name, support: .optional, defaultText: text)
    }

    static func required(_ name: String) -> Key {
        Key(name: name, support: .required, defaultText: nil)
    }
}
