import PosternCore
import Testing

struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONParser.parse(text.utf8, limits: .init(bytes: 1000, depth: 4))
    }

    @Test func `values keep their order and their numbers' text`() throws {
        let value = try parse(#" {"b": [1, 2.50, -0, 1e3], "a": "\u00e9\ud83d\ude00\n", "n": null, "t": true} "#)
        #expect(value.text == #"{"b":[1,2.50,-0,1e3],"a":"é😀\n","n":null,"t":true}"#)
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":1} x"#, "", "{", #"{"a"}"#, "[1,]", "{,}", "01", "1.", ".5",
        "+1", "1e", "--1", "NaN", "Infinity", "tru", #""\x""#, #""\u0000""#, #""\ud800""#, #""\udc00""#,
        #""\ud800\u0041""#, "\"a\nb\"", "'a'", "[1 2]", "{\"a\" 1}", "[[[[[1]]]]]", #""abc"#, #""\u12G4""#,
    ])
    func `what two parsers could read differently is refused`(text: String) {
        #expect(throws: JSONParser.Failure.self) { try self.parse(text) }
    }

    @Test func `invalid UTF-8 is refused`() {
        #expect(throws: JSONParser.Failure.self) {
            try JSONParser.parse([0x22, 0xFF, 0x22], limits: .init(bytes: 10, depth: 1))
        }
    }

    @Test func `size and count are bounded`() {
        #expect(throws: JSONParser.Failure(reason: "too large", offset: 3)) {
            try JSONParser.parse("[1]".utf8 + [0x20], limits: .init(bytes: 3, depth: 1))
        }
        #expect(throws: JSONParser.Failure.self) {
            try JSONParser.parse("[1,2,3]".utf8, limits: .init(bytes: 100, depth: 4, values: 3))
        }
    }
}
