extension Walker {
    /// Walks a statement, at the top of a text or inside another one, and answers its tag.
    @discardableResult
    mutating func statement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let (savedTag, savedPart) = (tag, fromPart)
        defer { (tag, fromPart) = (savedTag, savedPart) }
        enter(node)
        switch tree.type(node) {
        case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: return try dataStatement(node)
        case .copyStmt: return try copyStatement(node)
        case .prepareStmt, .executeStmt, .deallocateStmt, .declareCursorStmt, .fetchStmt, .closePortalStmt,
            .explainStmt:
            return try namingStatement(node)
        case .transactionStmt: return try transactionStatement(node)
        case .variableSetStmt: return setStatement(node)
        case .variableShowStmt, .discardStmt, .constraintsSetStmt, .listenStmt, .notifyStmt, .unlistenStmt, .loadStmt,
            .checkPointStmt, .doStmt, .callStmt:
            return try sessionStatement(node)
        case .lockStmt, .truncateStmt, .vacuumStmt, .clusterStmt, .reindexStmt, .refreshMatViewStmt:
            return try maintenanceStatement(node)
        case .createStmt, .createForeignTableStmt, .createTableAsStmt, .viewStmt, .indexStmt, .createSeqStmt,
            .alterSeqStmt, .alterTableStmt, .alterTableMoveAllStmt, .createStatsStmt, .alterStatsStmt:
            return try tableStatement(node)
        case .compositeTypeStmt, .createEnumStmt, .createRangeStmt, .createDomainStmt, .alterDomainStmt,
            .alterTypeStmt, .alterEnumStmt, .defineStmt, .alterOperatorStmt, .createOpClassStmt,
            .createOpFamilyStmt, .alterOpFamilyStmt, .alterCollationStmt, .createCastStmt, .createTransformStmt,
            .createConversionStmt, .alterTSDictionaryStmt, .alterTSConfigurationStmt:
            return try typeStatement(node)
        case .createFunctionStmt, .alterFunctionStmt, .createTrigStmt, .createEventTrigStmt, .alterEventTrigStmt,
            .ruleStmt, .createPolicyStmt, .alterPolicyStmt, .createPLangStmt, .createAmStmt:
            return try routineStatement(node)
        case .dropStmt, .renameStmt, .alterObjectSchemaStmt, .alterOwnerStmt, .alterObjectDependsStmt, .commentStmt,
            .secLabelStmt:
            return try objectStatement(node)
        case .createSchemaStmt, .createExtensionStmt, .alterExtensionStmt, .alterExtensionContentsStmt,
            .createTableSpaceStmt, .dropTableSpaceStmt, .alterTableSpaceOptionsStmt, .createdbStmt, .dropdbStmt,
            .alterDatabaseStmt, .alterDatabaseRefreshCollStmt, .alterDatabaseSetStmt, .alterSystemStmt:
            return try databaseStatement(node)
        case .createFdwStmt, .alterFdwStmt, .createForeignServerStmt, .alterForeignServerStmt,
            .importForeignSchemaStmt, .createUserMappingStmt, .alterUserMappingStmt, .dropUserMappingStmt,
            .createPublicationStmt, .alterPublicationStmt, .createSubscriptionStmt, .alterSubscriptionStmt,
            .dropSubscriptionStmt:
            return try remoteStatement(node)
        case .createRoleStmt, .alterRoleStmt, .alterRoleSetStmt, .dropRoleStmt, .grantStmt, .grantRoleStmt,
            .alterDefaultPrivilegesStmt, .dropOwnedStmt, .reassignOwnedStmt:
            return try roleStatement(node)
        default: throw unexpected(node)
        }
    }

    private mutating func dataStatement(_ node: Tree.Node) throws(AnalysisError) -> CommandTag {
        let isOutermost = queryDepth == 0
        let tag: CommandTag
        switch tree.type(node) {
        case .insertStmt:
            try insertStatement(node)
            tag = .insert
        case .updateStmt:
            try updateStatement(node)
            tag = .update
        case .deleteStmt:
            try deleteStatement(node)
            tag = .delete
        case .mergeStmt:
            try mergeStatement(node)
            tag = .merge
        case .selectStmt:
            let before = madeRelation
            madeRelation = false
            try query(node)
            tag = madeRelation ? .selectInto : .select
            madeRelation = madeRelation || before
        default: throw unexpected(node)
        }
        if isOutermost, tag != .select { facts.shape.countsRows = true }
        return tag
    }
}
