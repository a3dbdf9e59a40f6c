internal import PosternCore
internal import PosternCrypto

/// PostgreSQL's old challenge: `md5` and hex(MD5(hex(MD5(password ‖ user)) ‖ salt)).
package enum MD5Password {
    package static func response(login: String, password: [UInt8], salt: [UInt8]) -> [UInt8] {
        let stored = Hex.encode(Digest.md5.hash(password + Array(login.utf8)))
        return Array("md5\(Hex.encode(Digest.md5.hash(Array(stored.utf8) + salt)))".utf8)
    }
}
