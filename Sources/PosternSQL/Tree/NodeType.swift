// Written by generate.py from libpg_query's pg_query.proto. Do not edit.

/// The nodes of PostgreSQL's parse tree, in the order of the schema.
package enum NodeType: UInt16, Hashable, Sendable, CaseIterable {
    case parseResult, integer, float, boolean, string, bitString, list, oidList, intList, aConst, alias, rangeVar
    case tableFunc, `var`, param, aggref, groupingFunc, windowFunc, subscriptingRef, funcExpr, namedArgExpr
    case opExpr, distinctExpr, nullIfExpr, scalarArrayOpExpr, boolExpr, subLink, subPlan, alternativeSubPlan
    case fieldSelect, fieldStore, relabelType, coerceViaIO, arrayCoerceExpr, convertRowtypeExpr, collateExpr
    case caseExpr, caseWhen, caseTestExpr, arrayExpr, rowExpr, rowCompareExpr, coalesceExpr, minMaxExpr
    case sqlValueFunction, xmlExpr, nullTest, booleanTest, coerceToDomain, coerceToDomainValue, setToDefault
    case currentOfExpr, nextValueExpr, inferenceElem, targetEntry, rangeTblRef, joinExpr, fromExpr, onConflictExpr
    case intoClause, mergeAction, rawStmt, query, insertStmt, deleteStmt, updateStmt, mergeStmt, selectStmt
    case returnStmt, plAssignStmt, alterTableStmt, alterTableCmd, alterDomainStmt, setOperationStmt, grantStmt
    case grantRoleStmt, alterDefaultPrivilegesStmt, closePortalStmt, clusterStmt, copyStmt, createStmt, defineStmt
    case dropStmt, truncateStmt, commentStmt, fetchStmt, indexStmt, createFunctionStmt, alterFunctionStmt, doStmt
    case renameStmt, ruleStmt, notifyStmt, listenStmt, unlistenStmt, transactionStmt, viewStmt, loadStmt
    case createDomainStmt, createdbStmt, dropdbStmt, vacuumStmt, explainStmt, createTableAsStmt, createSeqStmt
    case alterSeqStmt, variableSetStmt, variableShowStmt, discardStmt, createTrigStmt, createPLangStmt
    case createRoleStmt, alterRoleStmt, dropRoleStmt, lockStmt, constraintsSetStmt, reindexStmt, checkPointStmt
    case createSchemaStmt, alterDatabaseStmt, alterDatabaseRefreshCollStmt, alterDatabaseSetStmt, alterRoleSetStmt
    case createConversionStmt, createCastStmt, createOpClassStmt, createOpFamilyStmt, alterOpFamilyStmt
    case prepareStmt, executeStmt, deallocateStmt, declareCursorStmt, createTableSpaceStmt, dropTableSpaceStmt
    case alterObjectDependsStmt, alterObjectSchemaStmt, alterOwnerStmt, alterOperatorStmt, alterTypeStmt
    case dropOwnedStmt, reassignOwnedStmt, compositeTypeStmt, createEnumStmt, createRangeStmt, alterEnumStmt
    case alterTSDictionaryStmt, alterTSConfigurationStmt, createFdwStmt, alterFdwStmt, createForeignServerStmt
    case alterForeignServerStmt, createUserMappingStmt, alterUserMappingStmt, dropUserMappingStmt
    case alterTableSpaceOptionsStmt, alterTableMoveAllStmt, secLabelStmt, createForeignTableStmt
    case importForeignSchemaStmt, createExtensionStmt, alterExtensionStmt, alterExtensionContentsStmt
    case createEventTrigStmt, alterEventTrigStmt, refreshMatViewStmt, replicaIdentityStmt, alterSystemStmt
    case createPolicyStmt, alterPolicyStmt, createTransformStmt, createAmStmt, createPublicationStmt
    case alterPublicationStmt, createSubscriptionStmt, alterSubscriptionStmt, dropSubscriptionStmt
    case createStatsStmt, alterCollationStmt, callStmt, alterStatsStmt, aExpr, columnRef, paramRef, funcCall
    case aStar, aIndices, aIndirection, aArrayExpr, resTarget, multiAssignRef, typeCast, collateClause, sortBy
    case windowDef, rangeSubselect, rangeFunction, rangeTableSample, rangeTableFunc, rangeTableFuncCol, typeName
    case columnDef, indexElem, statsElem, constraint, defElem, rangeTblEntry, rangeTblFunction, tableSampleClause
    case withCheckOption, sortGroupClause, groupingSet, windowClause, objectWithArgs, accessPriv
    case createOpClassItem, tableLikeClause, functionParameter, lockingClause, rowMarkClause, xmlSerialize
    case withClause, inferClause, onConflictClause, cteSearchClause, cteCycleClause, commonTableExpr
    case mergeWhenClause, roleSpec, triggerTransition, partitionElem, partitionSpec, partitionBoundSpec
    case partitionRangeDatum, partitionCmd, vacuumRelation, publicationObjSpec, publicationTable, inlineCodeBlock
    case callContext

    /// As the schema spells them, in the order of the cases.
    package static let spellings = """
        ParseResult Integer Float Boolean String BitString List OidList IntList A_Const Alias RangeVar TableFunc \
        Var Param Aggref GroupingFunc WindowFunc SubscriptingRef FuncExpr NamedArgExpr OpExpr DistinctExpr \
        NullIfExpr ScalarArrayOpExpr BoolExpr SubLink SubPlan AlternativeSubPlan FieldSelect FieldStore \
        RelabelType CoerceViaIO ArrayCoerceExpr ConvertRowtypeExpr CollateExpr CaseExpr CaseWhen CaseTestExpr \
        ArrayExpr RowExpr RowCompareExpr CoalesceExpr MinMaxExpr SQLValueFunction XmlExpr NullTest BooleanTest \
        CoerceToDomain CoerceToDomainValue SetToDefault CurrentOfExpr NextValueExpr InferenceElem TargetEntry \
        RangeTblRef JoinExpr FromExpr OnConflictExpr IntoClause MergeAction RawStmt Query InsertStmt DeleteStmt \
        UpdateStmt MergeStmt SelectStmt ReturnStmt PLAssignStmt AlterTableStmt AlterTableCmd AlterDomainStmt \
        SetOperationStmt GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt ClosePortalStmt ClusterStmt CopyStmt \
        CreateStmt DefineStmt DropStmt TruncateStmt CommentStmt FetchStmt IndexStmt CreateFunctionStmt \
        AlterFunctionStmt DoStmt RenameStmt RuleStmt NotifyStmt ListenStmt UnlistenStmt TransactionStmt ViewStmt \
        LoadStmt CreateDomainStmt CreatedbStmt DropdbStmt VacuumStmt ExplainStmt CreateTableAsStmt CreateSeqStmt \
        AlterSeqStmt VariableSetStmt VariableShowStmt DiscardStmt CreateTrigStmt CreatePLangStmt CreateRoleStmt \
        AlterRoleStmt DropRoleStmt LockStmt ConstraintsSetStmt ReindexStmt CheckPointStmt CreateSchemaStmt \
        AlterDatabaseStmt AlterDatabaseRefreshCollStmt AlterDatabaseSetStmt AlterRoleSetStmt \
        CreateConversionStmt CreateCastStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt PrepareStmt \
        ExecuteStmt DeallocateStmt DeclareCursorStmt CreateTableSpaceStmt DropTableSpaceStmt \
        AlterObjectDependsStmt AlterObjectSchemaStmt AlterOwnerStmt AlterOperatorStmt AlterTypeStmt \
        DropOwnedStmt ReassignOwnedStmt CompositeTypeStmt CreateEnumStmt CreateRangeStmt AlterEnumStmt \
        AlterTSDictionaryStmt AlterTSConfigurationStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt \
        AlterForeignServerStmt CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt \
        AlterTableSpaceOptionsStmt AlterTableMoveAllStmt SecLabelStmt CreateForeignTableStmt \
        ImportForeignSchemaStmt CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt \
        CreateEventTrigStmt AlterEventTrigStmt RefreshMatViewStmt ReplicaIdentityStmt AlterSystemStmt \
        CreatePolicyStmt AlterPolicyStmt CreateTransformStmt CreateAmStmt CreatePublicationStmt \
        AlterPublicationStmt CreateSubscriptionStmt AlterSubscriptionStmt DropSubscriptionStmt CreateStatsStmt \
        AlterCollationStmt CallStmt AlterStatsStmt A_Expr ColumnRef ParamRef FuncCall A_Star A_Indices \
        A_Indirection A_ArrayExpr ResTarget MultiAssignRef TypeCast CollateClause SortBy WindowDef \
        RangeSubselect RangeFunction RangeTableSample RangeTableFunc RangeTableFuncCol TypeName ColumnDef \
        IndexElem StatsElem Constraint DefElem RangeTblEntry RangeTblFunction TableSampleClause WithCheckOption \
        SortGroupClause GroupingSet WindowClause ObjectWithArgs AccessPriv CreateOpClassItem TableLikeClause \
        FunctionParameter LockingClause RowMarkClause XmlSerialize WithClause InferClause OnConflictClause \
        CTESearchClause CTECycleClause CommonTableExpr MergeWhenClause RoleSpec TriggerTransition PartitionElem \
        PartitionSpec PartitionBoundSpec PartitionRangeDatum PartitionCmd VacuumRelation PublicationObjSpec \
        PublicationTable InlineCodeBlock CallContext
        """.split(separator: " ").map { String($0) }
}
