import PosternCore
import PosternJob
import PostgresWire

/// Bytes of one message with its type.
func message(_ type: Character, _ body: [UInt8] = []) -> [UInt8] {
    let length = UInt32(body.count + 4)
    let header = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
    return [type.asciiValue ?? 0] + header + body
}

func ready(_ status: Character = "I") -> [UInt8] { message("Z", [status.asciiValue ?? 0]) }

/// A startup packet of the user and database `app`.
func startup(version: ProtocolVersion = .version30, _ parameters: [StartupSetting] = []) -> [UInt8] {
    FrontendMessage.startup(
        version: version,
        parameters: [StartupSetting("user", "app"), StartupSetting("database", "app")] + parameters
    )
}

func secret(_ text: String) -> Redacted<[UInt8]> { Redacted(Array(text.utf8)) }

/// A token that nobody signed, with these claims.
func token(_ claims: String) -> Redacted<[UInt8]> {
    let parts = [#"{"alg":"RS256"}"#, claims].map { Base64.encode(Array($0.utf8), .url) }
    return secret(parts.joined(separator: ".") + ".c2ln")
}

extension JobTrouble {
    var all: String { ([message, hint ?? ""] + lines).joined(separator: "\n") }
}
