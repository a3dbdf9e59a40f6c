internal import PosternCore

/// Why a request is not answered with a token before anybody looked at the build that it is for.
///
/// The texts are for the journal and the log; the requester hears a status.
package enum RequestRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case noSignature
    case malformedSignature
    /// Two of them, which might be read differently by two programs.
    case ambiguousSignature
    case otherAlgorithm
    /// Other header fields are signed than the five, or the two, that must be.
    case otherHeaders
    case missingHeader(String)
    case malformedDate
    /// Signed longer ago, or further in the future, than a request lives.
    case stale
    /// Signed before this process began, or in the second in which it did: it cannot know whether it was answered
    /// already.
    case beforeStart
    case wrongSignature
    case otherBody
    case replayed
    /// More genuine requests than can be remembered.
    case tooMany
    case otherMediaType
    case malformedBody
    case bodyTooLarge
    /// It does not come within its time.
    case bodyLate
    /// What must outlive this process cannot be written.
    case notRemembered

    package var description: String {
        switch self {
        case .noSignature: "the request is not signed"
        case .malformedSignature: "the signature's header is malformed"
        case .ambiguousSignature: "the request has two signatures"
        case .otherAlgorithm: "the signature's algorithm is another one"
        case .otherHeaders: "the signature covers other headers than it must"
        case .missingHeader(let name): "the signed header `\(name)` is missing, repeated or too long"
        case .malformedDate: "the date is malformed"
        case .stale: "the request was signed too long ago, or in the future"
        case .beforeStart: "the request was signed before the issuer started"
        case .wrongSignature: "the signature is wrong"
        case .otherBody: "the signed digest is another body's"
        case .replayed: "the request was answered before"
        case .tooMany: "more requests than can be remembered"
        case .otherMediaType: "the request asks for another media type than this address has"
        case .malformedBody: "the body is not understood"
        case .bodyTooLarge: "the body is too large"
        case .bodyLate: "the body did not come in time"
        case .notRemembered: "the request is dated ahead, and that cannot be written down"
        }
    }

    /// What its sender has proved.
    package enum Standing: Hashable, Sendable {
        /// Nothing: of such requests only so many are recorded.
        case stranger
        /// That he has a request that was signed: his own, or one that he has overheard.
        case bearer
        /// That he may ask.
        case requester
    }

    package var standing: Standing {
        switch self {
        case .noSignature, .malformedSignature, .ambiguousSignature, .otherAlgorithm, .otherHeaders, .missingHeader,
            .wrongSignature:
            .stranger
        case .malformedDate, .stale, .beforeStart, .otherBody, .replayed, .bodyTooLarge, .bodyLate: .bearer
        case .tooMany, .otherMediaType, .malformedBody, .notRemembered: .requester
        }
    }

    /// The HTTP status.
    package var status: Int {
        switch self {
        case .noSignature, .malformedSignature, .ambiguousSignature, .otherAlgorithm, .otherHeaders, .missingHeader,
            .malformedDate, .stale, .beforeStart, .wrongSignature, .otherBody, .replayed:
            401
        case .tooMany: 429
        case .otherMediaType: 406
        case .malformedBody: 400
        case .bodyTooLarge: 413
        case .bodyLate: 408
        case .notRemembered: 503
        }
    }
}

/// How long a signed request lives, for both protocols.
package enum RequestLife {
    /// The most that a request's date may be past.
    package static let window = Duration.seconds(300)
    /// The most that it may be ahead.
    package static let ahead = Duration.seconds(30)

    static func check(_ date: Timestamp, now: Timestamp, notBefore: Timestamp) throws(RequestRefusal) {
        let age = now.seconds - date.seconds
        guard (-ahead.components.seconds...window.components.seconds).contains(age) else { throw .stale }
        guard date.seconds >= notBefore.seconds else { throw .beforeStart }
    }
}
