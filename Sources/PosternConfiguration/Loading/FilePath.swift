internal import Glibc

/// Paths: joining, the folder above, making them absolute, and what little is asked of the file system.
enum FilePath {
    /// Joins and removes `.` and empty parts. `..` stays: behind a symbolic link it means something else.
    static func join(_ directory: String, _ path: String) -> String {
        let parts = (directory + "/" + path).split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    /// A path below a folder as a person wrote it; the folder itself when `relative` is empty.
    static func shown(_ directory: String, _ relative: String) -> String {
        relative.isEmpty ? directory : directory + "/" + relative
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path seen from the current directory.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return join("/", path) }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return join(String(cString: current), path)
    }

    /// The shortest way to write an absolute path: from the current directory where it is below.
    static func fromHere(_ path: String) -> String {
        let here = resolved(".")
        return path.hasPrefix(here + "/") ? String(path.dropFirst(here.count + 1)) : path
    }

    /// The path without links and `..`, as far as it exists; else as it is.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return absolute(path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// What a directory holds, sorted; nil with `errno` set when it cannot be read.
    static func names(in path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }
}
