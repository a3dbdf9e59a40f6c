internal import PosternCore

/// The one signature of a request by HTTP Message Signatures (RFC 9421), with its label and parameters.
struct MessageSignature {
    private static let byteLimit = 1024

    /// The covered components, in the order in which they were signed.
    let components: [String]
    let parameters: [String: Parameter]
    let signature: [UInt8]
    /// The value of `@signature-params` in the signature base: the text as it came.
    let parametersText: String

    enum Parameter: Equatable {
        case integer(Int64)
        case string(String)
    }

    /// - Parameters:
    ///   - input: the value of `Signature-Input`.
    ///   - signature: the value of `Signature`.
    /// - Returns: nil unless both hold exactly the one signature of this label.
    init?(input: String, signature: String, label: String) {
        let (start, end) = (label + "=", label + "=:")
        guard input.utf8.count <= Self.byteLimit, signature.utf8.count <= Self.byteLimit, input.hasPrefix(start),
            signature.hasPrefix(end), signature.hasSuffix(":"), signature.utf8.count > end.utf8.count,
            let bytes = Base64.decode(signature.dropFirst(end.count).dropLast().utf8, .standard)
        else { return nil }
        parametersText = String(input.dropFirst(start.count))
        self.signature = bytes
        guard parametersText.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }),
            parametersText.hasPrefix("("), let close = parametersText.firstIndex(of: ")")
        else { return nil }
        let list = parametersText[..<close].dropFirst()
        var components: [String] = []
        for item in list.split(separator: " ", omittingEmptySubsequences: false) {
            guard item.count > 2, item.hasPrefix("\""), item.hasSuffix("\""),
                !item.dropFirst().dropLast().contains("\"")
            else { return nil }
            components.append(String(item.dropFirst().dropLast()))
        }
        self.components = components
        guard let parameters = Self.parameters(parametersText[parametersText.index(after: close)...]) else {
            return nil
        }
        self.parameters = parameters
    }

    /// `;name=1` and `;name="text"`, each name once (RFC 8941 section 3.1.2).
    private static func parameters(_ text: Substring) -> [String: Parameter]? {
        var found: [String: Parameter] = [:]
        var rest = text
        while !rest.isEmpty {
            guard rest.first == ";" else { return nil }
            rest = rest.dropFirst()
            let name = rest.prefix { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_" || $0 == "-") }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.first == "=" else { return nil }
            rest = rest.dropFirst()
            let value: Parameter
            if rest.first == "\"" {
                let string = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest.dropFirst(string.count + 1)
                guard rest.first == "\"" else { return nil }
                rest = rest.dropFirst()
                value = .string(String(string))
            } else {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                // At most 15 digits (RFC 8941 section 3.3.1).
                guard digits.count <= 15, let number = Int64(digits) else { return nil }
                rest = rest.dropFirst(digits.count)
                value = .integer(number)
            }
            guard found.updateValue(value, forKey: String(name)) == nil else { return nil }
        }
        return found
    }
}
