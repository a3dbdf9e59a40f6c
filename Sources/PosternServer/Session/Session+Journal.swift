internal import PosternCore
internal import PosternIdentity
internal import PosternNet
internal import PosternSession
internal import PosternUpstream

/// What is known of a job that is turned away, beside the reason.
enum RefusalDetail {
    case none
    /// The token was refused.
    case token(TokenRefusal)
    /// The token was good.
    case identity(VerifiedToken)
}

extension Session {
    func noteRefusal(stage: String, reason: String, claim: String? = nil, detail: RefusalDetail = .none) {
        context.metrics.refused(stage: stage, reason: reason)
    }
    func recordStart(grant: SessionGrant) -> Bool { true }
    func recordCancel(source: String) {}
    func record(_ ending: SessionEnding) {}
}
