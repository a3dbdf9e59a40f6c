/// What the command line and the POSTERN_ variables say about the token.
package struct TokenOptions: Sendable {
    /// Forces a system in place of the one that is found.
    package var system: CISystem?
    /// The audience that the gateway's configuration names.
    package var audience: String?
    /// At most one of the three.
    package var variable: String?
    package var file: String?
    package var command: String?

    package init(
        system: CISystem? = nil,
        audience: String? = nil,
        variable: String? = nil,
        file: String? = nil,
        command: String? = nil
    ) {
        self.system = system
        self.audience = audience
        self.variable = variable
        self.file = file
        self.command = command
    }
}
