import PosternDemo
import Testing

struct ExcerptTests {
    private let text = "a\nb 1\nc\nb 2\nd\n"

    @Test func `what is left out is an ellipsis, wherever it is`() {
        #expect(Excerpt.cut(text, to: [.init(from: "b", through: "b")]) == ["…", "b 1", "…"])
        #expect(Excerpt.cut(text, to: [.init(from: "a", through: "1")]) == ["a", "b 1", "…"])
        #expect(
            Excerpt.cut(text, to: [.init(from: "a", through: "a"), .init(from: "2", through: "d")])
                == ["a", "…", "b 2", "d"]
        )
    }

    @Test func `parts that touch have no ellipsis between them`() {
        #expect(
            Excerpt.cut(text, to: [.init(from: "a", through: "a"), .init(from: "b", through: "d")])
                == ["a", "b 1", "c", "b 2", "d"]
        )
    }

    @Test func `a part that is not there leaves an ellipsis alone`() {
        #expect(Excerpt.cut(text, to: [.init(from: "x", through: "a")]) == ["…"])
    }

    @Test func `without parts the text is whole`() {
        #expect(Excerpt.cut(text, to: []) == ["a", "b 1", "c", "b 2", "d"])
    }
}
