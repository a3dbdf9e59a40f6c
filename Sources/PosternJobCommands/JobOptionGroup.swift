internal import ArgumentParser
internal import PosternCore
internal import PosternJob

/// The options that `exec` and `connect` share. Each has a variable, POSTERN_ and its name.
struct JobOptionGroup: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The gateway's listener; POSTERN_GATEWAY. The port is 6432 unless given.",
            valueName: "host:port"
        )
    )
    var gateway: String?

    @Option(name: .long, help: "The role that the job wants to be; POSTERN_ROLE.")
    var role: String?

    @Option(name: .long, help: "The database, as the gateway names it; POSTERN_DATABASE.")
    var database: String?

    @Option(name: .long, help: "The audience that the gateway expects in tokens; POSTERN_AUDIENCE.")
    var audience: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "PEM file with the authority of the gateway's certificate; POSTERN_CA_FILE. The system's without it.",
            valueName: "file"
        ),
        completion: .file()
    )
    var caFile: String?

    @Option(
        name: .long,
        help: "How TLS begins: `postgres` (by an SSLRequest, the default) or `direct`; POSTERN_TLS.",
        completion: .list(["postgres", "direct"])
    )
    var tls: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take the token as this CI system gives it: \(CISystem.allCases.map(\.rawValue).joined(separator: ", ")); POSTERN_CI.",
            valueName: "name"
        ),
        completion: .list(CISystem.allCases.map(\.rawValue))
    )
    var ci: String?

    @Option(name: .long, help: ArgumentHelp("Take the token from this variable; POSTERN_TOKEN_ENV.", valueName: "name"))
    var tokenEnv: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take the token from this file, read for each login; POSTERN_TOKEN_FILE.",
            valueName: "file"
        ),
        completion: .file()
    )
    var tokenFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take the token from what this program prints; split at spaces, no shell; POSTERN_TOKEN_COMMAND.",
            valueName: "command"
        )
    )
    var tokenCommand: String?

    @Flag(name: .long, help: "Offer a port of 127.0.0.1 only; POSTERN_TCP=1.")
    var tcp = false

    @Flag(name: .long, help: "Offer a Unix socket only; POSTERN_SOCKET=1.")
    var socket = false

    @Option(
        name: .long,
        help: ArgumentHelp("Write the sessions' receipts here, one a line; POSTERN_RECEIPT.", valueName: "file"),
        completion: .file()
    )
    var receipt: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Wait for a gateway that may only be starting, at most this long: `30s`, `2m`; POSTERN_WAIT.",
            valueName: "duration"
        )
    )
    var wait: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Set one more variable: {host} {port} {user} {database} {password} {url} {jdbc_url} {socket_folder} stand for "
                + "the local port's.",
            valueName: "name=template"
        )
    )
    var env: [String] = []

    @Flag(name: .long, help: "Say nothing but errors; POSTERN_QUIET=1.")
    var quiet = false

    /// The options, with the variables where they are not given.
    ///
    /// - Throws: `JobTrouble` for what is missing or wrong.
    func options(in environment: JobEnvironment) throws(JobTrouble) -> JobOptions {
        let reader = OptionReader(environment)
        var options = JobOptions(
            gateway: try reader.parsed(gateway, "gateway", "HOST:PORT of the gateway", GatewayAddress.init),
            role: try reader.name(role, "role"),
            database: try reader.name(database, "database")
        )
        options.token = TokenOptions(
            system: try reader.choice(ci, "ci", CISystem.self),
            audience: reader.value(audience, "audience"),
            variable: reader.value(tokenEnv, "token-env"),
            file: reader.value(tokenFile, "token-file"),
            command: reader.value(tokenCommand, "token-command")
        )
        let sources = [options.token.variable, options.token.file, options.token.command].compactMap(\.self)
        guard sources.count <= 1 else {
            throw JobTrouble("`--token-env`, `--token-file` and `--token-command` exclude each other")
        }
        options.caFile = reader.value(caFile, "ca-file")
        options.negotiation = try reader.choice(tls, "tls", GatewayLogin.Negotiation.self) ?? .postgres
        let (onlyPort, onlySocket) = (try reader.flag(tcp, "tcp"), try reader.flag(socket, "socket"))
        guard !(onlyPort && onlySocket) else { throw JobTrouble("`--tcp` and `--socket` exclude each other") }
        options.offer.socket = !onlyPort
        options.offer.port = !onlySocket
        options.receiptFile = reader.value(receipt, "receipt")
        if let text = reader.value(wait, "wait") {
            guard let duration = DurationText.parse(text) else {
                throw JobTrouble("`--wait \(text)` is no duration", hint: "write `30s` or `2m`")
            }
            options.wait = duration
        }
        for text in env { options.templates.append(try EnvironmentTemplate(text)) }
        options.offer.password = try reader.password
        options.isQuiet = try reader.flag(quiet, "quiet")
        return options
    }
}

/// Takes a value from the command line, or from its variable.
struct OptionReader {
    private let environment: JobEnvironment

    init(_ environment: JobEnvironment) {
        self.environment = environment
    }

    static func variable(_ option: String) -> String {
        "POSTERN_" + option.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    func value(_ given: String?, _ option: String) -> String? {
        given ?? environment[Self.variable(option)]
    }

    func flag(_ given: Bool, _ option: String) throws(JobTrouble) -> Bool {
        guard !given, let text = environment[Self.variable(option)] else { return given }
        switch text {
        case "1", "true": return true
        case "0", "false": return false
        default: throw JobTrouble("\(Self.variable(option)) is `\(text)`, not 1 or 0")
        }
    }

    /// The password of the local port that a sidecar's neighbours know: a variable, because arguments can be read by all.
    var password: Redacted<String>? {
        get throws(JobTrouble) {
            let name = Self.variable("local-password")
            guard let text = environment[name] else { return nil }
            let isPlain = text.utf8.allSatisfy { byte in
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                    || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            }
            guard isPlain, 16...256 ~= text.utf8.count else {
                throw JobTrouble("\(name) is not 16 to 256 letters and digits")
            }
            return Redacted(text)
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ given: String?,
        _ option: String,
        _ type: Choice.Type
    ) throws(JobTrouble) -> Choice? where Choice.RawValue == String {
        guard let text = value(given, option) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw JobTrouble("`--\(option) \(text)` is none of \(names)")
        }
        return choice
    }

    func parsed<Value>(
        _ given: String?,
        _ option: String,
        _ what: String,
        _ parse: (String) -> Value?
    ) throws(JobTrouble) -> Value {
        guard let text = value(given, option) else {
            throw JobTrouble("`--\(option)` is missing", hint: "give it, or set \(Self.variable(option)): \(what)")
        }
        guard let value = parse(text) else { throw JobTrouble("`--\(option) \(text)` is not \(what)") }
        return value
    }

    /// A name that goes into a startup packet.
    func name(_ given: String?, _ option: String) throws(JobTrouble) -> String {
        try parsed(given, option, "a name of at most 63 bytes") { text in
            !text.isEmpty && text.utf8.count <= 63 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
        }
    }
}
