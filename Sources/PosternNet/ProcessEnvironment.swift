internal import CPosternLinux
internal import Glibc

/// The variables of this process.
package enum ProcessEnvironment {
    /// Each as `NAME=value`, in bytes: values need not be text.
    package static var entries: [[UInt8]] {
        var entries: [[UInt8]] = []
        guard var next = postern_environment() else { return [] }
        // Unsafe: the process's own array, NULL at its end; nobody here calls setenv.
        while let entry = next.pointee {
            entries.append(Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry))))
            next += 1
        }
        return entries
    }

    /// As text, with what is none repaired. Of two with one name the first counts, as for getenv.
    package static func variables(of entries: [[UInt8]]) -> [String: String] {
        var variables: [String: String] = [:]
        for entry in entries {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            if variables[name] == nil { variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self) }
        }
        return variables
    }
}
