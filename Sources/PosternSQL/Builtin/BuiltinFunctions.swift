/// The functions of `pg_catalog`: which of them any job may call (contract, section 4).
///
/// Names stand for all overloads, and the worst of them decides. The names are those of PostgreSQL 15, 16 and 18
/// together; docs/statements.md prints the restricted ones with their reasons.
package enum BuiltinFunctions {
    package enum Standing: Hashable, Sendable {
        /// It computes from its arguments, or reads what the catalogue shows to everybody.
        case safe
        /// It needs its name in the role's `functions`. `set_config` is one of these: a caller that knows the setting
        /// judges it by ``SessionSettings`` instead.
        case restricted(reason: String)
    }

    /// - Parameter name: as the parser decodes it.
    /// - Returns: nil where `pg_catalog` has no function of that name.
    package static func standing(of name: Identifier) -> Standing? {
        standings[name]
    }

    /// The helpers of `information_schema`, which drivers call by their qualified names: all of them only compute.
    ///
    /// - Returns: nil where `information_schema` has no function of that name.
    package static func standing(ofInformationSchema name: Identifier) -> Standing? {
        informationSchema.contains(name) ? .safe : nil
    }

    /// The names without a restriction, sorted.
    package static var safe: [Identifier] { identifiers(in: safeNames) }

    private static let standings: [Identifier: Standing] = {
        var standings: [Identifier: Standing] = [:]
        for name in identifiers(in: safeNames) { standings[name] = .safe }
        for hazard in FunctionHazard.allCases {
            for name in hazard.functions { standings[name] = .restricted(reason: hazard.reason) }
        }
        return standings
    }()

    private static let informationSchema = Set(identifiers(in: informationSchemaNames))
}

/// The names in a text, which blanks separate: no name of the catalogue has one.
func identifiers(in names: String) -> [Identifier] {
    names.split { $0 == " " || $0 == "\n" }.map { Identifier(String($0)) }
}
