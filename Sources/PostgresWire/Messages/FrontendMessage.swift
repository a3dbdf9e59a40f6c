package import PosternCore

/// The bytes of a client's messages, as Postern sends them upstream.
package enum FrontendMessage {
    package static let sslRequestCode: UInt32 = 80_877_103
    package static let gssEncryptionRequestCode: UInt32 = 80_877_104
    package static let cancelRequestCode: UInt32 = 80_877_102

    package static let sslRequest = WireWriter.message { $0.append(sslRequestCode) }
    package static let terminate = WireWriter.message(type: UInt8(ascii: "X")) { _ in }

    /// - Precondition: no name is empty, and there is no NUL in names and values.
    package static func startup(version: ProtocolVersion, parameters: [StartupSetting]) -> [UInt8] {
        WireWriter.message { writer in
            writer.append(version.code)
            for parameter in parameters {
                precondition(!parameter.name.isEmpty, "an empty name ends a startup packet")
                writer.appendCString(parameter.name)
                writer.appendCString(parameter.value)
            }
            writer.append(0 as UInt8)
        }
    }

    package static func cancelRequest(_ key: CancelKey) -> [UInt8] {
        WireWriter.message { writer in
            writer.append(cancelRequestCode)
            writer.append(key.processID)
            writer.append(key.reveal())
        }
    }

    /// A PasswordMessage: the password itself, or its MD5 form.
    /// - Precondition: no NUL in it.
    package static func password(_ password: Redacted<[UInt8]>) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "p")) { $0.appendCString(password.reveal()) }
    }

    package static func saslInitialResponse(mechanism: String, data: [UInt8]) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "p")) { writer in
            writer.appendCString(mechanism)
            writer.append(UInt32(data.count))
            writer.append(data)
        }
    }

    package static func saslResponse(_ data: [UInt8]) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "p")) { $0.append(data) }
    }

    /// - Precondition: no NUL in the text.
    package static func query(_ text: String) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "Q")) { $0.appendCString(text) }
    }
}
