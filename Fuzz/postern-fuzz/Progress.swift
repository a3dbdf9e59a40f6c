internal import Glibc

/// The number of the input under work, in a file that parent and child share: what is there outlives a crash.
///
/// Only one side writes at a time: the child while it runs, the parent when it does not.
final class Progress {
    private let memory: UnsafeMutablePointer<Int>

    /// - Parameter path: is made if it is not there; nil comes back when it cannot be.
    init?(path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = MemoryLayout<Int>.size
        guard ftruncate(descriptor, off_t(size)) == 0,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { return nil }
        self.memory = memory.bindMemory(to: Int.self, capacity: 1)
    }

    deinit { munmap(memory, MemoryLayout<Int>.size) }

    var number: Int {
        get { memory.pointee }
        set { memory.pointee = newValue }
    }
}
