/// A text with its whole numbers made equal: two texts with one template differ in the values of integer constants
/// alone, and the parser makes the same tree of them but for these values.
///
/// Only texts that leave no doubt have one: no quotes, comments, dollars, backslashes or bytes beyond ASCII, and no
/// number beside a letter or a dot. What is left in place is compared byte for byte.
package struct TextTemplate {
    /// The text with `0` for every whole number.
    package let bytes: [UInt8]

    /// Digits of the longest number that is made equal: it fits an `integer`, so that the scanner makes the same kind
    /// of constant of all of them.
    private static let maximumDigits = 9

    /// - Returns: nil for a text without whole numbers, and for one that leaves a doubt.
    package init?(_ text: borrowing Span<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var hasNumber = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            guard Self.isPlain(byte) else { return nil }
            if byte == UInt8(ascii: "-"), index + 1 < text.count, text[index + 1] == byte { return nil }
            guard Self.isDigit(byte), index == 0 || !Self.isWord(text[index - 1]) else {
                bytes.append(byte)
                index += 1
                continue
            }
            var end = index + 1
            while end < text.count, Self.isDigit(text[end]) { end += 1 }
            guard end - index <= Self.maximumDigits, end == text.count || !Self.isWord(text[end]) else { return nil }
            bytes.append(UInt8(ascii: "0"))
            hasNumber = true
            index = end
        }
        guard hasNumber else { return nil }
        self.bytes = bytes
    }

    /// Where the one statement of a text stands: between what is blank, and before the semicolon.
    package static func statement(in text: [UInt8]) -> Range<Int> {
        var end = text.count
        while end > 0, isBlank(text[end - 1]) || text[end - 1] == UInt8(ascii: ";") { end -= 1 }
        var start = 0
        while start < end, isBlank(text[start]) { start += 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// What would make a number part of something else.
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: "*"),
            UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ";"):
            true
        default: isWord(byte)
        }
    }
}

extension StatementFacts {
    /// Nothing in the facts is the value of a constant: they hold for every text of the same template.
    package var areFreeOfConstants: Bool {
        guard settings.isEmpty, effects.isEmpty else { return false }
        return [.select, .insert, .update, .delete].contains(tag)
    }
}
