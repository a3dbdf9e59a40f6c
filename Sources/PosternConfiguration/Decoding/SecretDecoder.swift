internal import Glibc
internal import PosternPolicy

extension SecretReference {
    static let keys: [Key] = [
        .optional("file"), .optional("env"), .optional("command"), .optional("ttl", default: "0s"),
    ]

    static func decode(_ node: YAMLNode, what: String, _ context: DecodingContext) -> SecretReference? {
        let log = context.log
        let forms = "write `{file: P}`, `{env: NAME}` or `{command: [argv…], ttl: 5m}`"
        switch node.content {
        case .text, .number, .bool:
            log.error(node.location, "\(what) must be a reference, not the secret itself", hint: forms)
            return nil
        case .null, .sequence, .mapping, .refused: break
        }
        guard let mapping = YAMLMapping(node, keys: keys, what: what, log: log) else { return nil }
        let sources = ["file", "env", "command"].filter { mapping.node($0) != nil }
        guard sources.count == 1 else {
            log.error(node.location, "\(what) needs one of `file`, `env` and `command`", hint: forms)
            return nil
        }
        let timeToLive = mapping.duration("ttl", in: .zero ... .seconds(86_400)) ?? .zero
        if mapping.node("ttl") != nil, sources != ["command"] {
            log.error(mapping.location(of: "ttl"), "`ttl` goes with `command` only")
        }
        if let path = context.path("file", of: mapping) {
            if context.examinesFiles { warnAboutFile(path, at: mapping.location(of: "file"), log) }
            return .file(path: path)
        }
        if let name = mapping.text("env") {
            return environment(name, at: mapping.location(of: "env"), context)
        }
        return command(of: mapping, context).map { .command(arguments: $0, timeToLive: timeToLive) }
    }

    /// A program and its arguments, under the key `command`.
    static func command(of mapping: YAMLMapping, _ context: DecodingContext) -> [String]? {
        guard let arguments = mapping.list("command", limit: 64, { argument($0, context.log) }),
            let program = arguments.first
        else { return nil }
        // A program named by a path is found like any other path: from the configuration's folder.
        return [program.contains("/") ? context.absolute(program) : program] + arguments.dropFirst()
    }

    private static func argument(_ node: YAMLNode, _ log: DiagnosticLog) -> String? {
        if case .text("") = node.content { return "" }
        return YAMLMapping.text(node, what: "an argument of `command`", log: log)
    }

    /// The file is read at each login: that it is missing now is no mistake yet.
    private static func warnAboutFile(
        _ path: String,
        at location: SourceLocation,
        _ log: DiagnosticLog
    ) {
        switch FileStatus(path) {
        case .readable(let mode):
            if mode & 0o007 != 0 {
                log.warning(
                    location,
                    "everybody on this machine may read `\(path)`",
                    hint: "chmod 0600 \(path)"
                )
            }
        case .notAFile: log.warning(location, "`\(path)` is not a file now")
        case .unreachable(let reason): log.warning(location, "cannot read `\(path)` now: \(reason)")
        }
    }

    private static func environment(
        _ name: String,
        at location: SourceLocation,
        _ context: DecodingContext
    )
        -> SecretReference?
    {
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName, name.first?.isNumber == false else {
            // Not shown: a secret in its place is the likely mistake.
            context.log.error(location, "this cannot be a variable's name")
            return nil
        }
        if context.examinesFiles, getenv(name) == nil {
            context.log.warning(location, "the variable `\(name)` is not set now")
        }
        return .environment(name: name)
    }
}
