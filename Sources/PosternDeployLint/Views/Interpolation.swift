/// Variables in the texts of compose files and pipelines: `${NAME:-default}`, `$NAME`, `${{ expression }}`.
enum Interpolation {
    /// Defaults in defaults; and longer texts than any path or password.
    private static let maximumDepth = 8
    private static let maximumLength = 4_096

    /// The text with every default filled in; nil when it has a variable without one, and so nobody knows it here.
    static func resolved(_ text: String) -> String? {
        guard text.utf8.count <= maximumLength else { return nil }
        return resolved(text, depth: 0)
    }

    private static func resolved(_ text: String, depth: Int) -> String? {
        guard depth <= maximumDepth else { return nil }
        var output = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            let after = rest[dollar...].dropFirst()
            if after.first == "$" {
                // A dollar that is escaped is one for a shell further on, where it may begin a variable.
                if let next = after.dropFirst().first, next == "{" || next == "_" || next.isLetter,
                    output.isEmpty
                {
                    return nil
                }
                output += "$"
                rest = after.dropFirst()
            } else if after.first == "{" {
                guard let end = end(ofBraces: after) else { return nil }
                let inner = after[after.index(after: after.startIndex)..<after.index(before: end)]
                guard let fallback = fallback(in: inner), let value = resolved(fallback, depth: depth + 1) else {
                    return nil
                }
                output += value
                rest = after[end...]
            } else if let first = after.first,
                first == "_" || first.isLetter || first.isNumber || "@*#[".contains(first)
            {
                return nil
            } else {
                output += "$"
                rest = after
            }
        }
        return output + rest
    }

    static func hasVariable(_ text: String) -> Bool { resolved(text) != text }

    /// The parts between colons; those inside `${…}` part nothing.
    static func splitAtColons(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        var previous: Character?
        for character in text {
            if character == "{", previous == "$" { depth += 1 }
            if character == "}", depth > 0 { depth -= 1 }
            if character == ":", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            previous = character
        }
        return parts
    }

    /// What is behind `:-` or `-`; empty behind `:+`, which stands for nothing where the variable is not set.
    private static func fallback(in inner: Substring) -> String? {
        guard let mark = inner.firstIndex(where: { !($0 == "_" || $0.isLetter || $0.isNumber) }) else { return nil }
        var operation = inner[mark...]
        if operation.first == ":" { operation = operation.dropFirst() }
        switch operation.first {
        case "-": return String(operation.dropFirst())
        case "+": return ""
        default: return nil
        }
    }

    /// Behind the brace that closes the first one.
    private static func end(ofBraces text: Substring) -> Substring.Index? {
        var depth = 0
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" {
                depth -= 1
                if depth == 0 { return text.index(after: index) }
            }
        }
        return nil
    }
}
