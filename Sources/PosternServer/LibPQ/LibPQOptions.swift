internal import CLibPQ
internal import Glibc

/// The connection options that this machine's libpq knows, and where it would look for those that it is not given.
struct LibPQOption: Sendable {
    let keyword: String
    /// The environment variable, nil when there is none.
    let variable: String?
    /// The built-in value; nil when it is empty.
    let builtIn: String?

    /// libpq's own list.
    static let all: [LibPQOption] = {
        guard let defaults = PQconndefaults() else { return [] }
        defer { PQconninfoFree(defaults) }
        var options: [LibPQOption] = []
        var next = defaults
        while let keyword = next.pointee.keyword {
            let builtIn = next.pointee.compiled.map { String(cString: $0) }
            options.append(
                LibPQOption(
                    keyword: String(cString: keyword),
                    variable: next.pointee.envvar.map { String(cString: $0) },
                    builtIn: builtIn == "" ? nil : builtIn
                )
            )
            next += 1
        }
        return options
    }()

    static let keywords = Set(all.map(\.keyword))

    /// `150020` for 15.20.
    static var version: Int32 { PQlibVersion() }

    /// Adds what keeps the environment out: libpq asks it for every option that has no value or an empty one.
    ///
    /// - Parameter isSet: whether the environment holds a variable.
    /// - Throws: for a variable that no value keeps out, `PGSERVICE` and `PGREQUIREPEER` of libpq 15.
    static func closed(
        _ parameters: [String: String],
        isSet: (String) -> Bool = { getenv($0) != nil }
    ) throws(LibPQFailure) -> [String: String] {
        var closed = parameters.filter { keywords.contains($0.key) }
        // The password is always given, and apart.
        for option in all where closed[option.keyword] == nil && option.keyword != "password" {
            if let builtIn = option.builtIn {
                closed[option.keyword] = builtIn
            } else if let variable = option.variable, isSet(variable) {
                guard option.keyword == "options" else {
                    throw LibPQFailure("libpq cannot be told to ignore the variable `\(variable)`; unset it")
                }
                // A blank is a value, and no option. Only now: poolers refuse the parameter.
                closed["options"] = " "
            }
        }
        return closed
    }
}
