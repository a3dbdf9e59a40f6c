internal import PosternSQL

extension Role {
    /// The rules of the role; none where it is unrestricted.
    var ruleList: [Rule] {
        switch rules {
        case .unrestricted: []
        case .rules(let rules): rules
        }
    }

    var isUnrestricted: Bool {
        switch rules {
        case .unrestricted: true
        case .rules: false
        }
    }

    /// The gateway would forward some statement of the role that changes something.
    var canChange: Bool {
        if isUnrestricted || mode == .observe || unparsed == .allow { return true }
        return ruleList.contains { rule in
            rule.effect == .allow && rule.subjects.contains { $0.statementClass.changes }
        }
    }
}

extension StatementClass {
    /// Something in the database can be another after it.
    var changes: Bool {
        switch self {
        case .write, .ddl, .role, .function: true
        case .read, .misc: false
        }
    }
}

extension Rule.Subject {
    var statementClass: StatementClass {
        switch self {
        case .statementClass(let statementClass): statementClass
        case .tag(let tag): tag.statementClass
        }
    }

    /// As a policy writes it.
    var spelling: String {
        switch self {
        case .statementClass(let statementClass): statementClass.rawValue
        case .tag(let tag): tag.rawValue
        }
    }
}
