/// A setting that the server reports. The value is kept as bytes so that it can be passed on unchanged.
package struct ParameterStatus: Hashable, Sendable {
    package let name: String
    package let valueBytes: [UInt8]

    /// - Precondition: no NUL in either.
    package init(name: String, value: String) {
        self.init(name: name, valueBytes: Array(value.utf8))
    }

    package init(name: String, valueBytes: [UInt8]) {
        self.name = name
        self.valueBytes = valueBytes
    }

    /// The value with invalid UTF-8 repaired.
    package var value: String { String(decoding: valueBytes, as: UTF8.self) }
}
