/// A change of a configuration parameter that the statement's text shows.
package struct SettingChange: Hashable, Sendable {
    package enum Route: Hashable, Sendable {
        /// SET and its spellings (SET NAMES, SET TIME ZONE, SET SCHEMA, SET TRANSACTION …).
        case set
        /// `set_config` with a constant name.
        case setConfig
        /// RESET, and SET … TO DEFAULT. RESET ALL has the name `all`.
        case reset
        /// ALTER ROLE … SET, ALTER DATABASE … SET, ALTER SYSTEM, CREATE FUNCTION … SET: it outlives the session or
        /// happens out of sight.
        case stored
    }

    package enum Value: Hashable, Sendable {
        /// The constants, in order, as the server will read them: `SET search_path TO a, b` has two. A constant for
        /// set_config is one text.
        case constants([String])
        case `default`
        /// Known at execution only: a parameter, an expression, FROM CURRENT.
        case unknown
    }

    /// In lower case; `role`, `session_authorization`, `timezone`, `client_encoding`, `search_path`,
    /// `transaction_isolation` for the spellings that have none.
    package let name: String
    package let value: Value
    package let route: Route
    /// SET LOCAL, or set_config with a third argument that is not the constant `false`.
    package let isLocal: Bool

    package init(name: String, value: Value, route: Route, isLocal: Bool) {
        self.name = name
        self.value = value
        self.route = route
        self.isLocal = isLocal
    }
}
