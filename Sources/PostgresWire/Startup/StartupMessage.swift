/// A StartupMessage, fully parsed: what is not understood is refused, never passed on.
///
/// PostgreSQL lets the last of two equal keys win and folds the case of some keys only, so that two readers of one
/// packet can see two users. Here a key that comes twice, in whatever case, is refused.
package struct StartupMessage: Hashable, Sendable {
    /// PostgreSQL cuts names here (`NAMEDATALEN` - 1) in silence; Postern refuses longer ones.
    package static let nameLimit = 63
    /// More keys than any driver sends; keeps the search for duplicates cheap.
    package static let parameterLimit = 128

    /// What the client asked for; the minor version may be newer than Postern's.
    package let requestedVersion: ProtocolVersion
    package let user: String
    /// The `database`, or the user's name where the client named none.
    package let database: String
    /// The `options` key: command-line switches, not yet split.
    package let options: String?
    /// The `_pq_.` keys, in order.
    package let protocolOptions: [StartupSetting]
    /// Every other key, in order: settings, not yet held against the allow-list.
    package let parameters: [StartupSetting]

    /// - Parameter body: what follows the version.
    init(version: ProtocolVersion, body: ArraySlice<UInt8>) throws(Refusal) {
        var user: String?
        var database: String?
        var options: String?
        var protocolOptions: [StartupSetting] = []
        var parameters: [StartupSetting] = []
        for pair in try Self.pairs(of: body) {
            // PostgreSQL compares these keys exactly and takes all else for settings.
            switch pair.name {
            case "user": user = try Self.checkedName(pair.value, of: "user")
            case "database": database = try Self.checkedName(pair.value, of: "database")
            case "options": options = pair.value
            case "replication": try Self.refuseReplication(pair.value)
            case let name where name.utf8.starts(with: "_pq_.".utf8): protocolOptions.append(pair)
            default: parameters.append(pair)
            }
        }
        guard let user else {
            throw Refusal(.invalidAuthorization, "no user name specified in startup packet")
        }
        requestedVersion = version
        self.user = user
        self.database = database ?? user
        self.options = options
        self.protocolOptions = protocolOptions
        self.parameters = parameters
    }

    private static func pairs(of body: ArraySlice<UInt8>) throws(Refusal) -> [StartupSetting] {
        let pairs: [StartupSetting]
        do throws(WireError) {
            pairs = try read(body)
        } catch {
            throw error == .invalidText
                ? Refusal(.characterNotInRepertoire, "startup packet is not UTF-8")
                : .violation("invalid startup packet layout: expected terminator as last byte")
        }
        guard pairs.count <= parameterLimit else {
            throw Refusal(.programLimitExceeded, "more than \(parameterLimit) startup parameters")
        }
        var seen: Set<String> = []
        for pair in pairs where !seen.insert(pair.name.asciiLowercased).inserted {
            throw .violation("startup parameter `\(pair.name.quotable)` is given twice")
        }
        return pairs
    }

    /// Names and values up to the empty name, which must be the last byte. The packet's length bounds their number.
    private static func read(_ body: ArraySlice<UInt8>) throws(WireError) -> [StartupSetting] {
        var reader = WireReader(body)
        var pairs: [StartupSetting] = []
        while true {
            let name = try reader.text()
            if name.isEmpty { break }
            pairs.append(StartupSetting(name, try reader.text()))
        }
        try reader.expectEnd()
        return pairs
    }

    private static func checkedName(_ name: String, of key: String) throws(Refusal) -> String {
        guard !name.isEmpty else {
            throw Refusal(.invalidAuthorization, "empty \(key) name in startup packet")
        }
        guard name.utf8.count <= nameLimit else {
            throw Refusal(.programLimitExceeded, "\(key) name is longer than \(nameLimit) bytes")
        }
        return name
    }

    /// A walsender speaks a grammar of its own: refused. What says "no" in PostgreSQL's ways is dropped.
    private static func refuseReplication(_ value: String) throws(Refusal) {
        guard value != "database", let wanted = parseBoolean(value) else {
            throw value == "database"
                ? .replication : Refusal(.invalidParameterValue, "invalid value for parameter `replication`")
        }
        if wanted { throw .replication }
    }
}

extension Refusal {
    fileprivate static let replication = Refusal(
        .insufficientPrivilege,
        "replication connections are not allowed",
        hint: "connect to the database itself for replication"
    )
}

/// PostgreSQL's `parse_bool`: words and their unique prefixes in any case, and one digit; nil for anything else.
func parseBoolean(_ text: String) -> Bool? {
    let text = text.asciiLowercased
    guard !text.isEmpty else { return nil }
    func abbreviates(_ word: String) -> Bool { word.utf8.starts(with: text.utf8) }
    if text == "1" || abbreviates("true") || abbreviates("yes") || text == "on" { return true }
    if text == "0" || abbreviates("false") || abbreviates("no") || text == "of" || text == "off" { return false }
    return nil
}

extension String {
    /// ASCII letters folded, all else left alone: what `pg_strcasecmp` does for ASCII names.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }

    /// A name from a client, fit to be shown: printable ASCII, cut at 63 characters.
    var quotable: String {
        let shown = utf8.prefix(StartupMessage.nameLimit).map { byte in
            UInt8(ascii: " ")...UInt8(ascii: "~") ~= byte && byte != UInt8(ascii: "`") ? byte : UInt8(ascii: "?")
        }
        return String(decoding: shown, as: UTF8.self)
    }
}
