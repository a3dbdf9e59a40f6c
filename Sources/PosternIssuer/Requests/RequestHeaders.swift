/// The header fields of a request, by lower-case name.
package struct RequestHeaders: Sendable {
    /// A longer value is in no request that Drone or Woodpecker sends.
    private static let valueByteLimit = 4096
    private static let countLimit = 64

    private var values: [String: String] = [:]

    /// - Parameter fields: names in any case. A name that comes twice is left out, and so is what is too long: what was
    ///   signed must be there once and whole.
    package init(_ fields: some Sequence<(name: String, value: String)>) {
        var repeated: Set<String> = []
        for (name, value) in fields.prefix(Self.countLimit) {
            let name = name.lowercased()
            if values.updateValue(value, forKey: name) != nil { repeated.insert(name) }
            if value.utf8.count > Self.valueByteLimit { repeated.insert(name) }
        }
        for name in repeated { values[name] = nil }
    }

    package subscript(name: String) -> String? { values[name] }
}
