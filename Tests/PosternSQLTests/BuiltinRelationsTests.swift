import PosternSQL
import Testing

struct BuiltinRelationsTests {
    @Test(arguments: [
        "pg_am", "pg_attrdef", "pg_attribute", "pg_auth_members", "pg_available_extensions", "pg_class",
        "pg_collation", "pg_constraint", "pg_cursors", "pg_database", "pg_depend", "pg_description", "pg_enum",
        "pg_extension", "pg_foreign_server", "pg_index", "pg_indexes", "pg_inherits", "pg_language",
        "pg_largeobject_metadata", "pg_matviews", "pg_namespace", "pg_operator", "pg_policies", "pg_policy",
        "pg_prepared_statements", "pg_proc", "pg_publication", "pg_range", "pg_rewrite", "pg_roles", "pg_sequence",
        "pg_settings", "pg_stat_user_tables", "pg_statio_user_tables", "pg_statistic_ext", "pg_tables",
        "pg_tablespace", "pg_timezone_names", "pg_trigger", "pg_type", "pg_user", "pg_views",
    ])
    func `every job may read what describes the database`(name: String) {
        #expect(BuiltinRelations.standing(ofCatalog: Identifier(name)) == .readable)
    }

    @Test(arguments: [
        RelationHazard.values: [
            "pg_statistic", "pg_statistic_ext_data", "pg_stats", "pg_stats_ext", "pg_stats_ext_exprs",
            "pg_largeobject", "pg_sequences",
        ],
        .secrets: [
            "pg_authid", "pg_shadow", "pg_user_mapping", "pg_user_mappings", "pg_db_role_setting", "pg_subscription",
            "pg_hba_file_rules", "pg_ident_file_mappings", "pg_file_settings",
        ],
        .otherSessions: [
            "pg_stat_activity", "pg_stat_ssl", "pg_stat_gssapi", "pg_locks", "pg_prepared_xacts",
            "pg_stat_progress_copy",
        ],
        .replication: [
            "pg_stat_replication", "pg_stat_wal_receiver", "pg_replication_slots", "pg_stat_subscription",
            "pg_replication_origin_status",
        ],
        .serverState: ["pg_config", "pg_shmem_allocations", "pg_backend_memory_contexts"],
    ])
    func `what shows more needs a rule with its name`(hazard: RelationHazard, names: [String]) {
        for name in names {
            let standing = BuiltinRelations.standing(ofCatalog: Identifier(name))
            #expect(standing == .restricted(reason: hazard.reason), "\(name)")
        }
    }

    @Test(arguments: ["orders", "pg_stat_statements", "PG_CLASS", "tables", ""])
    func `other relations are not the catalogue's`(name: String) {
        #expect(BuiltinRelations.standing(ofCatalog: Identifier(name)) == nil)
    }

    @Test func `the information schema is readable but for user mappings`() {
        for name in ["tables", "columns", "key_column_usage", "routines", "sequences", "sql_features"] {
            #expect(BuiltinRelations.standing(ofInformationSchema: Identifier(name)) == .readable)
        }
        for name in ["user_mappings", "user_mapping_options", "_pg_user_mappings"] {
            let standing = BuiltinRelations.standing(ofInformationSchema: Identifier(name))
            #expect(standing == .restricted(reason: RelationHazard.secrets.reason))
        }
        #expect(BuiltinRelations.standing(ofInformationSchema: "pg_class") == nil)
    }

    @Test func `no relation is in two lists and none is unclassified`() {
        let catalog = BuiltinRelations.readableInCatalog + RelationHazard.allCases.flatMap(\.catalogRelations)
        let information =
            BuiltinRelations.readableInInformationSchema
            + RelationHazard.allCases.flatMap(\.informationSchemaRelations)
        #expect(Set(catalog).count == catalog.count)
        #expect(Set(information).count == information.count)
        #expect(RelationHazard.unclassified.catalogRelations.isEmpty)
        #expect(RelationHazard.unclassified.informationSchemaRelations.isEmpty)
    }
}
