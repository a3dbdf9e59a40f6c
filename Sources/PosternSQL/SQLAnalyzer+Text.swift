extension SQLAnalyzer {
    package static func normalized(_ text: [UInt8]) -> String? { nil }
    package static func withoutPasswords(_ text: [UInt8]) -> String? { nil }
    package static func masked(_ text: [UInt8]) -> String { "" }
}
