/// The settings that a job asks for in its startup packet, each one on the allow-list and with its value checked.
///
/// What is not on the list is refused: forwarding it would undo the session's invariants, dropping it would run the
/// job's statements under settings that it did not ask for.
package struct StartupSettings: Hashable, Sendable {
    /// Far above any sensible value; `application_name` is cut to 63 bytes by PostgreSQL anyway.
    package static let valueLimit = 1024

    /// Canonical names, in the order of the packet: keys first, then what `options` holds.
    package let values: [StartupSetting]

    /// What the big drivers and libpq's environment variables send, in PostgreSQL's own spelling.
    package static let allowed = [
        "application_name", "bytea_output", "client_encoding", "client_min_messages", "DateStyle",
        "extra_float_digits", "geqo", "idle_in_transaction_session_timeout", "idle_session_timeout",
        "IntervalStyle", "lock_timeout", "standard_conforming_strings", "statement_timeout", "TimeZone",
        "transaction_timeout",
    ]

    private static let canonicalNames = Dictionary(uniqueKeysWithValues: allowed.map { ($0.asciiLowercased, $0) })

    /// Checks every setting of a startup message.
    package init(_ message: StartupMessage) throws(Refusal) {
        var values: [StartupSetting] = []
        let inOptions = try message.options.map(StartupOptions.settings(of:)) ?? []
        for setting in message.parameters + inOptions {
            let checked = try Self.check(setting)
            guard !values.contains(where: { $0.name == checked.name }) else {
                throw .violation("startup setting `\(checked.name)` is given twice")
            }
            values.append(checked)
        }
        self.values = values
    }

    /// - Parameter name: a canonical name.
    package subscript(name: String) -> String? {
        values.first { $0.name == name }?.value
    }

    private static func check(_ setting: StartupSetting) throws(Refusal) -> StartupSetting {
        guard let name = canonicalNames[setting.name.asciiLowercased] else {
            throw Refusal(
                .insufficientPrivilege,
                "startup setting `\(setting.name.quotable)` is not allowed",
                hint: "allowed are \(allowed.joined(separator: ", "))"
            )
        }
        guard setting.value.utf8.count <= valueLimit else {
            throw Refusal(.programLimitExceeded, "value of `\(name)` is longer than \(valueLimit) bytes")
        }
        switch name {
        case "client_encoding":
            guard isUTF8(setting.value) else {
                throw Refusal(.insufficientPrivilege, "`client_encoding` must be UTF8")
            }
            return StartupSetting(name, "UTF8")
        case "standard_conforming_strings":
            guard let isOn = parseBoolean(setting.value) else {
                throw Refusal(.invalidParameterValue, "parameter `\(name)` requires a Boolean value")
            }
            guard isOn else { throw Refusal(.insufficientPrivilege, "`\(name)` must be on") }
            return StartupSetting(name, "on")
        default:
            return StartupSetting(name, setting.value)
        }
    }

    /// `pg_valid_client_encoding` keeps letters and digits only: `utf-8`, `UTF8` and `'Utf 8'` are one name.
    private static func isUTF8(_ name: String) -> Bool {
        let cleaned = name.asciiLowercased.utf8.filter { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        return cleaned.elementsEqual("utf8".utf8) || cleaned.elementsEqual("unicode".utf8)
    }
}
