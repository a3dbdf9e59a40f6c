internal import CCurl
internal import Glibc
internal import PosternCore
internal import PosternIdentity

/// What libcurl's callbacks fill during one fetch, on the fetching thread alone.
final class Transfer {
    private(set) var body: [UInt8] = []
    private(set) var headers = ReplyHeaders()
    private(set) var isTooLarge = false
    /// The last address that was not connected to, because of its scope.
    private(set) var refusedAddress: String?
    private let allowPrivate: Bool

    init(allowPrivate: Bool) {
        self.allowPrivate = allowPrivate
    }

    /// Sets the callbacks. The handle does not retain the transfer: keep it until the handle is done.
    func attach(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let this = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA] {
            let status = postern_curl_set_pointer(handle, option, this)
            guard status == CURLE_OK else { return status }
        }
        // A callback that takes fewer bytes than it is given ends the transfer.
        let body = postern_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            Transfer.at(context).map { $0.takeBody(data, size * count) } ?? 0
        }
        let headers = postern_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            Transfer.at(context).map { $0.takeHeader(data, size * count) } ?? 0
        }
        let socket = postern_curl_set_open_socket(handle) { context, _, address in
            guard let transfer = Transfer.at(context), let address else { return -1 }
            return transfer.openSocket(address)
        }
        return [body, headers, socket].first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func takeBody(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard body.count + count <= HTTPSFetcher.bodyByteLimit else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
        return count
    }

    private func takeHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        headers.take(Array(UnsafeRawBufferPointer(start: data, count: count)))
        return count
    }

    /// Opens the socket for an address that libcurl is about to connect to: this one, not what a name resolved to
    /// at some other time.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let bytes = Self.bytes(of: address) else { return -1 }
        switch AddressScope(bytes) {
        case .global: break
        case .local where allowPrivate: break
        case .local, .unusable:
            refusedAddress = Self.text(bytes)
            return -1
        }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, type, address.pointee.`protocol`)
    }

    private static func bytes(of address: UnsafeMutablePointer<curl_sockaddr>) -> [UInt8]? {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \curl_sockaddr.addr) else { return nil }
        // The structure ends in a sockaddr of `addrlen` bytes, which may be longer than the C declaration says.
        let raw = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(address).advanced(by: start),
            count: Int(address.pointee.addrlen)
        )
        let range: Range<Int>
        switch address.pointee.family {
        case AF_INET: range = 4..<8
        case AF_INET6: range = 8..<24
        default: return nil
        }
        return raw.count >= range.upperBound ? Array(raw[range]) : nil
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
