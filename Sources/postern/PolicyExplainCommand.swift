internal import ArgumentParser
internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternPolicy
internal import PosternSQL
internal import PosternTLS

struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show how a statement of a job is decided, and why.",
        discussion: """
            First who: which entry of the role's `who` matches the claims, and why the others do not. Then what: each access \
            of the statement, each rule that was tried, and why it did not match.

            Claims are a JSON object, as an issuer puts them into a token. A token is decoded and not verified: nothing is \
            asked of the network. The issuer is the one whose URL is the claim `iss`, unless --issuer names it.

            What a role asks of a token beyond its claims is decided where it can be: --client-certificate, \
            --client-address and --token-age say how the job comes. Whether a token was used before only the gateway knows.

            Exits 0 when the job may be the role and the statement runs, 1 when not, 2 when it cannot be told.

            Examples:
              postern policy explain --claims job.json --issuer github --role reports --database orders \\
                --sql 'select * from customers'
              postern policy explain --token-file token --role reports --database orders --sql - < statement.sql
              postern policy explain --claims job.json --role reports --database orders --client-address 10.1.2.3 \\
                --client-certificate runner.crt --sql 'select * from customers'
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file; by default the nearest postern.yaml upwards.", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A JSON file with the claims of a token.", valueName: "file"),
        completion: .file()
    )
    var claims: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with a token; it is not verified.", valueName: "file"),
        completion: .file()
    )
    var tokenFile: String?

    @Option(name: .long, help: "The issuer's name in postern.yaml, where the claims have no `iss`.")
    var issuer: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The certificate that the job shows, a PEM file; it is not verified.", valueName: "file"),
        completion: .file()
    )
    var clientCertificate: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Where the job connects from: an IP address, or `unix`.", valueName: "address")
    )
    var clientAddress: String?

    @Option(
        name: .long,
        help: ArgumentHelp("How old the token is when the job connects, as 90s.", valueName: "duration")
    )
    var tokenAge: String?

    @Option(name: .long, help: "The role that the job asks for.")
    var role: String

    @Option(name: .long, help: "The database that the job asks for.")
    var database: String

    @Option(name: .long, help: "The statement; - reads it from standard input.")
    var sql: String

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        if (claims == nil) == (tokenFile == nil) { throw ValidationError("give either --claims or --token-file") }
    }

    func run() async throws {
        let (workspace, diagnostics) = PolicyWorkspace.load(config: config, paths: [])
        Output.diagnostics(DiagnosticRenderer.pretty(diagnostics))
        guard let workspace else { throw unusable("the policies cannot be loaded", hint: "mend what is said above") }
        let source: ClaimsSource
        let text: [UInt8]
        do throws(ClaimsSource.Failure) {
            source = try ClaimsSource(claimsFile: claims, tokenFile: tokenFile)
            text = sql == "-" ? try InputFile.readStandardInput() : Array(sql.utf8)
        } catch {
            throw unusable(error.reason)
        }
        guard let role = workspace.role(named: role) else {
            let names = workspace.roles.map { "`\($0.name)`" }.joined(separator: ", ")
            throw unusable("there is no role `\(role)`", hint: names.isEmpty ? nil : "the roles are \(names)")
        }
        let issuer = try issuerName(of: source.claims, role, workspace)
        let connection = try connection()
        let explained = try PolicyThread.run {
            PolicyExplanation(
                role: role,
                askedDatabase: database,
                source: source,
                issuer: issuer,
                connection: connection,
                text: text,
                workspace: workspace
            )
        }
        Output.result(json ? explained.json + "\n" : explained.text)
        if !explained.isAllowed { throw ExitCode.no }
    }

    /// How the job comes, as far as the command line says.
    private func connection() throws -> GrantConnection {
        var certificate: CertificateNames?
        if let clientCertificate {
            do throws(TLSError) {
                certificate = try CertificateNames(certificateFile: clientCertificate)
            } catch {
                throw unusable("`\(clientCertificate)` is no certificate: \(error)")
            }
        }
        let address = try clientAddress.map { text in
            guard let address = ClientAddress(text) else { throw unusable("`\(text)` is no address") }
            return address
        }
        let age = try tokenAge.map { text in
            guard let age = DurationText.parse(text) else {
                throw unusable("`\(text)` is not a duration", hint: "write it like `90s`")
            }
            return age
        }
        return GrantConnection(certificate: certificate, address: address, tokenAge: age)
    }

    /// The issuer whose URL the claims name; else the only one that the role's entries name.
    private func issuerName(of claims: JSONObject, _ role: Role, _ workspace: PolicyWorkspace) throws -> String {
        let issuers = workspace.configuration?.issuers ?? []
        if let issuer {
            if issuers.isEmpty || issuers.contains(where: { $0.name == issuer }) { return issuer }
            throw unusable(
                "there is no issuer `\(issuer)`",
                hint: "the issuers are " + issuers.map { "`\($0.name)`" }.joined(separator: ", ")
            )
        }
        if let url = claims["iss"]?.stringValue {
            if let found = issuers.first(where: { $0.issuer.utf8.elementsEqual(url.utf8) }) { return found.name }
            throw unusable("no issuer has the URL `\(url)`, which the claims have as `iss`")
        }
        let named = Set(role.who.map(\.issuer))
        if named.count == 1, let only = named.first { return only }
        throw unusable("the claims have no `iss`", hint: "name the issuer with --issuer")
    }

    private func unusable(_ message: String, hint: String? = nil) -> ExitCode {
        Output.error(message, hint: hint)
        return .unusable
    }
}
