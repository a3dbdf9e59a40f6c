// swift-tools-version: 6.2

import PackageDescription

// The two sides of the house. Targets in `deciding` take values in and give actions out: no sockets, no
// clock, no Dispatch. Targets in `acting` own the loops, files and processes and hold no rules.
// ARCHITECTURE.md draws the picture; `make lint` checks the imports.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Tests are not what is measured: without optimisation they are built sooner, against the release build's targets.
let unoptimized = strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let libraries: [Target] = [
    // OpenSSL's macros and the BIO that the TLS engine reads and writes through.
    .target(
        name: "COpenSSL",
        linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
    ),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLibJWT", pkgConfig: "libjwt", providers: [.apt(["libjwt-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    // PostgreSQL's own parser. Debian's package has no pkg-config file.
    .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
    // epoll, eventfd, accept4, inotify: what Glibc's module map leaves out.
    .target(name: "CPosternLinux"),
]

let deciding: [Target] = [
    .target(name: "PosternCore", swiftSettings: strict),
    .target(name: "PosternCrypto", dependencies: ["PosternCore", "COpenSSL"], swiftSettings: strict),
    .target(name: "PostgresWire", dependencies: ["PosternCore"], swiftSettings: strict),
    .target(
        name: "PosternIdentity",
        dependencies: ["PosternCore", "PosternCrypto", "COpenSSL"],
        swiftSettings: strict
    ),
    .target(
        name: "PosternSQL",
        dependencies: ["PosternCore", "CPgQuery"],
        exclude: ["Builtin/generate.py", "Tree/generate.py"],
        swiftSettings: strict
    ),
    .target(
        name: "PosternPolicy",
        dependencies: ["PosternCore", "PosternCrypto", "PosternSQL"],
        swiftSettings: strict
    ),
    // YAML as libyaml reads it, event by event: what an anchor or a second document means is up to who reads.
    .target(
        name: "PosternYAML",
        dependencies: [.product(name: "Yams", package: "Yams")],
        swiftSettings: strict
    ),
    .target(name: "PosternDeployLint", dependencies: ["PosternPolicy", "PosternYAML"], swiftSettings: strict),
    // The issuer for Drone and Woodpecker: who asks, for which build, and what is answered.
    .target(name: "PosternIssuer", dependencies: ["PosternCore", "PosternCrypto"], swiftSettings: strict),
    .target(name: "PosternTLS", dependencies: ["PosternCore", "COpenSSL"], swiftSettings: strict),
    .target(
        name: "PosternJob",
        dependencies: ["PosternCore", "PosternCrypto", "PostgresWire"],
        swiftSettings: strict
    ),
    .target(
        name: "PosternUpstream",
        dependencies: ["PosternCore", "PosternCrypto", "PostgresWire"],
        swiftSettings: strict
    ),
    .target(
        name: "PosternSession",
        dependencies: [
            "PosternCore", "PostgresWire", "PosternPolicy", "PosternSQL",
            .product(name: "DequeModule", package: "swift-collections"),
        ],
        swiftSettings: strict
    ),
]

let acting: [Target] = [
    .target(
        name: "PosternConfiguration",
        dependencies: [
            "PosternCore", "PosternCrypto", "PosternDeployLint", "PosternIssuer", "PosternPolicy", "PosternSQL",
            "PosternYAML",
        ],
        swiftSettings: strict
    ),
    .target(name: "PosternJournal", dependencies: ["PosternCore", "PosternCrypto"], swiftSettings: strict),
    .target(
        name: "PosternNet",
        dependencies: ["PosternCore", "CPosternLinux"],
        swiftSettings: strict
    ),
    .target(
        name: "PosternTransport",
        dependencies: ["PosternNet", "PosternTLS"],
        swiftSettings: strict
    ),
    // What a job runs. Nothing of the gateway is in it: `postern-job` needs glibc alone.
    .target(
        name: "PosternJobRunner",
        dependencies: [
            "PosternCore", "PosternCrypto", "PostgresWire", "PosternJob", "PosternNet", "PosternTLS",
            "PosternTransport",
        ],
        swiftSettings: strict
    ),
    .target(
        name: "PosternJobCommands",
        dependencies: [
            "PosternCore", "PosternJob", "PosternJobRunner", "PosternNet",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "postern-job",
        dependencies: [
            "PosternJobCommands", "PosternNet",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: strict
    ),
    .target(
        name: "PosternServer",
        dependencies: [
            "PosternCore", "PosternCrypto", "PostgresWire", "PosternIdentity", "PosternPolicy", "PosternSQL",
            "PosternTLS", "PosternTransport", "PosternUpstream", "PosternSession", "PosternConfiguration",
            "PosternJournal", "PosternNet",
            "CCurl", "CLibPQ", "CPosternLinux",
            .product(name: "DequeModule", package: "swift-collections"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "FlyingFox", package: "FlyingFox"),
        ],
        swiftSettings: strict
    ),
    .target(
        name: "PosternIssuerServer",
        dependencies: [
            "PosternCore", "PosternCrypto", "PosternIdentity", "PosternIssuer", "PosternConfiguration",
            "PosternJournal", "PosternNet", "PosternServer", "PosternTLS", "CLibJWT",
            .product(name: "FlyingFox", package: "FlyingFox"),
            .product(name: "Logging", package: "swift-log"),
        ],
        swiftSettings: strict
    ),
    .target(
        name: "PosternDemo",
        dependencies: [
            "PosternCore", "PosternCrypto", "PosternServer", "PosternConfiguration", "PosternPolicy", "PosternSQL",
            "PosternIssuer", "PosternIssuerServer", "PosternJournal", "PosternNet", "PosternTLS", "COpenSSL",
            .product(name: "FlyingFox", package: "FlyingFox"),
        ],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "postern",
        dependencies: [
            "PosternConfiguration", "PosternCore", "PosternCrypto", "PosternDemo", "PosternDeployLint",
            "PosternIssuer", "PosternIssuerServer", "PosternJobCommands", "PosternJournal", "PosternNet",
            "PosternPolicy", "PosternSQL", "PosternServer", "PosternTLS",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ],
        swiftSettings: strict
    ),
]

/// A test target that mirrors a target of Sources.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name), "PosternCore"] + dependencies,
        exclude: exclude,
        swiftSettings: unoptimized
    )
}

let testing: [Target] = [
    // Keys, tokens and key sets for the tests of several targets.
    .target(
        name: "PosternTestKit",
        dependencies: ["PosternCore", "PosternIdentity", "COpenSSL"],
        path: "Tests/PosternTestKit",
        swiftSettings: unoptimized
    ),
    // Texts that are nearly SQL, tokens or key sets, and what must hold for any of them: `make fuzz` and short tests.
    .target(
        name: "PosternFuzz",
        dependencies: ["PosternCore", "PosternIdentity", "PosternSQL", "PostgresWire"],
        path: "Fuzz/PosternFuzz",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "postern-fuzz",
        dependencies: [
            "PosternFuzz", "PosternNet", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Fuzz/postern-fuzz",
        swiftSettings: strict
    ),
    // Facts as lines of JSON, for `make differential` to compare.
    .executableTarget(
        name: "postern-facts",
        dependencies: ["PosternCore", "PosternFuzz", "PosternSQL"],
        path: "Tests/Differential/postern-facts",
        swiftSettings: strict
    ),
    .testTarget(name: "PosternCoreTests", dependencies: ["PosternCore"], swiftSettings: unoptimized),
    tests("PostgresWire", []),
    tests("PosternIdentity", ["PosternCrypto", "PosternFuzz", "PosternTestKit"], exclude: ["Fixtures"]),
    tests("PosternSQL", ["PosternFuzz"], exclude: ["Fixtures"]),
    tests("PosternPolicy", ["PosternSQL"], exclude: ["Fixtures"]),
    tests("PosternDeployLint", ["PosternPolicy"]),
    tests("PosternUpstream", ["PosternCrypto", "PostgresWire"]),
    tests("PosternSession", ["PostgresWire", "PosternPolicy", "PosternSQL"]),
    tests("PosternTLS", ["PosternDemo", "PosternTestKit"]),
    tests("PosternConfiguration", ["PosternIssuer", "PosternPolicy", "PosternSQL"]),
    tests("PosternJournal", ["PosternCrypto"]),
    tests("PosternJob", ["PosternCrypto", "PostgresWire"]),
    tests("PosternNet", []),
    tests(
        "PosternServer",
        [
            "PosternConfiguration", "PosternDemo", "PosternIdentity", "PosternJournal", "PosternNet", "PosternPolicy",
            "PosternSQL", "PosternTLS", "PosternTestKit",
            .product(name: "FlyingFox", package: "FlyingFox"), .product(name: "Logging", package: "swift-log"),
        ],
        exclude: ["Fixtures"]
    ),
    tests("PosternIssuer", ["PosternCrypto"]),
    tests(
        "PosternIssuerServer",
        [
            "PosternConfiguration", "PosternCrypto", "PosternIssuer", "PosternJournal", "PosternNet", "PosternServer",
            .product(name: "FlyingFox", package: "FlyingFox"), .product(name: "Logging", package: "swift-log"),
        ],
        exclude: ["Fixtures"]
    ),
    tests(
        "PosternDemo",
        ["PosternIdentity", "PosternJournal", "PosternNet", "PosternServer", "PosternTestKit", "PosternTLS"],
        exclude: ["Fixtures"]
    ),
]

let package = Package(
    name: "postern",
    products: [
        .executable(name: "postern", targets: ["postern"]),
        .executable(name: "postern-job", targets: ["postern-job"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: libraries + deciding + acting + testing
)
