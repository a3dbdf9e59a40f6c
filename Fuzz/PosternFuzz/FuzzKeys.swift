internal import PosternCore
internal import PosternIdentity
internal import Synchronization

/// The keys and signed tokens of a corpus, which a probe holds a good token against.
package enum FuzzKeys {
    private struct State {
        var keySet: KeySet?
        /// Header and claims of what was signed, in clear, with a tab between them.
        var signed: Set<[UInt8]> = []
    }

    private static let state = Mutex(State())

    static var keySet: KeySet? { state.withLock(\.keySet) }

    /// Takes the first key set and all tokens of some folders. Before the first token is probed.
    package static func load(_ folders: [String]) {
        let keySet = Corpus.read(folders, for: .keys).first.flatMap { try? KeySet.parse($0) }
        let tokens = Corpus.read(folders, for: .token)
        state.withLock { state in
            state.keySet = keySet
            state.signed = Set(tokens.compactMap(clear))
        }
    }

    /// Whether somebody signed what this token says.
    static func isSigned(_ token: [UInt8]) -> Bool {
        let parts = token.split(separator: UInt8(ascii: "."))
        guard parts.count == 3, let header = Base64.decode(parts[0], .url), let claims = Base64.decode(parts[1], .url)
        else { return false }
        return state.withLock { $0.signed.contains(header + [0x09] + claims) }
    }

    private static func clear(_ line: [UInt8]) -> [UInt8]? {
        line.lastIndex(of: 0x09).map { Array(line[..<$0]) }
    }
}
