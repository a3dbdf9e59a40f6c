internal import PosternCore

extension KeyPlan.State {
    private static let version: Int64 = 1
    private static let limits = JSONParser.Limits(bytes: 4096, depth: 4)

    /// The text of `keys.json`.
    package var json: String {
        var object: JSONObject = ["v": .number(JSONNumber(Self.version))]
        for (name, key) in [("current", current), ("next", next), ("previous", previous)] {
            guard let key else { continue }
            object.append(name, .object(["kid": .string(key.id), "since": .string(key.since.rfc3339)]))
        }
        return JSONValue.object(object).text + "\n"
    }

    /// - Returns: nil when it is not the text of a state.
    package init?(json bytes: [UInt8]) {
        guard let object = (try? JSONParser.parse(bytes, limits: Self.limits))?.objectValue,
            object["v"]?.numberValue?.integer == Self.version
        else { return nil }
        self.init()
        for member in object.members where member.name != "v" {
            guard let value = member.value.objectValue, let id = value["kid"]?.stringValue,
                let since = value["since"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }), Self.isID(id)
            else { return nil }
            let key = Key(id: id, since: since)
            switch member.name {
            case "current": current = key
            case "next": next = key
            case "previous": previous = key
            default: return nil
            }
        }
    }

    /// A thumbprint, which is also a file's name.
    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 43 && Base64.decode(text.utf8, .url)?.count == 32
    }
}
