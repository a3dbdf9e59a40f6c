// Written by generate.py from libpg_query's pg_query.proto. Do not edit.

/// The nodes of PostgreSQL's parse tree, in the order of the schema.
package enum NodeType: UInt16, Hashable, Sendable, CaseIterable {
    case parseResult
    case integer
    case float
    case boolean
    case string
    case bitString
    case list
    case oidList
    case intList
    case aConst
    case alias
    case rangeVar
    case tableFunc
    case `var`
    case param
    case aggref
    case groupingFunc
    case windowFunc
    case subscriptingRef
    case funcExpr
    case namedArgExpr
    case opExpr
    case distinctExpr
    case nullIfExpr
    case scalarArrayOpExpr
    case boolExpr
    case subLink
    case subPlan
    case alternativeSubPlan
    case fieldSelect
    case fieldStore
    case relabelType
    case coerceViaIO
    case arrayCoerceExpr
    case convertRowtypeExpr
    case collateExpr
    case caseExpr
    case caseWhen
    case caseTestExpr
    case arrayExpr
    case rowExpr
    case rowCompareExpr
    case coalesceExpr
    case minMaxExpr
    case sqlValueFunction
    case xmlExpr
    case nullTest
    case booleanTest
    case coerceToDomain
    case coerceToDomainValue
    case setToDefault
    case currentOfExpr
    case nextValueExpr
    case inferenceElem
    case targetEntry
    case rangeTblRef
    case joinExpr
    case fromExpr
    case onConflictExpr
    case intoClause
    case mergeAction
    case rawStmt
    case query
    case insertStmt
    case deleteStmt
    case updateStmt
    case mergeStmt
    case selectStmt
    case returnStmt
    case plAssignStmt
    case alterTableStmt
    case alterTableCmd
    case alterDomainStmt
    case setOperationStmt
    case grantStmt
    case grantRoleStmt
    case alterDefaultPrivilegesStmt
    case closePortalStmt
    case clusterStmt
    case copyStmt
    case createStmt
    case defineStmt
    case dropStmt
    case truncateStmt
    case commentStmt
    case fetchStmt
    case indexStmt
    case createFunctionStmt
    case alterFunctionStmt
    case doStmt
    case renameStmt
    case ruleStmt
    case notifyStmt
    case listenStmt
    case unlistenStmt
    case transactionStmt
    case viewStmt
    case loadStmt
    case createDomainStmt
    case createdbStmt
    case dropdbStmt
    case vacuumStmt
    case explainStmt
    case createTableAsStmt
    case createSeqStmt
    case alterSeqStmt
    case variableSetStmt
    case variableShowStmt
    case discardStmt
    case createTrigStmt
    case createPLangStmt
    case createRoleStmt
    case alterRoleStmt
    case dropRoleStmt
    case lockStmt
    case constraintsSetStmt
    case reindexStmt
    case checkPointStmt
    case createSchemaStmt
    case alterDatabaseStmt
    case alterDatabaseRefreshCollStmt
    case alterDatabaseSetStmt
    case alterRoleSetStmt
    case createConversionStmt
    case createCastStmt
    case createOpClassStmt
    case createOpFamilyStmt
    case alterOpFamilyStmt
    case prepareStmt
    case executeStmt
    case deallocateStmt
    case declareCursorStmt
    case createTableSpaceStmt
    case dropTableSpaceStmt
    case alterObjectDependsStmt
    case alterObjectSchemaStmt
    case alterOwnerStmt
    case alterOperatorStmt
    case alterTypeStmt
    case dropOwnedStmt
    case reassignOwnedStmt
    case compositeTypeStmt
    case createEnumStmt
    case createRangeStmt
    case alterEnumStmt
    case alterTSDictionaryStmt
    case alterTSConfigurationStmt
    case createFdwStmt
    case alterFdwStmt
    case createForeignServerStmt
    case alterForeignServerStmt
    case createUserMappingStmt
    case alterUserMappingStmt
    case dropUserMappingStmt
    case alterTableSpaceOptionsStmt
    case alterTableMoveAllStmt
    case secLabelStmt
    case createForeignTableStmt
    case importForeignSchemaStmt
    case createExtensionStmt
    case alterExtensionStmt
    case alterExtensionContentsStmt
    case createEventTrigStmt
    case alterEventTrigStmt
    case refreshMatViewStmt
    case replicaIdentityStmt
    case alterSystemStmt
    case createPolicyStmt
    case alterPolicyStmt
    case createTransformStmt
    case createAmStmt
    case createPublicationStmt
    case alterPublicationStmt
    case createSubscriptionStmt
    case alterSubscriptionStmt
    case dropSubscriptionStmt
    case createStatsStmt
    case alterCollationStmt
    case callStmt
    case alterStatsStmt
    case aExpr
    case columnRef
    case paramRef
    case funcCall
    case aStar
    case aIndices
    case aIndirection
    case aArrayExpr
    case resTarget
    case multiAssignRef
    case typeCast
    case collateClause
    case sortBy
    case windowDef
    case rangeSubselect
    case rangeFunction
    case rangeTableSample
    case rangeTableFunc
    case rangeTableFuncCol
    case typeName
    case columnDef
    case indexElem
    case statsElem
    case constraint
    case defElem
    case rangeTblEntry
    case rangeTblFunction
    case tableSampleClause
    case withCheckOption
    case sortGroupClause
    case groupingSet
    case windowClause
    case objectWithArgs
    case accessPriv
    case createOpClassItem
    case tableLikeClause
    case functionParameter
    case lockingClause
    case rowMarkClause
    case xmlSerialize
    case withClause
    case inferClause
    case onConflictClause
    case cteSearchClause
    case cteCycleClause
    case commonTableExpr
    case mergeWhenClause
    case roleSpec
    case triggerTransition
    case partitionElem
    case partitionSpec
    case partitionBoundSpec
    case partitionRangeDatum
    case partitionCmd
    case vacuumRelation
    case publicationObjSpec
    case publicationTable
    case inlineCodeBlock
    case callContext

    /// As the schema spells them, in the order of the cases.
    package static let spellings = """
        ParseResult Integer Float Boolean String BitString List OidList IntList A_Const Alias RangeVar TableFunc Var \
        Param Aggref GroupingFunc WindowFunc SubscriptingRef FuncExpr NamedArgExpr OpExpr DistinctExpr NullIfExpr \
        ScalarArrayOpExpr BoolExpr SubLink SubPlan AlternativeSubPlan FieldSelect FieldStore RelabelType CoerceViaIO \
        ArrayCoerceExpr ConvertRowtypeExpr CollateExpr CaseExpr CaseWhen CaseTestExpr ArrayExpr RowExpr \
        RowCompareExpr CoalesceExpr MinMaxExpr SQLValueFunction XmlExpr NullTest BooleanTest CoerceToDomain \
        CoerceToDomainValue SetToDefault CurrentOfExpr NextValueExpr InferenceElem TargetEntry RangeTblRef JoinExpr \
        FromExpr OnConflictExpr IntoClause MergeAction RawStmt Query InsertStmt DeleteStmt UpdateStmt MergeStmt \
        SelectStmt ReturnStmt PLAssignStmt AlterTableStmt AlterTableCmd AlterDomainStmt SetOperationStmt GrantStmt \
        GrantRoleStmt AlterDefaultPrivilegesStmt ClosePortalStmt ClusterStmt CopyStmt CreateStmt DefineStmt DropStmt \
        TruncateStmt CommentStmt FetchStmt IndexStmt CreateFunctionStmt AlterFunctionStmt DoStmt RenameStmt RuleStmt \
        NotifyStmt ListenStmt UnlistenStmt TransactionStmt ViewStmt LoadStmt CreateDomainStmt CreatedbStmt DropdbStmt \
        VacuumStmt ExplainStmt CreateTableAsStmt CreateSeqStmt AlterSeqStmt VariableSetStmt VariableShowStmt \
        DiscardStmt CreateTrigStmt CreatePLangStmt CreateRoleStmt AlterRoleStmt DropRoleStmt LockStmt \
        ConstraintsSetStmt ReindexStmt CheckPointStmt CreateSchemaStmt AlterDatabaseStmt AlterDatabaseRefreshCollStmt \
        AlterDatabaseSetStmt AlterRoleSetStmt CreateConversionStmt CreateCastStmt CreateOpClassStmt \
        CreateOpFamilyStmt AlterOpFamilyStmt PrepareStmt ExecuteStmt DeallocateStmt DeclareCursorStmt \
        CreateTableSpaceStmt DropTableSpaceStmt AlterObjectDependsStmt AlterObjectSchemaStmt AlterOwnerStmt \
        AlterOperatorStmt AlterTypeStmt DropOwnedStmt ReassignOwnedStmt CompositeTypeStmt CreateEnumStmt \
        CreateRangeStmt AlterEnumStmt AlterTSDictionaryStmt AlterTSConfigurationStmt CreateFdwStmt AlterFdwStmt \
        CreateForeignServerStmt AlterForeignServerStmt CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt \
        AlterTableSpaceOptionsStmt AlterTableMoveAllStmt SecLabelStmt CreateForeignTableStmt ImportForeignSchemaStmt \
        CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreateEventTrigStmt AlterEventTrigStmt \
        RefreshMatViewStmt ReplicaIdentityStmt AlterSystemStmt CreatePolicyStmt AlterPolicyStmt CreateTransformStmt \
        CreateAmStmt CreatePublicationStmt AlterPublicationStmt CreateSubscriptionStmt AlterSubscriptionStmt \
        DropSubscriptionStmt CreateStatsStmt AlterCollationStmt CallStmt AlterStatsStmt A_Expr ColumnRef ParamRef \
        FuncCall A_Star A_Indices A_Indirection A_ArrayExpr ResTarget MultiAssignRef TypeCast CollateClause SortBy \
        WindowDef RangeSubselect RangeFunction RangeTableSample RangeTableFunc RangeTableFuncCol TypeName ColumnDef \
        IndexElem StatsElem Constraint DefElem RangeTblEntry RangeTblFunction TableSampleClause WithCheckOption \
        SortGroupClause GroupingSet WindowClause ObjectWithArgs AccessPriv CreateOpClassItem TableLikeClause \
        FunctionParameter LockingClause RowMarkClause XmlSerialize WithClause InferClause OnConflictClause \
        CTESearchClause CTECycleClause CommonTableExpr MergeWhenClause RoleSpec TriggerTransition PartitionElem \
        PartitionSpec PartitionBoundSpec PartitionRangeDatum PartitionCmd VacuumRelation PublicationObjSpec \
        PublicationTable InlineCodeBlock CallContext
        """.split(separator: " ").map { String($0) }
}

/// The names of the nodes' fields; one name may stand in several nodes.
package enum Field: UInt16, Hashable, Sendable, CaseIterable {
    case accessMethod
    case accessMethodUnderscored
    case action
    case actions
    case adminOpt
    case aggDistinct
    case aggFilter
    case aggOrder
    case aggStar
    case aggWithinGroup
    case aggargtypes
    case aggcollid
    case aggdirectargs
    case aggdistinct
    case aggfilter
    case aggfnoid
    case aggkind
    case agglevelsup
    case aggno
    case aggorder
    case aggsplit
    case aggstar
    case aggtransno
    case aggtranstype
    case aggtype
    case aggvariadic
    case alias
    case aliascolnames
    case aliases
    case aliasname
    case all
    case amname
    case amtype
    case arbiterElems
    case arbiterWhere
    case arg
    case argType
    case argNames
    case argisrow
    case argnumber
    case args
    case argsUnspecified
    case argtypes
    case arrayBounds
    case arrayCollid
    case arrayTypeid
    case atomic
    case attlist
    case authrole
    case base
    case behavior
    case boolop
    case booltesttype
    case boolval
    case bound
    case bsval
    case canSetTag
    case cascaded
    case casecollid
    case casetype
    case catalogname
    case cfgname
    case chain
    case checkAsUser
    case classArgs
    case cmdName
    case cmds
    case coalescecollid
    case coalescetype
    case coerceformat
    case coercionformat
    case colCollations
    case colNames
    case colTypes
    case colTypmods
    case colcollations
    case coldefexpr
    case coldefexprs
    case coldeflist
    case colexpr
    case colexprs
    case collClause
    case collOid
    case collation
    case collname
    case colname
    case colnames
    case colno
    case cols
    case coltypes
    case coltypmods
    case columns
    case commandType
    case comment
    case compression
    case concurrent
    case condition
    case conditionname
    case conname
    case conninfo
    case constraint
    case constraintDeps
    case constraints
    case constrrel
    case content
    case context
    case contype
    case conversionName
    case convertformat
    case cookedDefault
    case cookedExpr
    case copiedOrder
    case cteList
    case ctecolcollations
    case ctecolnames
    case ctecoltypes
    case ctecoltypmods
    case ctelevelsup
    case ctematerialized
    case ctename
    case ctequery
    case cterecursive
    case cterefcount
    case ctes
    case cursorName
    case cursorParam
    case cvarno
    case cycleClause
    case cycleColList
    case cycleMarkCollation
    case cycleMarkColumn
    case cycleMarkDefault
    case cycleMarkNeop
    case cycleMarkType
    case cycleMarkTypmod
    case cycleMarkValue
    case cyclePathColumn
    case database
    case datatype
    case dbname
    case def
    case defaction
    case deferrable
    case deferred
    case defexpr
    case definition
    case defname
    case defnames
    case defnamespace
    case defresult
    case dictname
    case dicts
    case direction
    case distinctClause
    case docexpr
    case domainname
    case elementTypeid
    case elements
    case elemexpr
    case endInRangeFunc
    case endOffset
    case enrname
    case enrtuples
    case eqop
    case eref
    case event
    case eventname
    case events
    case exclRelIndex
    case exclRelTlist
    case excludeOpNames
    case exclusions
    case expr
    case exprs
    case extname
    case extraUpdatedCols
    case fdwname
    case fdwoptions
    case fieldnum
    case fieldnums
    case fields
    case filename
    case firstColCollation
    case firstColType
    case firstColTypmod
    case fkAttrs
    case fkDelAction
    case fkDelSetCols
    case fkMatchtype
    case fkUpdAction
    case forAllTables
    case forEncodingName
    case forIdentity
    case forOrdinality
    case frameOptions
    case fromClause
    case fromlist
    case fromsql
    case `func`
    case funcName
    case funcOptions
    case funcVariadic
    case funccall
    case funccolcollations
    case funccolcount
    case funccollid
    case funccolnames
    case funccoltypes
    case funccoltypmods
    case funcexpr
    case funcformat
    case funcid
    case funcname
    case funcordinality
    case funcparams
    case funcresulttype
    case funcretset
    case functions
    case funcvariadic
    case fval
    case generated
    case generatedWhen
    case gid
    case grantOption
    case grantedRoles
    case granteeRoles
    case grantees
    case grantor
    case groupClause
    case groupClauses
    case groupDistinct
    case groupingSets
    case handlerName
    case hasAggs
    case hasDistinctOn
    case hasForUpdate
    case hasModifyingCTE
    case hasRecursive
    case hasRowSecurity
    case hasSubLinks
    case hasTargetSRFs
    case hasWindowFuncs
    case hasVersion
    case hashable
    case hashfuncid
    case havingClause
    case havingQual
    case howMany
    case identity
    case identitySequence
    case identityType
    case idxcomment
    case idxname
    case ifNotExists
    case inFromCl
    case inRangeAsc
    case inRangeColl
    case inRangeNullsFirst
    case including
    case indexElems
    case indexIncludingParams
    case indexOid
    case indexParams
    case indexcolname
    case indexname
    case indexspace
    case indirection
    case infer
    case infercollid
    case inferopclass
    case inh
    case inhRelations
    case inhcount
    case initdeferred
    case initiallyValid
    case `inout`
    case inputcollid
    case inputcollids
    case insertedCols
    case instead
    case into
    case intoClause
    case isDefault
    case isDrop
    case isNatural
    case isNew
    case isReset
    case isReturn
    case isTable
    case isDefaultUnderscored
    case isFrom
    case isFromType
    case isGrant
    case isLocal
    case isNoInherit
    case isNotNull
    case isProcedure
    case isProgram
    case isRowsfrom
    case isSelectInto
    case isSlice
    case isVacuumcmd
    case isconstraint
    case ismove
    case isnull
    case items
    case itemtype
    case ival
    case joinCondition
    case joinUsingAlias
    case joinaliasvars
    case joinleftcols
    case joinmergedcols
    case joinrightcols
    case jointree
    case jointype
    case keys
    case kind
    case label
    case lang
    case langIsTrusted
    case langOid
    case larg
    case largs
    case lateral
    case lexpr
    case lidx
    case limitCount
    case limitOffset
    case limitOption
    case listType
    case listdatums
    case localSchema
    case location
    case lockedRels
    case lockingClause
    case lowerdatums
    case matched
    case mergeActionList
    case mergeUseOuterJoin
    case mergeWhenClauses
    case method
    case minmaxcollid
    case minmaxtype
    case missingOk
    case mode
    case modulus
    case multidims
    case name
    case namedArgs
    case names
    case namespaces
    case ncolumns
    case negfuncid
    case newVal
    case newValIsAfter
    case newValNeighbor
    case newTablespacename
    case newname
    case newowner
    case newrole
    case newschema
    case newvals
    case nnames
    case node
    case notnulls
    case nowait
    case nsNames
    case nsUris
    case nullsFirst
    case nullsNotDistinct
    case nullsOrdering
    case nulltesttype
    case num
    case number
    case objargs
    case object
    case objectType
    case objects
    case objfuncargs
    case objname
    case objtype
    case ofTypename
    case oid
    case oldCreateSubid
    case oldFirstRelfilenodeSubid
    case oldNode
    case oldVal
    case oldConpfeqop
    case oldPktableOid
    case oldstyle
    case onCommit
    case onConflict
    case onConflictClause
    case onConflictSet
    case onConflictWhere
    case oncommit
    case op
    case opclass
    case opclassname
    case opclassopts
    case opcollid
    case operName
    case opername
    case opfamilies
    case opfamilyname
    case opfuncid
    case opno
    case opnos
    case opresulttype
    case opretset
    case options
    case orderClause
    case orderFamily
    case ordering
    case ordinality
    case ordinalitycol
    case origTablespacename
    case outargs
    case over
    case override
    case owner
    case ownerId
    case parParam
    case parallelSafe
    case paramIds
    case paramcollid
    case parameters
    case paramid
    case paramkind
    case params
    case paramtype
    case paramtypmod
    case partParams
    case partbound
    case partitionClause
    case partspec
    case payload
    case pctType
    case perCallCost
    case permissive
    case pkAttrs
    case pktable
    case planId
    case planName
    case plhandler
    case plinline
    case plname
    case pltrusted
    case plvalidator
    case policyName
    case polname
    case portalname
    case primary
    case privName
    case privileges
    case provider
    case publication
    case pubname
    case pubobjects
    case pubobjtype
    case pubtable
    case pushedDown
    case qual
    case quals
    case query
    case querySource
    case rarg
    case rargs
    case rawDefault
    case rawExpr
    case rctype
    case recurse
    case recursive
    case refassgnexpr
    case refcollid
    case refcontainertype
    case refelemtype
    case refexpr
    case reflowerindexpr
    case refname
    case refrestype
    case refs
    case reftypmod
    case refupperindexpr
    case rel
    case relabelformat
    case relation
    case relationOid
    case relationType
    case relations
    case relid
    case relkind
    case rellockmode
    case relname
    case relpersistence
    case rels
    case remainder
    case remoteSchema
    case remove
    case removeType
    case renameType
    case repeatable
    case replace
    case requiredPerms
    case resetDefaultTblspc
    case resjunk
    case resname
    case resno
    case resorigcol
    case resorigtbl
    case ressortgroupref
    case restartSeqs
    case result
    case resultRelation
    case resultcollid
    case resulttype
    case resulttypmod
    case returnType
    case returningList
    case returnval
    case rexpr
    case role
    case rolename
    case roles
    case roletype
    case row
    case rowMarks
    case rowFormat
    case rowTypeid
    case rowexpr
    case rtable
    case rtekind
    case rti
    case rtindex
    case rulename
    case runCondition
    case savepointName
    case schemaElts
    case schemaname
    case searchBreadthFirst
    case searchClause
    case searchColList
    case searchSeqColumn
    case securityQuals
    case securityBarrier
    case selectStmt
    case selectedCols
    case selfReference
    case seqid
    case sequence
    case serverName
    case servername
    case servertype
    case setOperations
    case setParam
    case setof
    case setstmt
    case skipData
    case skipIfNewValExists
    case skipValidation
    case sortClause
    case sortbyDir
    case sortbyNulls
    case sortop
    case source
    case sourceRelation
    case sourceText
    case sourcetype
    case sqlBody
    case startInRangeFunc
    case startOffset
    case startupCost
    case statTypes
    case stmt
    case stmtLen
    case stmtLocation
    case stmtType
    case stmts
    case storage
    case storedtype
    case strategy
    case strength
    case stxcomment
    case stxstattarget
    case subLinkId
    case subLinkType
    case subname
    case subplans
    case subquery
    case subselect
    case subtype
    case sval
    case table
    case tableElts
    case tableSpace
    case tableSpaceName
    case tableList
    case tablefunc
    case tablesample
    case tablespacename
    case target
    case targetList
    case targettype
    case targtype
    case testexpr
    case tgenabled
    case timing
    case tleSortGroupRef
    case toEncodingName
    case tokentype
    case tosql
    case transformed
    case transitionRels
    case trigname
    case tsmhandler
    case type
    case typeId
    case typeMod
    case typeName
    case typeOid
    case typeNameUnderscored
    case typemod
    case typevar
    case typmod
    case typmods
    case uidx
    case unique
    case unknownEqFalse
    case updateColnos
    case updatedCols
    case upperdatums
    case useHashTable
    case useOp
    case useOr
    case user
    case usingClause
    case utilityStmt
    case vaCols
    case val
    case vals
    case value
    case values
    case valuesLists
    case valuesListsUnderscored
    case varattno
    case varattnosyn
    case varcollid
    case varlevelsup
    case varno
    case varnosyn
    case vartype
    case vartypmod
    case version
    case view
    case viewQuery
    case waitPolicy
    case whenClause
    case whenclause
    case whereClause
    case whereClauseUnderscored
    case winagg
    case wincollid
    case windowClause
    case winfnoid
    case winref
    case winstar
    case wintype
    case withCheckOption
    case withCheckOptions
    case withClause
    case withCheck
    case xmloption
    case xpr

    /// As the schema spells them, in the order of the cases.
    package static let spellings = """
        accessMethod access_method action actions admin_opt agg_distinct agg_filter agg_order agg_star \
        agg_within_group aggargtypes aggcollid aggdirectargs aggdistinct aggfilter aggfnoid aggkind agglevelsup aggno \
        aggorder aggsplit aggstar aggtransno aggtranstype aggtype aggvariadic alias aliascolnames aliases aliasname \
        all amname amtype arbiterElems arbiterWhere arg argType arg_names argisrow argnumber args args_unspecified \
        argtypes arrayBounds array_collid array_typeid atomic attlist authrole base behavior boolop booltesttype \
        boolval bound bsval canSetTag cascaded casecollid casetype catalogname cfgname chain checkAsUser class_args \
        cmd_name cmds coalescecollid coalescetype coerceformat coercionformat colCollations colNames colTypes \
        colTypmods colcollations coldefexpr coldefexprs coldeflist colexpr colexprs collClause collOid collation \
        collname colname colnames colno cols coltypes coltypmods columns commandType comment compression concurrent \
        condition conditionname conname conninfo constraint constraintDeps constraints constrrel content context \
        contype conversion_name convertformat cooked_default cooked_expr copiedOrder cteList ctecolcollations \
        ctecolnames ctecoltypes ctecoltypmods ctelevelsup ctematerialized ctename ctequery cterecursive cterefcount \
        ctes cursor_name cursor_param cvarno cycle_clause cycle_col_list cycle_mark_collation cycle_mark_column \
        cycle_mark_default cycle_mark_neop cycle_mark_type cycle_mark_typmod cycle_mark_value cycle_path_column \
        database datatype dbname def defaction deferrable deferred defexpr definition defname defnames defnamespace \
        defresult dictname dicts direction distinctClause docexpr domainname element_typeid elements elemexpr \
        endInRangeFunc endOffset enrname enrtuples eqop eref event eventname events exclRelIndex exclRelTlist \
        excludeOpNames exclusions expr exprs extname extraUpdatedCols fdwname fdwoptions fieldnum fieldnums fields \
        filename firstColCollation firstColType firstColTypmod fk_attrs fk_del_action fk_del_set_cols fk_matchtype \
        fk_upd_action for_all_tables for_encoding_name for_identity for_ordinality frameOptions fromClause fromlist \
        fromsql func func_name func_options func_variadic funccall funccolcollations funccolcount funccollid \
        funccolnames funccoltypes funccoltypmods funcexpr funcformat funcid funcname funcordinality funcparams \
        funcresulttype funcretset functions funcvariadic fval generated generated_when gid grant_option granted_roles \
        grantee_roles grantees grantor groupClause groupClauses groupDistinct groupingSets handler_name hasAggs \
        hasDistinctOn hasForUpdate hasModifyingCTE hasRecursive hasRowSecurity hasSubLinks hasTargetSRFs \
        hasWindowFuncs has_version hashable hashfuncid havingClause havingQual howMany identity identitySequence \
        identity_type idxcomment idxname if_not_exists inFromCl inRangeAsc inRangeColl inRangeNullsFirst including \
        indexElems indexIncludingParams indexOid indexParams indexcolname indexname indexspace indirection infer \
        infercollid inferopclass inh inhRelations inhcount initdeferred initially_valid inout inputcollid \
        inputcollids insertedCols instead into intoClause isDefault isDrop isNatural isNew isReset isReturn isTable \
        is_default is_from is_from_type is_grant is_local is_no_inherit is_not_null is_procedure is_program \
        is_rowsfrom is_select_into is_slice is_vacuumcmd isconstraint ismove isnull items itemtype ival joinCondition \
        join_using_alias joinaliasvars joinleftcols joinmergedcols joinrightcols jointree jointype keys kind label \
        lang langIsTrusted langOid larg largs lateral lexpr lidx limitCount limitOffset limitOption list_type \
        listdatums local_schema location lockedRels lockingClause lowerdatums matched mergeActionList \
        mergeUseOuterJoin mergeWhenClauses method minmaxcollid minmaxtype missing_ok mode modulus multidims name \
        named_args names namespaces ncolumns negfuncid newVal newValIsAfter newValNeighbor new_tablespacename newname \
        newowner newrole newschema newvals nnames node notnulls nowait ns_names ns_uris nulls_first \
        nulls_not_distinct nulls_ordering nulltesttype num number objargs object objectType objects objfuncargs \
        objname objtype ofTypename oid oldCreateSubid oldFirstRelfilenodeSubid oldNode oldVal old_conpfeqop \
        old_pktable_oid oldstyle onCommit onConflict onConflictClause onConflictSet onConflictWhere oncommit op \
        opclass opclassname opclassopts opcollid operName opername opfamilies opfamilyname opfuncid opno opnos \
        opresulttype opretset options orderClause order_family ordering ordinality ordinalitycol orig_tablespacename \
        outargs over override owner ownerId parParam parallel_safe paramIds paramcollid parameters paramid paramkind \
        params paramtype paramtypmod partParams partbound partitionClause partspec payload pct_type per_call_cost \
        permissive pk_attrs pktable plan_id plan_name plhandler plinline plname pltrusted plvalidator policy_name \
        polname portalname primary priv_name privileges provider publication pubname pubobjects pubobjtype pubtable \
        pushedDown qual quals query querySource rarg rargs raw_default raw_expr rctype recurse recursive refassgnexpr \
        refcollid refcontainertype refelemtype refexpr reflowerindexpr refname refrestype refs reftypmod \
        refupperindexpr rel relabelformat relation relationOid relationType relations relid relkind rellockmode \
        relname relpersistence rels remainder remote_schema remove removeType renameType repeatable replace \
        requiredPerms reset_default_tblspc resjunk resname resno resorigcol resorigtbl ressortgroupref restart_seqs \
        result resultRelation resultcollid resulttype resulttypmod returnType returningList returnval rexpr role \
        rolename roles roletype row rowMarks row_format row_typeid rowexpr rtable rtekind rti rtindex rulename \
        runCondition savepoint_name schemaElts schemaname search_breadth_first search_clause search_col_list \
        search_seq_column securityQuals security_barrier selectStmt selectedCols self_reference seqid sequence \
        server_name servername servertype setOperations setParam setof setstmt skipData skipIfNewValExists \
        skip_validation sortClause sortby_dir sortby_nulls sortop source sourceRelation source_text sourcetype \
        sql_body startInRangeFunc startOffset startup_cost stat_types stmt stmt_len stmt_location stmt_type stmts \
        storage storedtype strategy strength stxcomment stxstattarget subLinkId subLinkType subname subplans subquery \
        subselect subtype sval table tableElts tableSpace tableSpaceName table_list tablefunc tablesample \
        tablespacename target targetList targettype targtype testexpr tgenabled timing tleSortGroupRef \
        to_encoding_name tokentype tosql transformed transitionRels trigname tsmhandler type typeId typeMod typeName \
        typeOid type_name typemod typevar typmod typmods uidx unique unknownEqFalse updateColnos updatedCols \
        upperdatums useHashTable useOp useOr user usingClause utilityStmt va_cols val vals value values valuesLists \
        values_lists varattno varattnosyn varcollid varlevelsup varno varnosyn vartype vartypmod version view \
        viewQuery waitPolicy whenClause whenclause whereClause where_clause winagg wincollid windowClause winfnoid \
        winref winstar wintype withCheckOption withCheckOptions withClause with_check xmloption xpr
        """.split(separator: " ").map { String($0) }
}

package enum Schema {
    /// A node a line: its name, then `field:type` each. A type is `string`, `bool`, `number`, `enum`, `Node`
    /// (any node, under its name) or one node's name; `*` marks a list.
    package static let text = """
        ParseResult version:number stmts:RawStmt*
        Integer ival:number
        Float fval:string
        Boolean boolval:bool
        String sval:string
        BitString bsval:string
        List items:Node*
        OidList items:Node*
        IntList items:Node*
        A_Const ival:Integer fval:Float boolval:Boolean sval:String bsval:BitString isnull:bool location:number
        Alias aliasname:string colnames:Node*
        RangeVar catalogname:string schemaname:string relname:string inh:bool relpersistence:string alias:Alias \
            location:number
        TableFunc ns_uris:Node* ns_names:Node* docexpr:Node rowexpr:Node colnames:Node* coltypes:Node* \
            coltypmods:Node* colcollations:Node* colexprs:Node* coldefexprs:Node* notnulls:number* \
            ordinalitycol:number location:number
        Var xpr:Node varno:number varattno:number vartype:number vartypmod:number varcollid:number varlevelsup:number \
            varnosyn:number varattnosyn:number location:number
        Param xpr:Node paramkind:enum paramid:number paramtype:number paramtypmod:number paramcollid:number \
            location:number
        Aggref xpr:Node aggfnoid:number aggtype:number aggcollid:number inputcollid:number aggtranstype:number \
            aggargtypes:Node* aggdirectargs:Node* args:Node* aggorder:Node* aggdistinct:Node* aggfilter:Node \
            aggstar:bool aggvariadic:bool aggkind:string agglevelsup:number aggsplit:enum aggno:number \
            aggtransno:number location:number
        GroupingFunc xpr:Node args:Node* refs:Node* cols:Node* agglevelsup:number location:number
        WindowFunc xpr:Node winfnoid:number wintype:number wincollid:number inputcollid:number args:Node* \
            aggfilter:Node winref:number winstar:bool winagg:bool location:number
        SubscriptingRef xpr:Node refcontainertype:number refelemtype:number refrestype:number reftypmod:number \
            refcollid:number refupperindexpr:Node* reflowerindexpr:Node* refexpr:Node refassgnexpr:Node
        FuncExpr xpr:Node funcid:number funcresulttype:number funcretset:bool funcvariadic:bool funcformat:enum \
            funccollid:number inputcollid:number args:Node* location:number
        NamedArgExpr xpr:Node arg:Node name:string argnumber:number location:number
        OpExpr xpr:Node opno:number opfuncid:number opresulttype:number opretset:bool opcollid:number \
            inputcollid:number args:Node* location:number
        DistinctExpr xpr:Node opno:number opfuncid:number opresulttype:number opretset:bool opcollid:number \
            inputcollid:number args:Node* location:number
        NullIfExpr xpr:Node opno:number opfuncid:number opresulttype:number opretset:bool opcollid:number \
            inputcollid:number args:Node* location:number
        ScalarArrayOpExpr xpr:Node opno:number opfuncid:number hashfuncid:number negfuncid:number useOr:bool \
            inputcollid:number args:Node* location:number
        BoolExpr xpr:Node boolop:enum args:Node* location:number
        SubLink xpr:Node subLinkType:enum subLinkId:number testexpr:Node operName:Node* subselect:Node \
            location:number
        SubPlan xpr:Node subLinkType:enum testexpr:Node paramIds:Node* plan_id:number plan_name:string \
            firstColType:number firstColTypmod:number firstColCollation:number useHashTable:bool unknownEqFalse:bool \
            parallel_safe:bool setParam:Node* parParam:Node* args:Node* startup_cost:number per_call_cost:number
        AlternativeSubPlan xpr:Node subplans:Node*
        FieldSelect xpr:Node arg:Node fieldnum:number resulttype:number resulttypmod:number resultcollid:number
        FieldStore xpr:Node arg:Node newvals:Node* fieldnums:Node* resulttype:number
        RelabelType xpr:Node arg:Node resulttype:number resulttypmod:number resultcollid:number relabelformat:enum \
            location:number
        CoerceViaIO xpr:Node arg:Node resulttype:number resultcollid:number coerceformat:enum location:number
        ArrayCoerceExpr xpr:Node arg:Node elemexpr:Node resulttype:number resulttypmod:number resultcollid:number \
            coerceformat:enum location:number
        ConvertRowtypeExpr xpr:Node arg:Node resulttype:number convertformat:enum location:number
        CollateExpr xpr:Node arg:Node collOid:number location:number
        CaseExpr xpr:Node casetype:number casecollid:number arg:Node args:Node* defresult:Node location:number
        CaseWhen xpr:Node expr:Node result:Node location:number
        CaseTestExpr xpr:Node typeId:number typeMod:number collation:number
        ArrayExpr xpr:Node array_typeid:number array_collid:number element_typeid:number elements:Node* \
            multidims:bool location:number
        RowExpr xpr:Node args:Node* row_typeid:number row_format:enum colnames:Node* location:number
        RowCompareExpr xpr:Node rctype:enum opnos:Node* opfamilies:Node* inputcollids:Node* largs:Node* rargs:Node*
        CoalesceExpr xpr:Node coalescetype:number coalescecollid:number args:Node* location:number
        MinMaxExpr xpr:Node minmaxtype:number minmaxcollid:number inputcollid:number op:enum args:Node* \
            location:number
        SQLValueFunction xpr:Node op:enum type:number typmod:number location:number
        XmlExpr xpr:Node op:enum name:string named_args:Node* arg_names:Node* args:Node* xmloption:enum type:number \
            typmod:number location:number
        NullTest xpr:Node arg:Node nulltesttype:enum argisrow:bool location:number
        BooleanTest xpr:Node arg:Node booltesttype:enum location:number
        CoerceToDomain xpr:Node arg:Node resulttype:number resulttypmod:number resultcollid:number \
            coercionformat:enum location:number
        CoerceToDomainValue xpr:Node typeId:number typeMod:number collation:number location:number
        SetToDefault xpr:Node typeId:number typeMod:number collation:number location:number
        CurrentOfExpr xpr:Node cvarno:number cursor_name:string cursor_param:number
        NextValueExpr xpr:Node seqid:number typeId:number
        InferenceElem xpr:Node expr:Node infercollid:number inferopclass:number
        TargetEntry xpr:Node expr:Node resno:number resname:string ressortgroupref:number resorigtbl:number \
            resorigcol:number resjunk:bool
        RangeTblRef rtindex:number
        JoinExpr jointype:enum isNatural:bool larg:Node rarg:Node usingClause:Node* join_using_alias:Alias quals:Node \
            alias:Alias rtindex:number
        FromExpr fromlist:Node* quals:Node
        OnConflictExpr action:enum arbiterElems:Node* arbiterWhere:Node constraint:number onConflictSet:Node* \
            onConflictWhere:Node exclRelIndex:number exclRelTlist:Node*
        IntoClause rel:RangeVar colNames:Node* accessMethod:string options:Node* onCommit:enum tableSpaceName:string \
            viewQuery:Node skipData:bool
        MergeAction matched:bool commandType:enum override:enum qual:Node targetList:Node* updateColnos:Node*
        RawStmt stmt:Node stmt_location:number stmt_len:number
        Query commandType:enum querySource:enum canSetTag:bool utilityStmt:Node resultRelation:number hasAggs:bool \
            hasWindowFuncs:bool hasTargetSRFs:bool hasSubLinks:bool hasDistinctOn:bool hasRecursive:bool \
            hasModifyingCTE:bool hasForUpdate:bool hasRowSecurity:bool isReturn:bool cteList:Node* rtable:Node* \
            jointree:FromExpr mergeActionList:Node* mergeUseOuterJoin:bool targetList:Node* override:enum \
            onConflict:OnConflictExpr returningList:Node* groupClause:Node* groupDistinct:bool groupingSets:Node* \
            havingQual:Node windowClause:Node* distinctClause:Node* sortClause:Node* limitOffset:Node limitCount:Node \
            limitOption:enum rowMarks:Node* setOperations:Node constraintDeps:Node* withCheckOptions:Node* \
            stmt_location:number stmt_len:number
        InsertStmt relation:RangeVar cols:Node* selectStmt:Node onConflictClause:OnConflictClause returningList:Node* \
            withClause:WithClause override:enum
        DeleteStmt relation:RangeVar usingClause:Node* whereClause:Node returningList:Node* withClause:WithClause
        UpdateStmt relation:RangeVar targetList:Node* whereClause:Node fromClause:Node* returningList:Node* \
            withClause:WithClause
        MergeStmt relation:RangeVar sourceRelation:Node joinCondition:Node mergeWhenClauses:Node* \
            withClause:WithClause
        SelectStmt distinctClause:Node* intoClause:IntoClause targetList:Node* fromClause:Node* whereClause:Node \
            groupClause:Node* groupDistinct:bool havingClause:Node windowClause:Node* valuesLists:Node* \
            sortClause:Node* limitOffset:Node limitCount:Node limitOption:enum lockingClause:Node* \
            withClause:WithClause op:enum all:bool larg:SelectStmt rarg:SelectStmt
        ReturnStmt returnval:Node
        PLAssignStmt name:string indirection:Node* nnames:number val:SelectStmt location:number
        AlterTableStmt relation:RangeVar cmds:Node* objtype:enum missing_ok:bool
        AlterTableCmd subtype:enum name:string num:number newowner:RoleSpec def:Node behavior:enum missing_ok:bool \
            recurse:bool
        AlterDomainStmt subtype:string typeName:Node* name:string def:Node behavior:enum missing_ok:bool
        SetOperationStmt op:enum all:bool larg:Node rarg:Node colTypes:Node* colTypmods:Node* colCollations:Node* \
            groupClauses:Node*
        GrantStmt is_grant:bool targtype:enum objtype:enum objects:Node* privileges:Node* grantees:Node* \
            grant_option:bool grantor:RoleSpec behavior:enum
        GrantRoleStmt granted_roles:Node* grantee_roles:Node* is_grant:bool admin_opt:bool grantor:RoleSpec \
            behavior:enum
        AlterDefaultPrivilegesStmt options:Node* action:GrantStmt
        ClosePortalStmt portalname:string
        ClusterStmt relation:RangeVar indexname:string params:Node*
        CopyStmt relation:RangeVar query:Node attlist:Node* is_from:bool is_program:bool filename:string \
            options:Node* whereClause:Node
        CreateStmt relation:RangeVar tableElts:Node* inhRelations:Node* partbound:PartitionBoundSpec \
            partspec:PartitionSpec ofTypename:TypeName constraints:Node* options:Node* oncommit:enum \
            tablespacename:string accessMethod:string if_not_exists:bool
        DefineStmt kind:enum oldstyle:bool defnames:Node* args:Node* definition:Node* if_not_exists:bool replace:bool
        DropStmt objects:Node* removeType:enum behavior:enum missing_ok:bool concurrent:bool
        TruncateStmt relations:Node* restart_seqs:bool behavior:enum
        CommentStmt objtype:enum object:Node comment:string
        FetchStmt direction:enum howMany:number portalname:string ismove:bool
        IndexStmt idxname:string relation:RangeVar accessMethod:string tableSpace:string indexParams:Node* \
            indexIncludingParams:Node* options:Node* whereClause:Node excludeOpNames:Node* idxcomment:string \
            indexOid:number oldNode:number oldCreateSubid:number oldFirstRelfilenodeSubid:number unique:bool \
            nulls_not_distinct:bool primary:bool isconstraint:bool deferrable:bool initdeferred:bool transformed:bool \
            concurrent:bool if_not_exists:bool reset_default_tblspc:bool
        CreateFunctionStmt is_procedure:bool replace:bool funcname:Node* parameters:Node* returnType:TypeName \
            options:Node* sql_body:Node
        AlterFunctionStmt objtype:enum func:ObjectWithArgs actions:Node*
        DoStmt args:Node*
        RenameStmt renameType:enum relationType:enum relation:RangeVar object:Node subname:string newname:string \
            behavior:enum missing_ok:bool
        RuleStmt relation:RangeVar rulename:string whereClause:Node event:enum instead:bool actions:Node* \
            replace:bool
        NotifyStmt conditionname:string payload:string
        ListenStmt conditionname:string
        UnlistenStmt conditionname:string
        TransactionStmt kind:enum options:Node* savepoint_name:string gid:string chain:bool
        ViewStmt view:RangeVar aliases:Node* query:Node replace:bool options:Node* withCheckOption:enum
        LoadStmt filename:string
        CreateDomainStmt domainname:Node* typeName:TypeName collClause:CollateClause constraints:Node*
        CreatedbStmt dbname:string options:Node*
        DropdbStmt dbname:string missing_ok:bool options:Node*
        VacuumStmt options:Node* rels:Node* is_vacuumcmd:bool
        ExplainStmt query:Node options:Node*
        CreateTableAsStmt query:Node into:IntoClause objtype:enum is_select_into:bool if_not_exists:bool
        CreateSeqStmt sequence:RangeVar options:Node* ownerId:number for_identity:bool if_not_exists:bool
        AlterSeqStmt sequence:RangeVar options:Node* for_identity:bool missing_ok:bool
        VariableSetStmt kind:enum name:string args:Node* is_local:bool
        VariableShowStmt name:string
        DiscardStmt target:enum
        CreateTrigStmt replace:bool isconstraint:bool trigname:string relation:RangeVar funcname:Node* args:Node* \
            row:bool timing:number events:number columns:Node* whenClause:Node transitionRels:Node* deferrable:bool \
            initdeferred:bool constrrel:RangeVar
        CreatePLangStmt replace:bool plname:string plhandler:Node* plinline:Node* plvalidator:Node* pltrusted:bool
        CreateRoleStmt stmt_type:enum role:string options:Node*
        AlterRoleStmt role:RoleSpec options:Node* action:number
        DropRoleStmt roles:Node* missing_ok:bool
        LockStmt relations:Node* mode:number nowait:bool
        ConstraintsSetStmt constraints:Node* deferred:bool
        ReindexStmt kind:enum relation:RangeVar name:string params:Node*
        CheckPointStmt
        CreateSchemaStmt schemaname:string authrole:RoleSpec schemaElts:Node* if_not_exists:bool
        AlterDatabaseStmt dbname:string options:Node*
        AlterDatabaseRefreshCollStmt dbname:string
        AlterDatabaseSetStmt dbname:string setstmt:VariableSetStmt
        AlterRoleSetStmt role:RoleSpec database:string setstmt:VariableSetStmt
        CreateConversionStmt conversion_name:Node* for_encoding_name:string to_encoding_name:string func_name:Node* \
            def:bool
        CreateCastStmt sourcetype:TypeName targettype:TypeName func:ObjectWithArgs context:enum inout:bool
        CreateOpClassStmt opclassname:Node* opfamilyname:Node* amname:string datatype:TypeName items:Node* \
            isDefault:bool
        CreateOpFamilyStmt opfamilyname:Node* amname:string
        AlterOpFamilyStmt opfamilyname:Node* amname:string isDrop:bool items:Node*
        PrepareStmt name:string argtypes:Node* query:Node
        ExecuteStmt name:string params:Node*
        DeallocateStmt name:string
        DeclareCursorStmt portalname:string options:number query:Node
        CreateTableSpaceStmt tablespacename:string owner:RoleSpec location:string options:Node*
        DropTableSpaceStmt tablespacename:string missing_ok:bool
        AlterObjectDependsStmt objectType:enum relation:RangeVar object:Node extname:String remove:bool
        AlterObjectSchemaStmt objectType:enum relation:RangeVar object:Node newschema:string missing_ok:bool
        AlterOwnerStmt objectType:enum relation:RangeVar object:Node newowner:RoleSpec
        AlterOperatorStmt opername:ObjectWithArgs options:Node*
        AlterTypeStmt typeName:Node* options:Node*
        DropOwnedStmt roles:Node* behavior:enum
        ReassignOwnedStmt roles:Node* newrole:RoleSpec
        CompositeTypeStmt typevar:RangeVar coldeflist:Node*
        CreateEnumStmt typeName:Node* vals:Node*
        CreateRangeStmt typeName:Node* params:Node*
        AlterEnumStmt typeName:Node* oldVal:string newVal:string newValNeighbor:string newValIsAfter:bool \
            skipIfNewValExists:bool
        AlterTSDictionaryStmt dictname:Node* options:Node*
        AlterTSConfigurationStmt kind:enum cfgname:Node* tokentype:Node* dicts:Node* override:bool replace:bool \
            missing_ok:bool
        CreateFdwStmt fdwname:string func_options:Node* options:Node*
        AlterFdwStmt fdwname:string func_options:Node* options:Node*
        CreateForeignServerStmt servername:string servertype:string version:string fdwname:string if_not_exists:bool \
            options:Node*
        AlterForeignServerStmt servername:string version:string options:Node* has_version:bool
        CreateUserMappingStmt user:RoleSpec servername:string if_not_exists:bool options:Node*
        AlterUserMappingStmt user:RoleSpec servername:string options:Node*
        DropUserMappingStmt user:RoleSpec servername:string missing_ok:bool
        AlterTableSpaceOptionsStmt tablespacename:string options:Node* isReset:bool
        AlterTableMoveAllStmt orig_tablespacename:string objtype:enum roles:Node* new_tablespacename:string \
            nowait:bool
        SecLabelStmt objtype:enum object:Node provider:string label:string
        CreateForeignTableStmt base:CreateStmt servername:string options:Node*
        ImportForeignSchemaStmt server_name:string remote_schema:string local_schema:string list_type:enum \
            table_list:Node* options:Node*
        CreateExtensionStmt extname:string if_not_exists:bool options:Node*
        AlterExtensionStmt extname:string options:Node*
        AlterExtensionContentsStmt extname:string action:number objtype:enum object:Node
        CreateEventTrigStmt trigname:string eventname:string whenclause:Node* funcname:Node*
        AlterEventTrigStmt trigname:string tgenabled:string
        RefreshMatViewStmt concurrent:bool skipData:bool relation:RangeVar
        ReplicaIdentityStmt identity_type:string name:string
        AlterSystemStmt setstmt:VariableSetStmt
        CreatePolicyStmt policy_name:string table:RangeVar cmd_name:string permissive:bool roles:Node* qual:Node \
            with_check:Node
        AlterPolicyStmt policy_name:string table:RangeVar roles:Node* qual:Node with_check:Node
        CreateTransformStmt replace:bool type_name:TypeName lang:string fromsql:ObjectWithArgs tosql:ObjectWithArgs
        CreateAmStmt amname:string handler_name:Node* amtype:string
        CreatePublicationStmt pubname:string options:Node* pubobjects:Node* for_all_tables:bool
        AlterPublicationStmt pubname:string options:Node* pubobjects:Node* for_all_tables:bool action:enum
        CreateSubscriptionStmt subname:string conninfo:string publication:Node* options:Node*
        AlterSubscriptionStmt kind:enum subname:string conninfo:string publication:Node* options:Node*
        DropSubscriptionStmt subname:string missing_ok:bool behavior:enum
        CreateStatsStmt defnames:Node* stat_types:Node* exprs:Node* relations:Node* stxcomment:string \
            transformed:bool if_not_exists:bool
        AlterCollationStmt collname:Node*
        CallStmt funccall:FuncCall funcexpr:FuncExpr outargs:Node*
        AlterStatsStmt defnames:Node* stxstattarget:number missing_ok:bool
        A_Expr kind:enum name:Node* lexpr:Node rexpr:Node location:number
        ColumnRef fields:Node* location:number
        ParamRef number:number location:number
        FuncCall funcname:Node* args:Node* agg_order:Node* agg_filter:Node over:WindowDef agg_within_group:bool \
            agg_star:bool agg_distinct:bool func_variadic:bool funcformat:enum location:number
        A_Star
        A_Indices is_slice:bool lidx:Node uidx:Node
        A_Indirection arg:Node indirection:Node*
        A_ArrayExpr elements:Node* location:number
        ResTarget name:string indirection:Node* val:Node location:number
        MultiAssignRef source:Node colno:number ncolumns:number
        TypeCast arg:Node typeName:TypeName location:number
        CollateClause arg:Node collname:Node* location:number
        SortBy node:Node sortby_dir:enum sortby_nulls:enum useOp:Node* location:number
        WindowDef name:string refname:string partitionClause:Node* orderClause:Node* frameOptions:number \
            startOffset:Node endOffset:Node location:number
        RangeSubselect lateral:bool subquery:Node alias:Alias
        RangeFunction lateral:bool ordinality:bool is_rowsfrom:bool functions:Node* alias:Alias coldeflist:Node*
        RangeTableSample relation:Node method:Node* args:Node* repeatable:Node location:number
        RangeTableFunc lateral:bool docexpr:Node rowexpr:Node namespaces:Node* columns:Node* alias:Alias \
            location:number
        RangeTableFuncCol colname:string typeName:TypeName for_ordinality:bool is_not_null:bool colexpr:Node \
            coldefexpr:Node location:number
        TypeName names:Node* typeOid:number setof:bool pct_type:bool typmods:Node* typemod:number arrayBounds:Node* \
            location:number
        ColumnDef colname:string typeName:TypeName compression:string inhcount:number is_local:bool is_not_null:bool \
            is_from_type:bool storage:string raw_default:Node cooked_default:Node identity:string \
            identitySequence:RangeVar generated:string collClause:CollateClause collOid:number constraints:Node* \
            fdwoptions:Node* location:number
        IndexElem name:string expr:Node indexcolname:string collation:Node* opclass:Node* opclassopts:Node* \
            ordering:enum nulls_ordering:enum
        StatsElem name:string expr:Node
        Constraint contype:enum conname:string deferrable:bool initdeferred:bool location:number is_no_inherit:bool \
            raw_expr:Node cooked_expr:string generated_when:string nulls_not_distinct:bool keys:Node* including:Node* \
            exclusions:Node* options:Node* indexname:string indexspace:string reset_default_tblspc:bool \
            access_method:string where_clause:Node pktable:RangeVar fk_attrs:Node* pk_attrs:Node* fk_matchtype:string \
            fk_upd_action:string fk_del_action:string fk_del_set_cols:Node* old_conpfeqop:Node* \
            old_pktable_oid:number skip_validation:bool initially_valid:bool
        DefElem defnamespace:string defname:string arg:Node defaction:enum location:number
        RangeTblEntry rtekind:enum relid:number relkind:string rellockmode:number tablesample:TableSampleClause \
            subquery:Query security_barrier:bool jointype:enum joinmergedcols:number joinaliasvars:Node* \
            joinleftcols:Node* joinrightcols:Node* join_using_alias:Alias functions:Node* funcordinality:bool \
            tablefunc:TableFunc values_lists:Node* ctename:string ctelevelsup:number self_reference:bool \
            coltypes:Node* coltypmods:Node* colcollations:Node* enrname:string enrtuples:number alias:Alias \
            eref:Alias lateral:bool inh:bool inFromCl:bool requiredPerms:number checkAsUser:number \
            selectedCols:number* insertedCols:number* updatedCols:number* extraUpdatedCols:number* \
            securityQuals:Node*
        RangeTblFunction funcexpr:Node funccolcount:number funccolnames:Node* funccoltypes:Node* funccoltypmods:Node* \
            funccolcollations:Node* funcparams:number*
        TableSampleClause tsmhandler:number args:Node* repeatable:Node
        WithCheckOption kind:enum relname:string polname:string qual:Node cascaded:bool
        SortGroupClause tleSortGroupRef:number eqop:number sortop:number nulls_first:bool hashable:bool
        GroupingSet kind:enum content:Node* location:number
        WindowClause name:string refname:string partitionClause:Node* orderClause:Node* frameOptions:number \
            startOffset:Node endOffset:Node runCondition:Node* startInRangeFunc:number endInRangeFunc:number \
            inRangeColl:number inRangeAsc:bool inRangeNullsFirst:bool winref:number copiedOrder:bool
        ObjectWithArgs objname:Node* objargs:Node* objfuncargs:Node* args_unspecified:bool
        AccessPriv priv_name:string cols:Node*
        CreateOpClassItem itemtype:number name:ObjectWithArgs number:number order_family:Node* class_args:Node* \
            storedtype:TypeName
        TableLikeClause relation:RangeVar options:number relationOid:number
        FunctionParameter name:string argType:TypeName mode:enum defexpr:Node
        LockingClause lockedRels:Node* strength:enum waitPolicy:enum
        RowMarkClause rti:number strength:enum waitPolicy:enum pushedDown:bool
        XmlSerialize xmloption:enum expr:Node typeName:TypeName location:number
        WithClause ctes:Node* recursive:bool location:number
        InferClause indexElems:Node* whereClause:Node conname:string location:number
        OnConflictClause action:enum infer:InferClause targetList:Node* whereClause:Node location:number
        CTESearchClause search_col_list:Node* search_breadth_first:bool search_seq_column:string location:number
        CTECycleClause cycle_col_list:Node* cycle_mark_column:string cycle_mark_value:Node cycle_mark_default:Node \
            cycle_path_column:string location:number cycle_mark_type:number cycle_mark_typmod:number \
            cycle_mark_collation:number cycle_mark_neop:number
        CommonTableExpr ctename:string aliascolnames:Node* ctematerialized:enum ctequery:Node \
            search_clause:CTESearchClause cycle_clause:CTECycleClause location:number cterecursive:bool \
            cterefcount:number ctecolnames:Node* ctecoltypes:Node* ctecoltypmods:Node* ctecolcollations:Node*
        MergeWhenClause matched:bool commandType:enum override:enum condition:Node targetList:Node* values:Node*
        RoleSpec roletype:enum rolename:string location:number
        TriggerTransition name:string isNew:bool isTable:bool
        PartitionElem name:string expr:Node collation:Node* opclass:Node* location:number
        PartitionSpec strategy:string partParams:Node* location:number
        PartitionBoundSpec strategy:string is_default:bool modulus:number remainder:number listdatums:Node* \
            lowerdatums:Node* upperdatums:Node* location:number
        PartitionRangeDatum kind:enum value:Node location:number
        PartitionCmd name:RangeVar bound:PartitionBoundSpec concurrent:bool
        VacuumRelation relation:RangeVar oid:number va_cols:Node*
        PublicationObjSpec pubobjtype:enum name:string pubtable:PublicationTable location:number
        PublicationTable relation:RangeVar whereClause:Node columns:Node*
        InlineCodeBlock source_text:string langOid:number langIsTrusted:bool atomic:bool
        CallContext atomic:bool
        """
}
