extension Classification {
    /// Fields of expressions and statements, in the order of libpg_query's schema. `h` by hand, `c` children, `p` plain,
    /// `n` never.
    static let nodes = """
        ParseResult h: stmts p: version
        RawStmt h: stmt stmt_location stmt_len
        Integer h: ival
        Float h: fval
        Boolean h: boolval
        String h: sval
        BitString p: bsval
        List c: items
        IntList c: items
        A_Const p: ival fval boolval sval bsval isnull location
        Alias h: aliasname p: colnames
        RangeVar h: catalogname schemaname relname relpersistence alias p: inh location
        NamedArgExpr c: arg p: name argnumber location n: xpr
        GroupingFunc c: args p: location n: xpr refs cols agglevelsup
        BoolExpr c: args p: boolop location n: xpr
        SubLink h: testexpr subselect p: subLinkType subLinkId operName location n: xpr
        CaseExpr c: arg args defresult p: location n: xpr casetype casecollid
        CaseWhen c: expr result p: location n: xpr
        RowExpr c: args p: row_format colnames location n: xpr row_typeid
        CoalesceExpr c: args p: location n: xpr coalescetype coalescecollid
        MinMaxExpr c: args p: op location n: xpr minmaxtype minmaxcollid inputcollid
        SQLValueFunction p: op typmod location n: xpr type
        XmlExpr c: named_args args p: op name arg_names xmloption location n: xpr type typmod
        XmlSerialize c: expr typeName p: xmloption location
        NullTest c: arg p: nulltesttype argisrow location n: xpr
        BooleanTest c: arg p: booltesttype location n: xpr
        SetToDefault p: location n: xpr typeId typeMod collation
        CurrentOfExpr h: cursor_name p: cursor_param n: xpr cvarno
        JoinExpr h: alias join_using_alias usingClause c: larg rarg quals p: jointype isNatural rtindex
        IntoClause h: rel c: options p: colNames accessMethod onCommit tableSpaceName skipData n: viewQuery
        A_Expr h: kind name c: lexpr rexpr p: location
        ColumnRef h: fields p: location
        ParamRef p: number location
        FuncCall h: funcname args agg_star agg_distinct func_variadic agg_order agg_filter over agg_within_group \
            p: funcformat location
        A_Star
        A_Indices c: lidx uidx p: is_slice
        A_Indirection h: indirection c: arg
        A_ArrayExpr c: elements p: location
        ResTarget h: name c: indirection val p: location
        MultiAssignRef c: source p: colno ncolumns
        TypeCast c: arg typeName p: location
        CollateClause c: arg p: collname location
        SortBy c: node p: sortby_dir sortby_nulls useOp location
        WindowDef c: partitionClause orderClause startOffset endOffset p: name refname frameOptions location
        RangeSubselect h: subquery alias p: lateral
        RangeFunction h: alias c: functions coldeflist p: lateral ordinality is_rowsfrom
        RangeTableSample h: method c: relation args repeatable p: location
        RangeTableFunc h: alias c: docexpr rowexpr namespaces columns p: lateral location
        RangeTableFuncCol c: typeName colexpr coldefexpr p: colname for_ordinality is_not_null location
        TypeName h: names c: typmods arrayBounds p: setof pct_type typemod location n: typeOid
        GroupingSet c: content p: kind location
        WithClause h: ctes recursive p: location
        CommonTableExpr h: ctename ctequery search_clause cycle_clause p: aliascolnames ctematerialized location \
            n: cterecursive cterefcount ctecolnames ctecoltypes ctecoltypmods ctecolcollations
        CTESearchClause p: search_col_list search_breadth_first search_seq_column location
        CTECycleClause c: cycle_mark_value cycle_mark_default p: cycle_col_list cycle_mark_column cycle_path_column \
            location n: cycle_mark_type cycle_mark_typmod cycle_mark_collation cycle_mark_neop
        LockingClause h: lockedRels strength p: waitPolicy
        InferClause c: indexElems whereClause p: conname location
        OnConflictClause h: action infer targetList whereClause p: location
        MergeWhenClause h: matched commandType targetList values c: condition p: override
        SelectStmt h: intoClause targetList fromClause whereClause limitOffset limitCount lockingClause withClause op \
            larg rarg c: distinctClause groupClause havingClause windowClause valuesLists sortClause \
            p: groupDistinct limitOption all
        InsertStmt h: relation cols selectStmt onConflictClause returningList withClause p: override
        UpdateStmt h: relation targetList whereClause fromClause returningList withClause
        DeleteStmt h: relation usingClause whereClause returningList withClause
        MergeStmt h: relation sourceRelation joinCondition mergeWhenClauses withClause
        ReturnStmt c: returnval
        DefElem h: defname arg p: defnamespace defaction location
        ColumnDef h: colname identitySequence fdwoptions c: typeName raw_default collClause constraints \
            p: compression is_local is_not_null is_from_type storage identity generated location inhcount \
            n: cooked_default collOid
        Constraint h: pktable keys fk_attrs pk_attrs options indexname exclusions \
            c: raw_expr where_clause \
            p: contype conname deferrable initdeferred location is_no_inherit generated_when nulls_not_distinct \
            including indexspace reset_default_tblspc access_method fk_matchtype fk_upd_action fk_del_action \
            fk_del_set_cols skip_validation initially_valid \
            n: cooked_expr old_conpfeqop old_pktable_oid
        IndexElem h: name c: expr opclassopts p: indexcolname collation opclass ordering nulls_ordering
        StatsElem h: name c: expr
        PartitionElem h: name c: expr p: collation opclass location
        PartitionSpec c: partParams p: strategy location
        PartitionBoundSpec c: listdatums lowerdatums upperdatums p: strategy is_default modulus remainder location
        PartitionCmd h: name c: bound p: concurrent
        TableLikeClause h: relation p: options n: relationOid
        RoleSpec h: roletype rolename p: location
        AccessPriv h: priv_name cols
        ObjectWithArgs h: objname p: objargs objfuncargs args_unspecified
        FunctionParameter c: argType defexpr p: name mode
        CreateOpClassItem h: name itemtype p: number order_family class_args storedtype
        VacuumRelation h: relation va_cols n: oid
        PublicationObjSpec h: pubobjtype name pubtable p: location
        PublicationTable h: relation columns c: whereClause
        TriggerTransition p: name isNew isTable
        ReplicaIdentityStmt p: identity_type name
        TransactionStmt h: kind chain p: options savepoint_name gid
        VariableSetStmt h: kind name args is_local
        VariableShowStmt p: name
        DiscardStmt h: target
        ConstraintsSetStmt p: constraints deferred
        PrepareStmt h: name query p: argtypes
        ExecuteStmt h: name params
        DeallocateStmt h: name
        DeclareCursorStmt h: portalname query p: options
        FetchStmt h: portalname ismove p: direction howMany
        ClosePortalStmt h: portalname
        ExplainStmt h: query options
        CopyStmt h: relation query attlist is_from is_program filename whereClause p: options
        ListenStmt h: conditionname
        NotifyStmt h: conditionname p: payload
        UnlistenStmt h: conditionname
        LoadStmt h: filename
        CheckPointStmt
        DoStmt p: args
        CallStmt h: funccall n: funcexpr outargs
        LockStmt h: relations p: mode nowait
        TruncateStmt h: relations p: restart_seqs behavior
        VacuumStmt h: rels is_vacuumcmd p: options
        ClusterStmt h: relation p: indexname params
        ReindexStmt h: kind relation name p: params
        RefreshMatViewStmt h: relation p: concurrent skipData

        """ + definitions

    /// Fields of statements that define objects.
    private static let definitions = """
        CreateStmt h: relation inhRelations ofTypename options c: tableElts partbound partspec constraints \
            p: oncommit tablespacename accessMethod if_not_exists
        CreateTableAsStmt h: query into objtype is_select_into p: if_not_exists
        ViewStmt h: view query c: options p: aliases replace withCheckOption
        IndexStmt h: idxname relation excludeOpNames c: indexParams indexIncludingParams options whereClause \
            p: accessMethod tableSpace unique nulls_not_distinct primary isconstraint deferrable initdeferred \
            concurrent if_not_exists reset_default_tblspc \
            n: idxcomment indexOid oldNode oldCreateSubid oldFirstRelfilenodeSubid transformed
        CreateSeqStmt h: sequence options p: if_not_exists n: ownerId for_identity
        AlterSeqStmt h: sequence options p: missing_ok n: for_identity
        AlterTableStmt h: relation cmds objtype p: missing_ok
        AlterTableCmd h: subtype name def p: num newowner behavior missing_ok n: recurse
        AlterDomainStmt h: typeName c: def p: subtype name behavior missing_ok
        AlterTypeStmt h: typeName options
        AlterEnumStmt h: typeName p: oldVal newVal newValNeighbor newValIsAfter skipIfNewValExists
        CompositeTypeStmt h: typevar c: coldeflist
        CreateEnumStmt h: typeName p: vals
        CreateRangeStmt h: typeName params
        CreateDomainStmt h: domainname c: typeName collClause constraints
        DefineStmt h: kind defnames definition c: args p: oldstyle if_not_exists replace
        DropStmt h: objects removeType behavior p: missing_ok concurrent
        RenameStmt h: renameType relationType relation object newname subname p: behavior missing_ok
        AlterObjectSchemaStmt h: objectType relation object newschema p: missing_ok
        AlterOwnerStmt h: objectType relation object p: newowner
        AlterObjectDependsStmt h: objectType relation object extname p: remove
        CommentStmt h: objtype object p: comment
        SecLabelStmt h: objtype object p: provider label
        CreateFunctionStmt h: is_procedure funcname options sql_body c: parameters returnType p: replace
        AlterFunctionStmt h: objtype func actions
        CreateTrigStmt h: relation funcname columns constrrel c: whenClause \
            p: replace isconstraint trigname args row timing events transitionRels deferrable initdeferred
        CreateEventTrigStmt h: trigname funcname p: eventname whenclause
        AlterEventTrigStmt h: trigname p: tgenabled
        RuleStmt h: relation actions c: whereClause p: rulename event instead replace
        CreatePolicyStmt h: table c: qual with_check p: policy_name cmd_name permissive roles
        AlterPolicyStmt h: table c: qual with_check p: policy_name roles
        CreateSchemaStmt h: schemaname authrole schemaElts p: if_not_exists
        CreateExtensionStmt h: extname options p: if_not_exists
        AlterExtensionStmt h: extname p: options
        AlterExtensionContentsStmt h: extname objtype object p: action
        CreatePLangStmt h: plname plhandler plinline plvalidator p: replace pltrusted
        CreateCastStmt h: sourcetype targettype func p: context inout
        CreateTransformStmt h: type_name lang fromsql tosql p: replace
        CreateConversionStmt h: conversion_name func_name p: for_encoding_name to_encoding_name def
        CreateOpClassStmt h: opclassname items p: opfamilyname amname datatype isDefault
        CreateOpFamilyStmt h: opfamilyname p: amname
        AlterOpFamilyStmt h: opfamilyname items p: amname isDrop
        AlterOperatorStmt h: opername options
        AlterCollationStmt h: collname
        CreateStatsStmt h: defnames relations c: exprs p: stat_types if_not_exists n: stxcomment transformed
        AlterStatsStmt h: defnames p: stxstattarget missing_ok
        AlterTSDictionaryStmt h: dictname p: options
        AlterTSConfigurationStmt h: cfgname p: kind tokentype dicts override replace missing_ok
        CreateAmStmt h: amname handler_name p: amtype
        CreateFdwStmt h: fdwname func_options p: options
        AlterFdwStmt h: fdwname func_options p: options
        CreateForeignServerStmt h: servername fdwname p: servertype version if_not_exists options
        AlterForeignServerStmt h: servername p: version options has_version
        CreateForeignTableStmt h: base servername p: options
        ImportForeignSchemaStmt h: server_name local_schema p: remote_schema list_type table_list options
        CreateUserMappingStmt h: servername p: user if_not_exists options
        AlterUserMappingStmt h: servername p: user options
        DropUserMappingStmt h: servername p: user missing_ok
        CreatePublicationStmt h: pubname pubobjects for_all_tables p: options
        AlterPublicationStmt h: pubname pubobjects for_all_tables p: options action
        CreateSubscriptionStmt h: subname p: conninfo publication options
        AlterSubscriptionStmt h: subname p: kind conninfo publication options
        DropSubscriptionStmt h: subname p: missing_ok behavior
        CreateTableSpaceStmt h: tablespacename p: owner location options
        DropTableSpaceStmt h: tablespacename p: missing_ok
        AlterTableSpaceOptionsStmt h: tablespacename p: options isReset
        AlterTableMoveAllStmt h: orig_tablespacename objtype new_tablespacename p: roles nowait
        CreatedbStmt h: dbname options
        DropdbStmt h: dbname p: missing_ok options
        AlterDatabaseStmt h: dbname options
        AlterDatabaseRefreshCollStmt h: dbname
        AlterDatabaseSetStmt h: dbname setstmt
        AlterSystemStmt h: setstmt
        CreateRoleStmt h: role options p: stmt_type
        AlterRoleStmt h: role options p: action
        AlterRoleSetStmt h: role setstmt p: database
        DropRoleStmt h: roles p: missing_ok
        GrantStmt h: is_grant targtype objtype objects privileges p: grantees grant_option grantor behavior
        GrantRoleStmt h: granted_roles grantee_roles is_grant p: admin_opt grantor behavior
        AlterDefaultPrivilegesStmt h: options action
        DropOwnedStmt h: roles p: behavior
        ReassignOwnedStmt h: roles newrole
        """

    /// Nodes of analysed and rewritten queries, which the grammar never makes.
    static let unexpected = """
        OidList TableFunc Var Param Aggref WindowFunc SubscriptingRef FuncExpr OpExpr DistinctExpr NullIfExpr
        ScalarArrayOpExpr SubPlan AlternativeSubPlan FieldSelect FieldStore RelabelType CoerceViaIO ArrayCoerceExpr
        ConvertRowtypeExpr CollateExpr CaseTestExpr ArrayExpr RowCompareExpr CoerceToDomain CoerceToDomainValue
        NextValueExpr InferenceElem TargetEntry RangeTblRef FromExpr OnConflictExpr MergeAction Query PLAssignStmt
        SetOperationStmt RangeTblEntry RangeTblFunction TableSampleClause WithCheckOption SortGroupClause WindowClause
        RowMarkClause PartitionRangeDatum InlineCodeBlock CallContext
        """
}
