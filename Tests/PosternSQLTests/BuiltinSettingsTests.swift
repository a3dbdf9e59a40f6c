import PosternSQL
import Testing

struct BuiltinSettingsTests {
    private func standing(
        _ name: String,
        _ value: SettingChange.Value,
        _ route: SettingChange.Route = .set
    ) -> SessionSettings.Standing {
        SessionSettings.standing(of: SettingChange(name: name, value: value, route: route, isLocal: false))
    }

    @Test(arguments: [
        "application_name", "bytea_output", "check_function_bodies", "client_min_messages", "datestyle",
        "default_table_access_method", "default_tablespace", "default_transaction_isolation",
        "default_transaction_read_only", "enable_seqscan", "extra_float_digits",
        "idle_in_transaction_session_timeout", "intervalstyle", "jit", "lock_timeout", "quote_all_identifiers",
        "restrict_nonsystem_relation_kind", "row_security", "statement_timeout", "synchronize_seqscans", "timezone",
        "transaction_deferrable", "transaction_isolation", "transaction_read_only", "transaction_timeout", "xmloption",
    ])
    func `what tools send is free by every route and with every value`(name: String) {
        for route in [SettingChange.Route.set, .setConfig, .reset, .stored] {
            #expect(standing(name, .constants(["x"]), route) == .free)
            #expect(standing(name, .unknown, route) == .free)
        }
    }

    @Test(arguments: ["UTF8", "utf8", "UTF-8", "utf_8", "Unicode", "UNICODE"])
    func `client_encoding may be UTF8 in every spelling`(value: String) {
        #expect(standing("client_encoding", .constants([value])) == .free)
        #expect(standing("client_encoding", .constants([value]), .setConfig) == .free)
    }

    @Test(arguments: ["LATIN1", "SQL_ASCII", "GB18030", "utf16", "", "utf88", "unicode1", "UTF\u{2011}8x"])
    func `client_encoding may be nothing else`(value: String) {
        #expect(standing("client_encoding", .constants([value])) == .never(.clientEncoding))
    }

    @Test func `client_encoding must be known before it is set`() {
        #expect(standing("client_encoding", .unknown) == .never(.clientEncoding))
        #expect(standing("client_encoding", .constants(["UTF8", "UTF8"])) == .never(.clientEncoding))
        #expect(standing("client_encoding", .default) == .never(.clientEncoding))
    }

    @Test(arguments: ["on", "ON", "true", "t", "tru", "yes", "y", "1"])
    func `standard_conforming_strings may be on`(value: String) {
        #expect(standing("standard_conforming_strings", .constants([value])) == .free)
    }

    @Test(arguments: ["off", "o", "of", "false", "f", "no", "n", "0", "", "11", "onn", "truex", "2"])
    func `standard_conforming_strings may be nothing else`(value: String) {
        let never = SessionSettings.Standing.never(.standardConformingStrings)
        #expect(standing("standard_conforming_strings", .constants([value])) == never)
        #expect(standing("standard_conforming_strings", .unknown) == never)
    }

    @Test(arguments: ["postern.session", "postern.subject", "postern.run", "postern.anything", "postern"])
    func `no rule allows the gateway's own settings`(name: String) {
        for route in [SettingChange.Route.set, .setConfig, .stored] {
            #expect(standing(name, .constants(["x"]), route) == .never(.identitySettings))
        }
        #expect(standing(name, .default, .reset) == .free)
    }

    @Test func `the search path is the caller's to judge, and so is its return`() {
        #expect(standing("search_path", .constants(["public"])) == .searchPath)
        #expect(standing("search_path", .unknown, .setConfig) == .searchPath)
        #expect(standing("search_path", .default, .reset) == .searchPath)
        #expect(standing("all", .default, .reset) == .searchPath)
        #expect(standing("search_path", .constants([""]), .stored) == .free)
    }

    @Test func `a change of role needs its own tag`() {
        for route in [SettingChange.Route.set, .setConfig, .stored] {
            #expect(standing("role", .constants(["boss"]), route) == .ownTag(.setRole))
            #expect(standing("role", .constants(["none"]), route) == .ownTag(.setRole))
            #expect(standing("session_authorization", .unknown, route) == .ownTag(.setSessionAuthorization))
        }
        #expect(standing("role", .default, .reset) == .free)
        #expect(standing("session_authorization", .default, .reset) == .free)
    }

    @Test(arguments: [
        "session_replication_role", "event_triggers", "local_preload_libraries", "dynamic_library_path", "work_mem",
        "synchronous_commit", "createrole_self_grant", "allow_system_table_mods", "lo_compat_privileges",
        "password_encryption", "transform_null_equals",
    ])
    func `a setting with a reason needs a rule`(name: String) {
        let reason = SettingGroup.restricted.first { $0.identifiers.contains(Identifier(name)) }?.reason
        #expect(standing(name, .constants(["x"])) == .restricted(reason: reason ?? "it is listed"))
        #expect(standing(name, .unknown, .setConfig) == .restricted(reason: reason ?? "it is listed"))
        #expect(standing(name, .default, .reset) == .free)
        #expect(standing(name, .default, .stored) == .free)
    }

    @Test func `settings with a dot and unlisted ones need a rule`() {
        #expect(standing("myapp.user_id", .constants(["1"])) == .restricted(reason: SettingGroup.custom))
        #expect(standing("log_statement", .constants(["none"])) == .restricted(reason: SettingGroup.unlisted))
        #expect(standing("posternish.x", .constants(["1"])) == .restricted(reason: SettingGroup.custom))
        #expect(standing("", .unknown) == .restricted(reason: SettingGroup.unlisted))
    }

    @Test func `a stored encoding needs a rule`() {
        let reason = SessionInvariant.clientEncoding.reason
        #expect(standing("client_encoding", .constants(["LATIN1"]), .stored) == .restricted(reason: reason))
        #expect(standing("client_encoding", .constants(["UTF8"]), .stored) == .free)
    }

    @Test func `no setting is in two groups`() {
        let names = (SettingGroup.free + SettingGroup.restricted).flatMap(\.identifiers)
        #expect(Set(names).count == names.count)
    }
}
