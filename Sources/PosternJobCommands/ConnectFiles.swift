internal import Glibc
internal import PosternCore
internal import PosternJob

/// The files by which `connect` tells others of its port.
struct ConnectFiles {
    /// `-` is standard output.
    let variables: String?
    let ready: String?

    /// Writes the variables, one `NAME=value` a line and without quotes, as `--env-file` of a container engine, GITHUB_ENV
    /// and `set -a; . FILE` read them; then the file that says so.
    ///
    /// - Throws: `JobTrouble`.
    func write(_ values: [(name: String, value: Redacted<String>)]) throws(JobTrouble) {
        if let variables {
            let lines = values.map { "\($0.name)=\($0.value.reveal())\n" }
            guard lines.allSatisfy({ $0.utf8.count { $0 == 0x0A } == 1 }) else {
                throw JobTrouble("a variable with a line end cannot go into a file of variables")
            }
            if variables == "-" {
                JobOutput.result(lines.joined())
            } else {
                try RunFile.write(Array(lines.joined().utf8), to: variables, .replacing)
            }
        }
        if let ready { try RunFile.write(Array("\(getpid())\n".utf8), to: ready, .replacing) }
    }

    /// Takes back that the port is open: another run that was killed may have left that behind.
    func forget() {
        if let ready { RunFile.remove(ready) }
    }

    /// The port is about to close.
    func remove() {
        forget()
        if let variables, variables != "-" { RunFile.remove(variables) }
    }
}
