package enum SQLAnalyzer {
    package static let stackSize = 64 << 20
    package static let smallText = 16 * 1024
    package static func analyze(_ text: [UInt8]) throws(AnalysisError) -> AnalyzedText { throw .notText }
    package static func normalized(_ text: [UInt8]) -> String? { nil }
    package static func withoutPasswords(_ text: [UInt8]) -> String? { nil }
    package static func masked(_ text: [UInt8]) -> String { "" }
    package static func fingerprint(_ text: [UInt8]) -> String? { nil }
}
