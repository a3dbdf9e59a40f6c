/// What a job finds around it: variables, and which of the files that matter are there.
package struct JobEnvironment: Sendable {
    package let variables: [String: String]
    package let files: Set<String>
    /// The event that started the run, where the system keeps it in a file (GITHUB_EVENT_PATH).
    package let event: [UInt8]?

    package init(variables: [String: String], files: Set<String> = [], event: [UInt8]? = nil) {
        self.variables = variables
        self.files = files
        self.event = event
    }

    /// The variable's value; nil when it is not set, or empty: CI systems set what they do not know to nothing.
    package subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }
}
