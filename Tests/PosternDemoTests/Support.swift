import PosternDemo
import PosternNet

/// A temporary folder for the length of `body`.
func withFolder<Value>(_ body: (DemoFolder) throws -> Value) throws -> Value {
    let folder = try DemoFolder()
    defer { folder.remove() }
    return try body(folder)
}

func withFolder<Value>(_ body: (DemoFolder) async throws -> Value) async throws -> Value {
    let folder = try DemoFolder()
    defer { folder.remove() }
    return try await body(folder)
}

/// Runs a program of the machine and returns what it printed.
func run(_ program: String, _ arguments: String...) throws -> ChildProcess.Finished {
    let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    return try ChildProcess.run(ProcessCommand(program, arguments, environment: environment), atMost: .seconds(30))
}
