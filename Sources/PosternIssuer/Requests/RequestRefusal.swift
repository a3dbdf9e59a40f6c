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
    /// Signed before this process began: it cannot know whether it was answered already.
    case beforeStart
    case wrongSignature
    case otherBody
    case replayed
    /// More genuine requests than can be remembered.
    case tooMany
    case otherMediaType
    case malformedBody
    case bodyTooLarge

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
        }
    }

    /// Whether whoever sent it has proved nothing: of such requests only so many are recorded.
    package var isOfStranger: Bool {
        switch self {
        // The last two as well: anybody may send what he has overheard.
        case .noSignature, .malformedSignature, .ambiguousSignature, .otherAlgorithm, .otherHeaders, .missingHeader,
            .malformedDate, .stale, .beforeStart, .wrongSignature, .otherBody, .replayed:
            true
        case .tooMany, .otherMediaType, .malformedBody, .bodyTooLarge: false
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
        }
    }
}

/// How long a signed request lives, for both protocols.
package enum RequestLife {
    /// The most that a request's date may differ from now.
    package static let window = Duration.seconds(300)

    static func check(_ date: Timestamp, now: Timestamp, notBefore: Timestamp) throws(RequestRefusal) {
        let difference = abs(now.seconds - date.seconds)
        guard difference <= window.components.seconds else { throw .stale }
        guard date.seconds >= notBefore.seconds else { throw .beforeStart }
    }
}
