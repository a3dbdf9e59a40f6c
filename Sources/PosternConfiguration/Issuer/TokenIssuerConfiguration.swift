package import PosternIssuer

/// `issuer.yaml` as it was read and found to be sound: what `postern issuer serve` runs by. Every path in it is absolute.
package struct TokenIssuerConfiguration: Hashable, Sendable {
    /// What the tokens' `iss` is, and where discovery begins: an https URL without a slash at its end.
    package var issuer: String
    package var listen: Listener
    /// What the tokens' `aud` is.
    package var audience: String
    package var keys: Keys
    /// The most that a token lives, a minute's grace aside.
    package var lifetime: Duration
    package var journal: Journal
    /// nil when Drone's extensions are not served.
    package var drone: Drone?
    /// nil when Woodpecker's extension is not served.
    package var woodpecker: Woodpecker?
    package var allow: BuildRules

    package init(
        issuer: String,
        listen: Listener,
        audience: String,
        keys: Keys,
        lifetime: Duration,
        journal: Journal,
        drone: Drone?,
        woodpecker: Woodpecker?,
        allow: BuildRules
    ) {
        self.issuer = issuer
        self.listen = listen
        self.audience = audience
        self.keys = keys
        self.lifetime = lifetime
        self.journal = journal
        self.drone = drone
        self.woodpecker = woodpecker
        self.allow = allow
    }

    /// Where runners, Woodpecker and gateways connect.
    package struct Listener: Hashable, Sendable {
        package var address: Endpoint
        /// nil only on loopback and Unix sockets.
        package var tls: CertificateFiles?

        package init(
            address: Endpoint,
            tls: CertificateFiles?
        ) {
            self.address = address
            self.tls = tls
        }
    }

    /// The keys that sign, made by the issuer itself.
    package struct Keys: Hashable, Sendable {
        package var directory: String
        /// How long a key signs.
        package var rotateEvery: Duration
        /// How long others may keep the key set. A key is published at least as long before it signs.
        package var maxAge: Duration

        package init(directory: String, rotateEvery: Duration = .seconds(30 * 86_400), maxAge: Duration = .seconds(300))
        {
            self.directory = directory
            self.rotateEvery = rotateEvery
            self.maxAge = maxAge
        }
    }

    package struct Journal: Hashable, Sendable {
        package var directory: String
        /// Bytes after which a file is followed by the next.
        package var rotateSize: Int
        /// Free bytes of the file system below which nothing is minted.
        package var minimumFree: Int

        package init(directory: String, rotateSize: Int = 256 << 20, minimumFree: Int = 256 << 20) {
            self.directory = directory
            self.rotateSize = rotateSize
            self.minimumFree = minimumFree
        }
    }

    package struct Drone: Hashable, Sendable {
        /// The server, as the tokens name it: no request says which one it is.
        package var host: String
        /// Shared with runners; any of them signs.
        package var secrets: [SecretReference]
        /// Whether replies are encrypted.
        package var encrypt: Bool
        /// For how long the very same request is answered again with the very same bytes; zero for not at all.
        package var repeatWindow: Duration
        /// Further variables, sorted by name.
        package var environment: [JobVariable]
        /// nil when builds are not looked up.
        package var api: API?

        package init(
            host: String,
            secrets: [SecretReference],
            encrypt: Bool,
            repeatWindow: Duration,
            environment: [JobVariable],
            api: API?
        ) {
            self.host = host
            self.secrets = secrets
            self.encrypt = encrypt
            self.repeatWindow = repeatWindow
            self.environment = environment
            self.api = api
        }
    }

    /// The server's own API, which is asked about each build.
    package struct API: Hashable, Sendable {
        /// An https URL without a slash at its end.
        package var url: String
        package var token: SecretReference
        /// nil for the system's certification authorities.
        package var certificateAuthorities: String?
        /// Whether the server's address may be a private one.
        package var allowPrivate: Bool
    }

    package struct Woodpecker: Hashable, Sendable {
        /// The server, as the tokens name it.
        package var host: String
        /// A file with the server's public key in PEM.
        package var publicKeyFile: String
    }
}
