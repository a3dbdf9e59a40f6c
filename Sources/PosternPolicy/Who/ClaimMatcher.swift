package import PosternCore

/// What a claim's value must be. A missing claim never gets here: it never matches.
package indirect enum ClaimMatcher: Hashable, Sendable {
    /// The same type and the same value: `"74"` is not `74`. A scalar never matches an array.
    case exactly(ClaimScalar)
    /// A string that the pattern covers from end to end.
    case glob(Glob)
    /// An array with an element that matches; a value that is no array never does.
    case contains(ClaimMatcher)
    /// At least one of these.
    case anyOf([ClaimMatcher])

    package func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .exactly(let scalar): return scalar.equals(value)
        case .glob(let glob):
            guard case .string(let text) = value else { return false }
            return glob.matches(text)
        case .contains(let matcher):
            guard case .array(let elements) = value else { return false }
            return elements.contains { matcher.matches($0) }
        case .anyOf(let matchers): return matchers.contains { $0.matches(value) }
        }
    }
}

/// A value that a policy can name: string, number or boolean.
package enum ClaimScalar: Hashable, Sendable {
    case string(String)
    case number(JSONNumber)
    case bool(Bool)

    /// - Returns: nil for null, arrays and objects.
    package init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .number(let number): self = .number(number)
        case .bool(let flag): self = .bool(flag)
        case .null, .array, .object: return nil
        }
    }

    /// Strings are equal when their bytes are (no Unicode normalisation), numbers when they are the same integer or
    /// were written alike.
    package func equals(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.string(let own), .string(let other)): return own.utf8.elementsEqual(other.utf8)
        case (.bool(let own), .bool(let other)): return own == other
        case (.number(let own), .number(let other)):
            if let left = own.integer, let right = other.integer { return left == right }
            return own.text == other.text
        case (.string, _), (.bool, _), (.number, _): return false
        }
    }
}
