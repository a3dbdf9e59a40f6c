import PosternDemo
import Synchronization
import Testing

struct TerminalTests {
    /// What a terminal wrote.
    private final class Page: Sendable {
        private let state = Mutex("")
        func terminal(isColoured: Bool = false) -> Terminal {
            Terminal(isColoured: isColoured) { text in self.state.withLock { $0 += text } }
        }
        var text: String { state.withLock { $0 } }
    }

    @Test(arguments: [
        ("", []), ("one", ["one"]), ("one two", ["one two"]), ("one two three", ["one two", "three"]),
        ("a-very-long-word two", ["a-very-long-word", "two"]),
    ])
    func `prose breaks between words`(text: String, lines: [String]) {
        #expect(Terminal.wrap(text, width: 8) == lines)
    }

    @Test func `no line of prose or of a program is longer than 100 columns`() {
        let page = Page()
        let long = Array(repeating: "word", count: 100).joined(separator: " ")
        page.terminal().say(long)
        page.terminal().quote(long + "\n" + long)
        #expect(page.text.split(separator: "\n").allSatisfy { $0.count <= Terminal.width })
        #expect(page.text.split(separator: "\n").count > 10)
    }

    @Test func `a line that is too long goes on under itself`() {
        let page = Page()
        page.terminal().quote("  two  spaces  " + Array(repeating: "nine char", count: 10).joined(separator: " "))
        let lines = page.text.split(separator: "\n").map { String($0) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= Terminal.width })
        #expect(
            lines[0].hasPrefix("        two  spaces  nine") && lines[1].hasPrefix("            ")
                && !lines[1].hasPrefix("             ")
        )
    }

    @Test func `a table keeps its columns`() {
        let page = Page()
        page.terminal().quote(" id | name\n----+------\n\n  1 | Ada")
        #expect(page.text == "       id | name\n      ----+------\n\n        1 | Ada\n")
    }

    @Test func `styles are written for terminals alone`() {
        let (plain, coloured) = (Page(), Page())
        plain.terminal().say("fine", style: .good)
        coloured.terminal(isColoured: true).say("fine", style: .good)
        #expect(plain.text == "   fine\n")
        #expect(coloured.text == "   \u{1B}[32mfine\u{1B}[0m\n")
    }
}
