/// A value that cannot be printed: tokens, passwords, keys.
///
/// Interpolation, `print`, `dump` and reflection all show `<redacted>`. The one way to the value is
/// `reveal()`, which a reviewer can search for.
package struct Redacted<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    package init(_ value: Value) {
        self.value = value
    }

    /// The secret itself. Call it where the bytes leave for the wire or the library that needs them, nowhere else.
    package func reveal() -> Value { value }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}
