// Written by generate.py from libpg_query's pg_query.proto. Do not edit.

/// The names of the nodes' fields; one name may stand in several nodes.
package enum Field: UInt16, Hashable, Sendable, CaseIterable {
    case accessMethod, accessMethodUnderscored, action, actions, adminOpt, aggDistinct, aggFilter, aggOrder
    case aggStar, aggWithinGroup, aggargtypes, aggcollid, aggdirectargs, aggdistinct, aggfilter, aggfnoid, aggkind
    case agglevelsup, aggno, aggorder, aggsplit, aggstar, aggtransno, aggtranstype, aggtype, aggvariadic, alias
    case aliascolnames, aliases, aliasname, all, amname, amtype, arbiterElems, arbiterWhere, arg, argType
    case argNames, argisrow, argnumber, args, argsUnspecified, argtypes, arrayBounds, arrayCollid, arrayTypeid
    case atomic, attlist, authrole, base, behavior, boolop, booltesttype, boolval, bound, bsval, canSetTag
    case cascaded, casecollid, casetype, catalogname, cfgname, chain, checkAsUser, classArgs, cmdName, cmds
    case coalescecollid, coalescetype, coerceformat, coercionformat, colCollations, colNames, colTypes, colTypmods
    case colcollations, coldefexpr, coldefexprs, coldeflist, colexpr, colexprs, collClause, collOid, collation
    case collname, colname, colnames, colno, cols, coltypes, coltypmods, columns, commandType, comment
    case compression, concurrent, condition, conditionname, conname, conninfo, constraint, constraintDeps
    case constraints, constrrel, content, context, contype, conversionName, convertformat, cookedDefault
    case cookedExpr, copiedOrder, cteList, ctecolcollations, ctecolnames, ctecoltypes, ctecoltypmods, ctelevelsup
    case ctematerialized, ctename, ctequery, cterecursive, cterefcount, ctes, cursorName, cursorParam, cvarno
    case cycleClause, cycleColList, cycleMarkCollation, cycleMarkColumn, cycleMarkDefault, cycleMarkNeop
    case cycleMarkType, cycleMarkTypmod, cycleMarkValue, cyclePathColumn, database, datatype, dbname, def
    case defaction, deferrable, deferred, defexpr, definition, defname, defnames, defnamespace, defresult
    case dictname, dicts, direction, distinctClause, docexpr, domainname, elementTypeid, elements, elemexpr
    case endInRangeFunc, endOffset, enrname, enrtuples, eqop, eref, event, eventname, events, exclRelIndex
    case exclRelTlist, excludeOpNames, exclusions, expr, exprs, extname, extraUpdatedCols, fdwname, fdwoptions
    case fieldnum, fieldnums, fields, filename, firstColCollation, firstColType, firstColTypmod, fkAttrs
    case fkDelAction, fkDelSetCols, fkMatchtype, fkUpdAction, forAllTables, forEncodingName, forIdentity
    case forOrdinality, frameOptions, fromClause, fromlist, fromsql, `func`, funcName, funcOptions, funcVariadic
    case funccall, funccolcollations, funccolcount, funccollid, funccolnames, funccoltypes, funccoltypmods
    case funcexpr, funcformat, funcid, funcname, funcordinality, funcparams, funcresulttype, funcretset, functions
    case funcvariadic, fval, generated, generatedWhen, gid, grantOption, grantedRoles, granteeRoles, grantees
    case grantor, groupClause, groupClauses, groupDistinct, groupingSets, handlerName, hasAggs, hasDistinctOn
    case hasForUpdate, hasModifyingCTE, hasRecursive, hasRowSecurity, hasSubLinks, hasTargetSRFs, hasWindowFuncs
    case hasVersion, hashable, hashfuncid, havingClause, havingQual, howMany, identity, identitySequence
    case identityType, idxcomment, idxname, ifNotExists, inFromCl, inRangeAsc, inRangeColl, inRangeNullsFirst
    case including, indexElems, indexIncludingParams, indexOid, indexParams, indexcolname, indexname, indexspace
    case indirection, infer, infercollid, inferopclass, inh, inhRelations, inhcount, initdeferred, initiallyValid
    case `inout`, inputcollid, inputcollids, insertedCols, instead, into, intoClause, isDefault, isDrop, isNatural
    case isNew, isReset, isReturn, isTable, isDefaultUnderscored, isFrom, isFromType, isGrant, isLocal
    case isNoInherit, isNotNull, isProcedure, isProgram, isRowsfrom, isSelectInto, isSlice, isVacuumcmd
    case isconstraint, ismove, isnull, items, itemtype, ival, joinCondition, joinUsingAlias, joinaliasvars
    case joinleftcols, joinmergedcols, joinrightcols, jointree, jointype, keys, kind, label, lang, langIsTrusted
    case langOid, larg, largs, lateral, lexpr, lidx, limitCount, limitOffset, limitOption, listType, listdatums
    case localSchema, location, lockedRels, lockingClause, lowerdatums, matched, mergeActionList
    case mergeUseOuterJoin, mergeWhenClauses, method, minmaxcollid, minmaxtype, missingOk, mode, modulus
    case multidims, name, namedArgs, names, namespaces, ncolumns, negfuncid, newVal, newValIsAfter, newValNeighbor
    case newTablespacename, newname, newowner, newrole, newschema, newvals, nnames, node, notnulls, nowait
    case nsNames, nsUris, nullsFirst, nullsNotDistinct, nullsOrdering, nulltesttype, num, number, objargs, object
    case objectType, objects, objfuncargs, objname, objtype, ofTypename, oid, oldCreateSubid
    case oldFirstRelfilenodeSubid, oldNode, oldVal, oldConpfeqop, oldPktableOid, oldstyle, onCommit, onConflict
    case onConflictClause, onConflictSet, onConflictWhere, oncommit, op, opclass, opclassname, opclassopts
    case opcollid, operName, opername, opfamilies, opfamilyname, opfuncid, opno, opnos, opresulttype, opretset
    case options, orderClause, orderFamily, ordering, ordinality, ordinalitycol, origTablespacename, outargs, over
    case override, owner, ownerId, parParam, parallelSafe, paramIds, paramcollid, parameters, paramid, paramkind
    case params, paramtype, paramtypmod, partParams, partbound, partitionClause, partspec, payload, pctType
    case perCallCost, permissive, pkAttrs, pktable, planId, planName, plhandler, plinline, plname, pltrusted
    case plvalidator, policyName, polname, portalname, primary, privName, privileges, provider, publication
    case pubname, pubobjects, pubobjtype, pubtable, pushedDown, qual, quals, query, querySource, rarg, rargs
    case rawDefault, rawExpr, rctype, recurse, recursive, refassgnexpr, refcollid, refcontainertype, refelemtype
    case refexpr, reflowerindexpr, refname, refrestype, refs, reftypmod, refupperindexpr, rel, relabelformat
    case relation, relationOid, relationType, relations, relid, relkind, rellockmode, relname, relpersistence
    case rels, remainder, remoteSchema, remove, removeType, renameType, repeatable, replace, requiredPerms
    case resetDefaultTblspc, resjunk, resname, resno, resorigcol, resorigtbl, ressortgroupref, restartSeqs, result
    case resultRelation, resultcollid, resulttype, resulttypmod, returnType, returningList, returnval, rexpr, role
    case rolename, roles, roletype, row, rowMarks, rowFormat, rowTypeid, rowexpr, rtable, rtekind, rti, rtindex
    case rulename, runCondition, savepointName, schemaElts, schemaname, searchBreadthFirst, searchClause
    case searchColList, searchSeqColumn, securityQuals, securityBarrier, selectStmt, selectedCols, selfReference
    case seqid, sequence, serverName, servername, servertype, setOperations, setParam, setof, setstmt, skipData
    case skipIfNewValExists, skipValidation, sortClause, sortbyDir, sortbyNulls, sortop, source, sourceRelation
    case sourceText, sourcetype, sqlBody, startInRangeFunc, startOffset, startupCost, statTypes, stmt, stmtLen
    case stmtLocation, stmtType, stmts, storage, storedtype, strategy, strength, stxcomment, stxstattarget
    case subLinkId, subLinkType, subname, subplans, subquery, subselect, subtype, sval, table, tableElts
    case tableSpace, tableSpaceName, tableList, tablefunc, tablesample, tablespacename, target, targetList
    case targettype, targtype, testexpr, tgenabled, timing, tleSortGroupRef, toEncodingName, tokentype, tosql
    case transformed, transitionRels, trigname, tsmhandler, type, typeId, typeMod, typeName, typeOid
    case typeNameUnderscored, typemod, typevar, typmod, typmods, uidx, unique, unknownEqFalse, updateColnos
    case updatedCols, upperdatums, useHashTable, useOp, useOr, user, usingClause, utilityStmt, vaCols, val, vals
    case value, values, valuesLists, valuesListsUnderscored, varattno, varattnosyn, varcollid, varlevelsup, varno
    case varnosyn, vartype, vartypmod, version, view, viewQuery, waitPolicy, whenClause, whenclause, whereClause
    case whereClauseUnderscored, winagg, wincollid, windowClause, winfnoid, winref, winstar, wintype
    case withCheckOption, withCheckOptions, withClause, withCheck, xmloption, xpr

    /// As the schema spells them, in the order of the cases.
    package static let spellings = """
        accessMethod access_method action actions admin_opt agg_distinct agg_filter agg_order agg_star \
        agg_within_group aggargtypes aggcollid aggdirectargs aggdistinct aggfilter aggfnoid aggkind agglevelsup \
        aggno aggorder aggsplit aggstar aggtransno aggtranstype aggtype aggvariadic alias aliascolnames aliases \
        aliasname all amname amtype arbiterElems arbiterWhere arg argType arg_names argisrow argnumber args \
        args_unspecified argtypes arrayBounds array_collid array_typeid atomic attlist authrole base behavior \
        boolop booltesttype boolval bound bsval canSetTag cascaded casecollid casetype catalogname cfgname chain \
        checkAsUser class_args cmd_name cmds coalescecollid coalescetype coerceformat coercionformat \
        colCollations colNames colTypes colTypmods colcollations coldefexpr coldefexprs coldeflist colexpr \
        colexprs collClause collOid collation collname colname colnames colno cols coltypes coltypmods columns \
        commandType comment compression concurrent condition conditionname conname conninfo constraint \
        constraintDeps constraints constrrel content context contype conversion_name convertformat \
        cooked_default cooked_expr copiedOrder cteList ctecolcollations ctecolnames ctecoltypes ctecoltypmods \
        ctelevelsup ctematerialized ctename ctequery cterecursive cterefcount ctes cursor_name cursor_param \
        cvarno cycle_clause cycle_col_list cycle_mark_collation cycle_mark_column cycle_mark_default \
        cycle_mark_neop cycle_mark_type cycle_mark_typmod cycle_mark_value cycle_path_column database datatype \
        dbname def defaction deferrable deferred defexpr definition defname defnames defnamespace defresult \
        dictname dicts direction distinctClause docexpr domainname element_typeid elements elemexpr \
        endInRangeFunc endOffset enrname enrtuples eqop eref event eventname events exclRelIndex exclRelTlist \
        excludeOpNames exclusions expr exprs extname extraUpdatedCols fdwname fdwoptions fieldnum fieldnums \
        fields filename firstColCollation firstColType firstColTypmod fk_attrs fk_del_action fk_del_set_cols \
        fk_matchtype fk_upd_action for_all_tables for_encoding_name for_identity for_ordinality frameOptions \
        fromClause fromlist fromsql func func_name func_options func_variadic funccall funccolcollations \
        funccolcount funccollid funccolnames funccoltypes funccoltypmods funcexpr funcformat funcid funcname \
        funcordinality funcparams funcresulttype funcretset functions funcvariadic fval generated generated_when \
        gid grant_option granted_roles grantee_roles grantees grantor groupClause groupClauses groupDistinct \
        groupingSets handler_name hasAggs hasDistinctOn hasForUpdate hasModifyingCTE hasRecursive hasRowSecurity \
        hasSubLinks hasTargetSRFs hasWindowFuncs has_version hashable hashfuncid havingClause havingQual howMany \
        identity identitySequence identity_type idxcomment idxname if_not_exists inFromCl inRangeAsc inRangeColl \
        inRangeNullsFirst including indexElems indexIncludingParams indexOid indexParams indexcolname indexname \
        indexspace indirection infer infercollid inferopclass inh inhRelations inhcount initdeferred \
        initially_valid inout inputcollid inputcollids insertedCols instead into intoClause isDefault isDrop \
        isNatural isNew isReset isReturn isTable is_default is_from is_from_type is_grant is_local is_no_inherit \
        is_not_null is_procedure is_program is_rowsfrom is_select_into is_slice is_vacuumcmd isconstraint ismove \
        isnull items itemtype ival joinCondition join_using_alias joinaliasvars joinleftcols joinmergedcols \
        joinrightcols jointree jointype keys kind label lang langIsTrusted langOid larg largs lateral lexpr lidx \
        limitCount limitOffset limitOption list_type listdatums local_schema location lockedRels lockingClause \
        lowerdatums matched mergeActionList mergeUseOuterJoin mergeWhenClauses method minmaxcollid minmaxtype \
        missing_ok mode modulus multidims name named_args names namespaces ncolumns negfuncid newVal \
        newValIsAfter newValNeighbor new_tablespacename newname newowner newrole newschema newvals nnames node \
        notnulls nowait ns_names ns_uris nulls_first nulls_not_distinct nulls_ordering nulltesttype num number \
        objargs object objectType objects objfuncargs objname objtype ofTypename oid oldCreateSubid \
        oldFirstRelfilenodeSubid oldNode oldVal old_conpfeqop old_pktable_oid oldstyle onCommit onConflict \
        onConflictClause onConflictSet onConflictWhere oncommit op opclass opclassname opclassopts opcollid \
        operName opername opfamilies opfamilyname opfuncid opno opnos opresulttype opretset options orderClause \
        order_family ordering ordinality ordinalitycol orig_tablespacename outargs over override owner ownerId \
        parParam parallel_safe paramIds paramcollid parameters paramid paramkind params paramtype paramtypmod \
        partParams partbound partitionClause partspec payload pct_type per_call_cost permissive pk_attrs pktable \
        plan_id plan_name plhandler plinline plname pltrusted plvalidator policy_name polname portalname primary \
        priv_name privileges provider publication pubname pubobjects pubobjtype pubtable pushedDown qual quals \
        query querySource rarg rargs raw_default raw_expr rctype recurse recursive refassgnexpr refcollid \
        refcontainertype refelemtype refexpr reflowerindexpr refname refrestype refs reftypmod refupperindexpr \
        rel relabelformat relation relationOid relationType relations relid relkind rellockmode relname \
        relpersistence rels remainder remote_schema remove removeType renameType repeatable replace \
        requiredPerms reset_default_tblspc resjunk resname resno resorigcol resorigtbl ressortgroupref \
        restart_seqs result resultRelation resultcollid resulttype resulttypmod returnType returningList \
        returnval rexpr role rolename roles roletype row rowMarks row_format row_typeid rowexpr rtable rtekind \
        rti rtindex rulename runCondition savepoint_name schemaElts schemaname search_breadth_first \
        search_clause search_col_list search_seq_column securityQuals security_barrier selectStmt selectedCols \
        self_reference seqid sequence server_name servername servertype setOperations setParam setof setstmt \
        skipData skipIfNewValExists skip_validation sortClause sortby_dir sortby_nulls sortop source \
        sourceRelation source_text sourcetype sql_body startInRangeFunc startOffset startup_cost stat_types stmt \
        stmt_len stmt_location stmt_type stmts storage storedtype strategy strength stxcomment stxstattarget \
        subLinkId subLinkType subname subplans subquery subselect subtype sval table tableElts tableSpace \
        tableSpaceName table_list tablefunc tablesample tablespacename target targetList targettype targtype \
        testexpr tgenabled timing tleSortGroupRef to_encoding_name tokentype tosql transformed transitionRels \
        trigname tsmhandler type typeId typeMod typeName typeOid type_name typemod typevar typmod typmods uidx \
        unique unknownEqFalse updateColnos updatedCols upperdatums useHashTable useOp useOr user usingClause \
        utilityStmt va_cols val vals value values valuesLists values_lists varattno varattnosyn varcollid \
        varlevelsup varno varnosyn vartype vartypmod version view viewQuery waitPolicy whenClause whenclause \
        whereClause where_clause winagg wincollid windowClause winfnoid winref winstar wintype withCheckOption \
        withCheckOptions withClause with_check xmloption xpr
        """.split(separator: " ").map { String($0) }
}
