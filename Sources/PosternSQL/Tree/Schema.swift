// Written by generate.py from libpg_query's pg_query.proto. Do not edit.

/// The nodes and their fields.
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
        Var xpr:Node varno:number varattno:number vartype:number vartypmod:number varcollid:number \
            varlevelsup:number varnosyn:number varattnosyn:number location:number
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
        RelabelType xpr:Node arg:Node resulttype:number resulttypmod:number resultcollid:number \
            relabelformat:enum location:number
        CoerceViaIO xpr:Node arg:Node resulttype:number resultcollid:number coerceformat:enum location:number
        ArrayCoerceExpr xpr:Node arg:Node elemexpr:Node resulttype:number resulttypmod:number \
            resultcollid:number coerceformat:enum location:number
        ConvertRowtypeExpr xpr:Node arg:Node resulttype:number convertformat:enum location:number
        CollateExpr xpr:Node arg:Node collOid:number location:number
        CaseExpr xpr:Node casetype:number casecollid:number arg:Node args:Node* defresult:Node location:number
        CaseWhen xpr:Node expr:Node result:Node location:number
        CaseTestExpr xpr:Node typeId:number typeMod:number collation:number
        ArrayExpr xpr:Node array_typeid:number array_collid:number element_typeid:number elements:Node* \
            multidims:bool location:number
        RowExpr xpr:Node args:Node* row_typeid:number row_format:enum colnames:Node* location:number
        RowCompareExpr xpr:Node rctype:enum opnos:Node* opfamilies:Node* inputcollids:Node* largs:Node* \
            rargs:Node*
        CoalesceExpr xpr:Node coalescetype:number coalescecollid:number args:Node* location:number
        MinMaxExpr xpr:Node minmaxtype:number minmaxcollid:number inputcollid:number op:enum args:Node* \
            location:number
        SQLValueFunction xpr:Node op:enum type:number typmod:number location:number
        XmlExpr xpr:Node op:enum name:string named_args:Node* arg_names:Node* args:Node* xmloption:enum \
            type:number typmod:number location:number
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
        JoinExpr jointype:enum isNatural:bool larg:Node rarg:Node usingClause:Node* join_using_alias:Alias \
            quals:Node alias:Alias rtindex:number
        FromExpr fromlist:Node* quals:Node
        OnConflictExpr action:enum arbiterElems:Node* arbiterWhere:Node constraint:number onConflictSet:Node* \
            onConflictWhere:Node exclRelIndex:number exclRelTlist:Node*
        IntoClause rel:RangeVar colNames:Node* accessMethod:string options:Node* onCommit:enum \
            tableSpaceName:string viewQuery:Node skipData:bool
        MergeAction matched:bool commandType:enum override:enum qual:Node targetList:Node* updateColnos:Node*
        RawStmt stmt:Node stmt_location:number stmt_len:number
        Query commandType:enum querySource:enum canSetTag:bool utilityStmt:Node resultRelation:number \
            hasAggs:bool hasWindowFuncs:bool hasTargetSRFs:bool hasSubLinks:bool hasDistinctOn:bool \
            hasRecursive:bool hasModifyingCTE:bool hasForUpdate:bool hasRowSecurity:bool isReturn:bool cteList:Node* \
            rtable:Node* jointree:FromExpr mergeActionList:Node* mergeUseOuterJoin:bool targetList:Node* \
            override:enum onConflict:OnConflictExpr returningList:Node* groupClause:Node* groupDistinct:bool \
            groupingSets:Node* havingQual:Node windowClause:Node* distinctClause:Node* sortClause:Node* \
            limitOffset:Node limitCount:Node limitOption:enum rowMarks:Node* setOperations:Node constraintDeps:Node* \
            withCheckOptions:Node* stmt_location:number stmt_len:number
        InsertStmt relation:RangeVar cols:Node* selectStmt:Node onConflictClause:OnConflictClause \
            returningList:Node* withClause:WithClause override:enum
        DeleteStmt relation:RangeVar usingClause:Node* whereClause:Node returningList:Node* \
            withClause:WithClause
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
        AlterTableCmd subtype:enum name:string num:number newowner:RoleSpec def:Node behavior:enum \
            missing_ok:bool recurse:bool
        AlterDomainStmt subtype:string typeName:Node* name:string def:Node behavior:enum missing_ok:bool
        SetOperationStmt op:enum all:bool larg:Node rarg:Node colTypes:Node* colTypmods:Node* \
            colCollations:Node* groupClauses:Node*
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
        DefineStmt kind:enum oldstyle:bool defnames:Node* args:Node* definition:Node* if_not_exists:bool \
            replace:bool
        DropStmt objects:Node* removeType:enum behavior:enum missing_ok:bool concurrent:bool
        TruncateStmt relations:Node* restart_seqs:bool behavior:enum
        CommentStmt objtype:enum object:Node comment:string
        FetchStmt direction:enum howMany:number portalname:string ismove:bool
        IndexStmt idxname:string relation:RangeVar accessMethod:string tableSpace:string indexParams:Node* \
            indexIncludingParams:Node* options:Node* whereClause:Node excludeOpNames:Node* idxcomment:string \
            indexOid:number oldNode:number oldCreateSubid:number oldFirstRelfilenodeSubid:number unique:bool \
            nulls_not_distinct:bool primary:bool isconstraint:bool deferrable:bool initdeferred:bool \
            transformed:bool concurrent:bool if_not_exists:bool reset_default_tblspc:bool
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
        CreateTrigStmt replace:bool isconstraint:bool trigname:string relation:RangeVar funcname:Node* \
            args:Node* row:bool timing:number events:number columns:Node* whenClause:Node transitionRels:Node* \
            deferrable:bool initdeferred:bool constrrel:RangeVar
        CreatePLangStmt replace:bool plname:string plhandler:Node* plinline:Node* plvalidator:Node* \
            pltrusted:bool
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
        CreateConversionStmt conversion_name:Node* for_encoding_name:string to_encoding_name:string \
            func_name:Node* def:bool
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
        CreateForeignServerStmt servername:string servertype:string version:string fdwname:string \
            if_not_exists:bool options:Node*
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
        CreateTransformStmt replace:bool type_name:TypeName lang:string fromsql:ObjectWithArgs \
            tosql:ObjectWithArgs
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
        TypeName names:Node* typeOid:number setof:bool pct_type:bool typmods:Node* typemod:number \
            arrayBounds:Node* location:number
        ColumnDef colname:string typeName:TypeName compression:string inhcount:number is_local:bool \
            is_not_null:bool is_from_type:bool storage:string raw_default:Node cooked_default:Node identity:string \
            identitySequence:RangeVar generated:string collClause:CollateClause collOid:number constraints:Node* \
            fdwoptions:Node* location:number
        IndexElem name:string expr:Node indexcolname:string collation:Node* opclass:Node* opclassopts:Node* \
            ordering:enum nulls_ordering:enum
        StatsElem name:string expr:Node
        Constraint contype:enum conname:string deferrable:bool initdeferred:bool location:number \
            is_no_inherit:bool raw_expr:Node cooked_expr:string generated_when:string nulls_not_distinct:bool \
            keys:Node* including:Node* exclusions:Node* options:Node* indexname:string indexspace:string \
            reset_default_tblspc:bool access_method:string where_clause:Node pktable:RangeVar fk_attrs:Node* \
            pk_attrs:Node* fk_matchtype:string fk_upd_action:string fk_del_action:string fk_del_set_cols:Node* \
            old_conpfeqop:Node* old_pktable_oid:number skip_validation:bool initially_valid:bool
        DefElem defnamespace:string defname:string arg:Node defaction:enum location:number
        RangeTblEntry rtekind:enum relid:number relkind:string rellockmode:number tablesample:TableSampleClause \
            subquery:Query security_barrier:bool jointype:enum joinmergedcols:number joinaliasvars:Node* \
            joinleftcols:Node* joinrightcols:Node* join_using_alias:Alias functions:Node* funcordinality:bool \
            tablefunc:TableFunc values_lists:Node* ctename:string ctelevelsup:number self_reference:bool \
            coltypes:Node* coltypmods:Node* colcollations:Node* enrname:string enrtuples:number alias:Alias \
            eref:Alias lateral:bool inh:bool inFromCl:bool requiredPerms:number checkAsUser:number \
            selectedCols:number* insertedCols:number* updatedCols:number* extraUpdatedCols:number* \
            securityQuals:Node*
        RangeTblFunction funcexpr:Node funccolcount:number funccolnames:Node* funccoltypes:Node* \
            funccoltypmods:Node* funccolcollations:Node* funcparams:number*
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
        CTECycleClause cycle_col_list:Node* cycle_mark_column:string cycle_mark_value:Node \
            cycle_mark_default:Node cycle_path_column:string location:number cycle_mark_type:number \
            cycle_mark_typmod:number cycle_mark_collation:number cycle_mark_neop:number
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
