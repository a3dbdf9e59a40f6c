package import PosternCore

/// `NAME=TEMPLATE`: one more variable for the child, made of the local port's addresses.
package struct EnvironmentTemplate: Hashable, Sendable {
    private enum Piece: Hashable, Sendable {
        case text(String)
        case field(Field)
    }

    /// What stands in braces.
    package enum Field: String, Sendable, CaseIterable {
        case host, port, user, database, password, url
        case jdbcURL = "jdbc_url"
        case socketFolder = "socket_folder"
    }

    package let name: String
    private let pieces: [Piece]

    /// - Throws: `JobTrouble` for a name that is none, or a field that there is not.
    package init(_ text: String) throws(JobTrouble) {
        guard let equals = text.firstIndex(of: "=") else {
            throw JobTrouble("`--env \(text)` is not NAME=TEMPLATE")
        }
        name = String(text[..<equals])
        let isName = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        guard isName, !name.isEmpty else { throw JobTrouble("`\(name)` of `--env` is no name of a variable") }
        pieces = try Self.parse(text[text.index(after: equals)...])
    }

    private static func parse(_ text: Substring) throws(JobTrouble) -> [Piece] {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text
        while let character = rest.popFirst() {
            if character == "{" || character == "}", rest.first == character {
                literal.append(character)
                rest.removeFirst()
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}"), let field = Field(rawValue: String(rest[..<end])) else {
                    throw JobTrouble(
                        "`{\(rest.prefix { $0 != "}" })}` of `--env` stands for nothing",
                        hint: "there are \(Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")); "
                            + "`{{` and `}}` are braces"
                    )
                }
                pieces += [.text(literal), .field(field)]
                literal = ""
                rest = rest[rest.index(after: end)...]
            } else {
                literal.append(character)
            }
        }
        return pieces + [.text(literal)]
    }

    /// The variable's value.
    ///
    /// - Throws: `JobTrouble` for a field that the local port does not have.
    package func value(with endpoints: LocalEndpoints) throws(JobTrouble) -> Redacted<String> {
        var value = ""
        for piece in pieces {
            switch piece {
            case .text(let text): value += text
            case .field(let field): value += try self.text(of: field, endpoints)
            }
        }
        return Redacted(value)
    }

    private func text(of field: Field, _ endpoints: LocalEndpoints) throws(JobTrouble) -> String {
        let value: String? =
            switch field {
            // Beside {port} a host is wanted that every driver knows.
            case .host: endpoints.port == nil ? endpoints.folder : "127.0.0.1"
            case .port: String(endpoints.number)
            case .user: endpoints.user
            case .database: endpoints.database
            case .password: endpoints.password.reveal()
            case .url: endpoints.url().reveal()
            case .jdbcURL: endpoints.jdbc?.reveal()
            case .socketFolder: endpoints.folder
            }
        guard let value else {
            let option = field == .socketFolder ? "--tcp" : "--socket"
            throw JobTrouble("`{\(field.rawValue)}` of `--env \(name)` does not exist with `\(option)`")
        }
        return value
    }
}
