internal import Glibc
internal import PosternCore
internal import PosternIssuer
internal import PosternJournal

/// The issuer's keys on the disk.
///
/// ```
/// lock          held while an issuer runs
/// keys.json     which key is the current one, the next and the previous
/// KID.pem       each of them, 0600
/// latest        the date of the latest request that was answered although it was dated ahead; mostly not there
/// ```
///
/// It blocks: for the pool.
package final class KeyFolder: Sendable {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
        package let hint: String?

        init(_ description: String, hint: String? = nil) {
            self.description = description
            self.hint = hint
        }

        fileprivate init(_ error: JournalError) {
            self.init(error.description, hint: error.hint)
        }

        fileprivate static func last(_ operation: String) -> Failure {
            Failure("\(operation): \(String(cString: strerror(errno)).lowercased())")
        }
    }

    private static let stateLimit = 4096
    private static let keyLimit = 16 << 10

    private let path: String
    private let lock: Int32

    /// Opens the folder, making it when it is missing, and keeps every other issuer out.
    package init(path: String) throws(Failure) {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("making `\(path)`") }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last("opening `\(path)`") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Failure("`\(path)` is not a directory") }
        guard status.st_mode & 0o077 == 0 else {
            throw Failure("others may enter the keys' folder `\(path)`", hint: "chmod 0700 \(path)")
        }
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .last("opening `\(path)/lock`") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure("another issuer uses the keys in `\(path)`", hint: "give each issuer a folder of its own")
        }
        lock = descriptor
    }

    deinit { close(lock) }

    /// What the last issuer left; no keys when there was none.
    func load() throws(Failure) -> (state: KeyPlan.State, keys: [String: MintingKey]) {
        do {
            guard let text = try PrivateFile.read(stateFile, limit: Self.stateLimit) else {
                return (KeyPlan.State(), [:])
            }
            guard let state = KeyPlan.State(json: text) else {
                throw Failure(
                    "`\(stateFile)` is not understood",
                    hint: "bring it back from a copy, or remove it for new keys"
                )
            }
            var keys: [String: MintingKey] = [:]
            for id in state.keys.map(\.id) { keys[id] = try key(id) }
            removeKeys(except: Set(keys.keys))
            return (state, keys)
        } catch let error as Failure {
            throw error
        } catch let error as JournalError {
            throw Failure(error)
        } catch {
            throw Failure("\(error)")
        }
    }

    /// Makes a state the one that the next issuer finds, its keys before it.
    func save(_ state: KeyPlan.State, _ keys: [String: MintingKey]) throws(Failure) {
        do throws(JournalError) {
            for key in keys.values where access(file(of: key.published.id), F_OK) != 0 {
                try PrivateFile.replace(file(of: key.published.id), with: key.pem.reveal())
            }
            try PrivateFile.replace(stateFile, with: Array(state.json.utf8))
        } catch {
            throw Failure(error)
        }
    }

    /// Removes the keys that the state does not name: what was left when a process ended between two steps. Whoever
    /// found one could sign with a key that gateways may still hold.
    private func removeKeys(except ids: Set<String>) {
        guard let folder = opendir(path) else { return }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        for name in names where name.hasSuffix(".pem") && !ids.contains(String(name.dropLast(".pem".count))) {
            unlink("\(path)/\(name)")
        }
    }

    /// The date of the latest request that was dated ahead; one long past when there was none.
    func latest() throws(Failure) -> Timestamp {
        let text: [UInt8]?
        do throws(JournalError) {
            text = try PrivateFile.read(latestFile, limit: Self.stateLimit)
        } catch {
            throw Failure(error)
        }
        guard let text else { return Timestamp(seconds: 0) }
        guard let seconds = Int64(String(decoding: text, as: UTF8.self)) else {
            throw Failure("`\(latestFile)` is not understood", hint: "remove it a minute after the last token")
        }
        return Timestamp(seconds: seconds)
    }

    func keep(latest date: Timestamp) throws(Failure) {
        do throws(JournalError) {
            try PrivateFile.replace(latestFile, with: Array(String(date.seconds).utf8))
        } catch {
            throw Failure(error)
        }
    }

    /// Removes a key that no token needs any more.
    func remove(_ id: String) { unlink(file(of: id)) }

    private func key(_ id: String) throws -> MintingKey {
        let path = file(of: id)
        guard let pem = try PrivateFile.read(path, limit: Self.keyLimit) else {
            throw Failure(
                "the key `\(path)` is missing, which `keys.json` names",
                hint: "bring it back from a copy, or remove `keys.json` for new keys"
            )
        }
        guard let key = MintingKey(pem: pem), key.published.id == id else {
            throw Failure("`\(path)` does not hold the key of its name")
        }
        return key
    }

    private var stateFile: String { path + "/keys.json" }
    private var latestFile: String { path + "/latest" }
    private func file(of id: String) -> String { "\(path)/\(id).pem" }
}
