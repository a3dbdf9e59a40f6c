/// A JSON value (RFC 8259) as it was written: members keep their order, numbers their text.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var numberValue: JSONNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The kind in a person's words: `a string`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A number with the text that it had. Two numbers are equal when their texts are.
package struct JSONNumber: Hashable, Sendable {
    package let text: String

    /// - Parameter text: a number of the JSON grammar; the parser guarantees it.
    package init(text: String) {
        self.text = text
    }

    package init(_ integer: some BinaryInteger) {
        text = String(integer)
    }

    /// The value when it is an integer written without fraction or exponent, and fits.
    package var integer: Int64? { Int64(text) }

    /// The nearest double, nil when it is not finite.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}

/// The members of an object in the order in which they were written. Names are unique.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: JSONValue
    }

    package private(set) var members: [Member] = []

    package init() {}

    /// - Precondition: no two names are equal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// Adds a member at the end.
    /// - Precondition: the name is not there yet.
    package mutating func append(_ name: String, _ value: JSONValue) {
        precondition(self[name] == nil, "an object's member names are unique")
        members.append(Member(name: name, value: value))
    }

    /// For the parser, which has checked the name against the ones before in its own, faster way.
    mutating func appendUnchecked(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }

    package subscript(name: String) -> JSONValue? {
        members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}
