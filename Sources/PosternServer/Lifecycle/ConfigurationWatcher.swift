internal import CPosternLinux
internal import Dispatch
internal import Glibc
internal import PosternNet
internal import Synchronization

/// Notices when files of the configuration change.
///
/// Directories are watched, not files: editors and ConfigMaps put new files in the place of old ones. Whatever
/// happens in them, an event comes only when one of the files is another one or has another content's marks, and
/// only after a second of quiet.
final class ConfigurationWatcher {
    private let watched: WatchedFiles
    private let source: any DispatchSourceRead

    /// - Throws: `SystemError` when the kernel gives no inotify instance.
    init(_ continuation: AsyncStream<GatewayEvent>.Continuation) throws {
        let watched = try WatchedFiles(continuation)
        self.watched = watched
        source = DispatchSource.makeReadSource(fileDescriptor: watched.descriptor, queue: watched.queue)
        source.setEventHandler { watched.drain() }
        source.resume()
    }

    deinit { source.cancel() }

    /// Watches these files from now on, and the directories that they and new ones are in.
    func watch(files: [String], directories: [String]) {
        watched.replace(files: files, directories: directories)
    }
}

/// The inotify instance and what it watches, shared by the gateway and the queue on which events come.
private final class WatchedFiles: Sendable {
    private static let quiet = DispatchTimeInterval.seconds(1)

    private struct Mark: Equatable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }

    private struct State {
        var files: [String] = []
        /// The files' marks when they were last told of.
        var marks: [String: Mark] = [:]
        /// The files' marks at the last event: others' files in the same folder do not put the quiet time off.
        var seen: [String: Mark] = [:]
        var watches: [String: Int32] = [:]
        var serial = 0
    }

    let descriptor: Int32
    let queue = DispatchQueue(label: "postern.watcher", target: .global())
    private let state = Mutex(State())
    private let continuation: AsyncStream<GatewayEvent>.Continuation

    init(_ continuation: AsyncStream<GatewayEvent>.Continuation) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        self.continuation = continuation
        guard descriptor >= 0 else { throw SystemError.last("inotify_init1") }
    }

    deinit { close(descriptor) }

    func replace(files: [String], directories: [String]) {
        let wanted = Set(directories + files.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) })
        state.withLock { state in
            for (path, watch) in state.watches where !wanted.contains(path) {
                inotify_rm_watch(descriptor, watch)
                state.watches[path] = nil
            }
            let events = UInt32(IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE)
            for path in wanted where state.watches[path] == nil {
                let watch = inotify_add_watch(descriptor, path.isEmpty ? "/" : path, events)
                if watch >= 0 { state.watches[path] = watch }
            }
            state.files = files + directories
            state.marks = Self.marks(of: state.files)
            state.seen = state.marks
        }
    }

    func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &buffer, buffer.count) > 0 {}
        let serial = state.withLock { state -> Int? in
            let marks = Self.marks(of: state.files)
            guard marks != state.seen else { return nil }
            state.seen = marks
            state.serial += 1
            return state.serial
        }
        guard let serial else { return }
        queue.asyncAfter(deadline: .now() + Self.quiet) { [weak self] in self?.settle(serial) }
    }

    private func settle(_ serial: Int) {
        let changed = state.withLock { state in
            guard state.serial == serial else { return false }
            let marks = Self.marks(of: state.files)
            defer { state.marks = marks }
            return marks != state.marks
        }
        if changed { continuation.yield(.filesChanged) }
    }

    private static func marks(of files: [String]) -> [String: Mark] {
        var marks: [String: Mark] = [:]
        for path in files {
            var status = stat()
            guard stat(path, &status) == 0 else {
                marks[path] = Mark()
                continue
            }
            marks[path] = Mark(
                device: UInt64(status.st_dev),
                inode: UInt64(status.st_ino),
                size: Int(status.st_size),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec
            )
        }
        return marks
    }
}
