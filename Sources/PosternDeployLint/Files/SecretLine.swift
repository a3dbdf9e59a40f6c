/// Tells lines that may hold a secret: no report shows them, whatever it is about.
enum SecretLine {
    private static let names = ["PASS", "PWD", "SECRET", "TOKEN", "CREDENTIAL", "API_KEY", "APIKEY"]
    /// Options whose next word is a password.
    private static let options: Set<String> = ["--password", "--requirepass", "--pass", "-a"]

    static func holds(_ line: some StringProtocol) -> Bool {
        let line = String(line)
        if let found = ConnectionString.first(in: line), isLiteral(found.password) { return true }
        if DatabaseURL.first(in: line).map({ isLiteral($0.password) }) ?? false { return true }
        let words = line.split { $0.isWhitespace || "'\"`,;()?&".contains($0) }.map(String.init)
        let isMySQL = words.contains { $0.contains("mysql") || $0.contains("mariadb") }
        for (index, word) in words.enumerated() {
            if options.contains(word), index + 1 < words.count, isLiteral(words[index + 1]) { return true }
            if isMySQL, word.hasPrefix("-p"), isLiteral(String(word.dropFirst(2))) { return true }
            // `--env=NAME=value` of a container.
            let assignment =
                ["--env=", "-e="].first(where: word.hasPrefix).map { word.dropFirst($0.count) } ?? word[...]
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init
            )
            if parts.count == 2, isSecret(parts[0]), isLiteral(parts[1]) { return true }
            // `PASSWORD: text`, as YAML has it.
            if word.hasSuffix(":"), isSecret(word), index + 1 < words.count, isLiteral(words[index + 1]) { return true }
        }
        return false
    }

    private static func isSecret(_ name: String) -> Bool {
        let name = name.uppercased()
        return names.contains(where: name.contains)
    }

    private static func isLiteral(_ value: String) -> Bool {
        !value.isEmpty && !value.hasPrefix("$") && !value.hasPrefix("<") && !value.hasPrefix("%")
    }
}
