package import PosternCore
package import PosternPolicy
internal import PosternSQL

/// What a text was judged by: another stamp asks for another judgement.
package struct JudgementStamp: Hashable, Sendable {
    /// The generation of the policy snapshot.
    package var policy: Int
    /// The generation of the catalogue snapshot, 0 without one.
    package var catalogue: Int
    /// Grows with every search path that the session takes into use.
    package var searchPaths: Int

    package init(policy: Int, catalogue: Int, searchPaths: Int) {
        self.policy = policy
        self.catalogue = catalogue
        self.searchPaths = searchPaths
    }
}

/// A text of the job's with the judgement on it. Shared by the cache, the session's names and the statements that run.
package final class StatementText: Sendable {
    /// Without the final NUL.
    package let bytes: [UInt8]
    package let judged: JudgedText
    package let stamp: JudgementStamp
    /// For each statement (for the whole text where it has none or was not understood) the members of its decision
    /// record that do not change from run to run.
    package let fragments: [EncodedMembers]
    /// A bit for each of the first 64 statements that is plain.
    private let plainStatements: UInt64
    /// Some statement makes a name or runs what one stands for.
    let usesNames: Bool
    /// The gateway answers it itself; `bytes` are what it holds then.
    let own: OwnStatement?

    package init(bytes: [UInt8], judged: JudgedText, stamp: JudgementStamp, fragments: [EncodedMembers]) {
        self.bytes = bytes
        self.judged = judged
        self.stamp = stamp
        self.fragments = fragments
        own = nil
        var plainStatements: UInt64 = 0
        var usesNames = false
        for index in judged.statements.indices {
            let hasEffects = !judged.statements[index].facts.effects.isEmpty
            usesNames = usesNames || hasEffects
            let isPlain =
                !hasEffects && judged.statements[index].facts.settings.isEmpty
                && !judged.statements[index].facts.shape.changesCatalog
            if isPlain, index < UInt64.bitWidth { plainStatements |= 1 << UInt64(index) }
        }
        self.plainStatements = plainStatements
        self.usesNames = usesNames
    }

    /// A statement that the gateway answers: nothing is judged and nothing recorded as the job's.
    init(_ own: OwnStatement, stamp: JudgementStamp) {
        bytes = own.heldBytes
        judged = JudgedText(statements: [], denial: nil, wouldDeny: nil, isUnparsed: false)
        self.stamp = stamp
        fragments = []
        self.own = own
        plainStatements = 0
        usesNames = false
    }

    /// The statement leaves nothing behind in the session: no name, no setting, no other transaction, no new catalogue.
    /// Most are, and then nothing but this is asked of their facts while they pass.
    func isPlain(at index: Int) -> Bool {
        index < UInt64.bitWidth ? plainStatements & 1 << UInt64(index) != 0 : false
    }

    /// How many statements are recorded for it.
    var recordCount: Int {
        judged.isUnparsed || judged.denial != nil ? max(1, judged.statements.count) : judged.statements.count
    }

    /// nil for a text that was not understood.
    func facts(at index: Int) -> StatementFacts? {
        index < judged.statements.count ? judged.statements[index].facts : nil
    }
}
