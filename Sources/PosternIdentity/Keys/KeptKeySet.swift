package import PosternCore
internal import PosternCrypto

/// An issuer's last good key set as it lies on disk, for a start while the issuer does not answer.
///
/// What is read is believed only for the issuer, the source and the authorities that it was fetched under, and only for
/// `KeySetCache.staleLimit` by the machine's clock.
package struct KeptKeySet: Sendable {
    /// What a set was fetched under. A set of another origin says nothing about this issuer's keys.
    package struct Origin: Hashable, Sendable {
        /// `iss`, byte for byte.
        package let issuer: String
        /// `discovery`, or the URL that stands in for it.
        package let source: String
        /// `system`, or the SHA-256 of the file of authorities.
        package let authorities: String

        /// - Parameter caFile: the bytes of the issuer's file of authorities; nil for the system's.
        /// - Returns: nil for keys in a file: there is nothing to keep.
        package init?(_ settings: IssuerSettings, caFile: [UInt8]?) {
            switch settings.keys {
            case .file: return nil
            case .discovery: source = "discovery"
            case .jwksURI(let url): source = url.text
            }
            issuer = settings.issuer
            authorities = caFile.map { "sha256:" + Hex.encode(Digest.sha256.hash($0)) } ?? "system"
        }
    }

    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case damaged(String)
        case otherOrigin
        case tooOld
        /// The clock went back, or somebody's else runs ahead: how old it is cannot be told.
        case fromTheFuture

        package var description: String {
            switch self {
            case .damaged(let reason): "it is damaged: \(reason)"
            case .otherOrigin: "it is of another issuer, another source or other authorities"
            case .tooOld: "it is older than 24 hours"
            case .fromTheFuture: "it is from the future by this machine's clock"
            }
        }
    }

    /// A key set whose every character is escaped, and what stands around it.
    package static let byteLimit = 6 * KeySet.byteLimit + 8192

    package let keySet: KeySet
    /// When the issuer last gave or confirmed it.
    package let fetchedAt: Timestamp

    /// The file's bytes: one JSON object and a newline.
    package static func encode(_ keySet: KeySet, of origin: Origin, fetchedAt: Timestamp) -> [UInt8] {
        var writer = JSONWriter(capacity: keySet.document.count + 1024)
        writer.beginObject()
        writer.name("v")
        writer.integer(1)
        writer.name("issuer")
        writer.string(origin.issuer)
        writer.name("source")
        writer.string(origin.source)
        writer.name("authorities")
        writer.string(origin.authorities)
        writer.name("fetched_at")
        writer.string(fetchedAt.rfc3339)
        writer.name("sha256")
        writer.string(Hex.encode(Digest.sha256.hash(keySet.document)))
        writer.name("key_set")
        writer.string(String(decoding: keySet.document, as: UTF8.self))
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    /// - Parameters:
    ///   - origin: what a fetch would be made under now.
    ///   - now: by the machine's clock.
    package static func read(_ bytes: [UInt8], of origin: Origin, now: Timestamp) throws(Refusal) -> KeptKeySet {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: .init(bytes: byteLimit, depth: 2, values: 16))
        } catch {
            throw .damaged(error.description)
        }
        guard let object = value.objectValue, object["v"]?.numberValue?.integer == 1 else {
            throw .damaged("an object of version 1 was expected")
        }
        let found = ["issuer", "source", "authorities"].map { object[$0]?.stringValue }
        let wanted = [origin.issuer, origin.source, origin.authorities]
        guard zip(found, wanted).allSatisfy({ $0?.utf8.elementsEqual($1.utf8) ?? false }) else { throw .otherOrigin }
        guard let fetchedAt = object["fetched_at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            let document = object["key_set"]?.stringValue.map({ Array($0.utf8) }),
            let digest = object["sha256"]?.stringValue
        else { throw .damaged("a member is missing") }
        guard digest == Hex.encode(Digest.sha256.hash(document)) else { throw .damaged("the digest is another") }
        guard fetchedAt <= now else { throw .fromTheFuture }
        guard now <= fetchedAt.advanced(by: KeySetCache.staleLimit) else { throw .tooOld }
        do throws(KeySet.Failure) {
            return KeptKeySet(keySet: try KeySet.parse(document), fetchedAt: fetchedAt)
        } catch {
            throw .damaged(error.description)
        }
    }
}
