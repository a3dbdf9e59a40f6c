import PostgresWire

/// Messages as both sides send them.
enum Wire {
    /// A message with a type byte, a length and a body.
    static func message(_ type: Character, _ body: [UInt8] = []) -> [UInt8] {
        let length = UInt32(body.count + 4)
        return [type.asciiValue ?? 0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }

    /// A text and its NUL.
    static func string(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
}

// MARK: What a job sends

func query(_ text: String) -> [UInt8] { Wire.message("Q", Wire.string(text)) }

func parse(_ text: String, as name: String = "") -> [UInt8] {
    Wire.message("P", Wire.string(name) + Wire.string(text) + [0, 0])
}

/// - Parameter value: the bytes of its only parameter.
func bind(_ name: String = "", to portal: String = "", value: [UInt8]? = nil) -> [UInt8] {
    var body = Wire.string(portal) + Wire.string(name) + [0, 0]
    if let value {
        body += [0, 1] + withUnsafeBytes(of: UInt32(value.count).bigEndian) { Array($0) } + value
    } else {
        body += [0, 0]
    }
    return Wire.message("B", body + [0, 0])
}

func execute(_ portal: String = "", rows: UInt8 = 0) -> [UInt8] {
    Wire.message("E", Wire.string(portal) + [0, 0, 0, rows])
}

func describe(_ kind: Character = "P", _ name: String = "") -> [UInt8] {
    Wire.message("D", [kind.asciiValue ?? 0] + Wire.string(name))
}

func close(_ kind: Character, _ name: String) -> [UInt8] {
    Wire.message("C", [kind.asciiValue ?? 0] + Wire.string(name))
}

func functionCall(_ oid: UInt32) -> [UInt8] {
    Wire.message("F", withUnsafeBytes(of: oid.bigEndian) { Array($0) } + [0, 0, 0, 0, 0, 0])
}

func copyFail(_ text: String) -> [UInt8] { Wire.message("f", Wire.string(text)) }

/// CopyData, of either side.
func copyData(_ count: Int) -> [UInt8] { Wire.message("d", [UInt8](repeating: 9, count: count)) }

let sync = Wire.message("S")
let flush = Wire.message("H")
let copyDone = Wire.message("c")
let terminate = Wire.message("X")

/// Parse, Bind, Describe, Execute of an unnamed statement, as most drivers send them.
func extended(_ text: String) -> [UInt8] { parse(text) + bind() + describe() + execute() }

// MARK: What a server answers

func complete(_ tag: String) -> [UInt8] { Wire.message("C", Wire.string(tag)) }

/// - Parameter status: `I`, `T` or `E`.
func ready(_ status: Character = "I") -> [UInt8] { Wire.message("Z", [status.asciiValue ?? 0]) }

func row(_ count: Int = 1) -> [UInt8] { Wire.message("D", [UInt8](repeating: 1, count: count)) }

func failure(_ state: String, _ message: String = "an error", severity: String = "ERROR") -> [UInt8] {
    let fields = [
        "S" + severity, "V" + severity, "C" + state, "M" + message, "P1", "Wa context", "Fscan.l", "L1", "Ryyerror",
    ]
    return Wire.message("E", fields.flatMap(Wire.string) + [0])
}

func parameter(_ name: String, _ value: String) -> [UInt8] {
    Wire.message("S", Wire.string(name) + Wire.string(value))
}

let parsed = Wire.message("1")
let bound = Wire.message("2")
let closed = Wire.message("3")
let noData = Wire.message("n")
let rowDescription = Wire.message("T", [0, 0])
let parameterDescription = Wire.message("t", [0, 0])
let suspended = Wire.message("s")
let empty = Wire.message("I")
let copyIn = Wire.message("G", [0, 0, 0])
let copyOut = Wire.message("H", [0, 0, 0])
let functionResult = Wire.message("V", [0xFF, 0xFF, 0xFF, 0xFF])
let notice = Wire.message("N", Wire.string("SNOTICE") + Wire.string("C00000") + Wire.string("Mhello") + [0])
let notification = Wire.message("A", [0, 0, 0, 1] + Wire.string("channel") + Wire.string("payload"))

/// Splits bytes of one side into its messages.
func messages(_ bytes: [UInt8]) -> [(type: Character, body: [UInt8])] {
    var found: [(type: Character, body: [UInt8])] = []
    var rest = bytes[...]
    while rest.count >= 5 {
        let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
        found.append((Character(UnicodeScalar(rest[rest.startIndex])), Array(rest.dropFirst(5).prefix(length - 4))))
        rest = rest.dropFirst(length + 1)
    }
    return found
}

/// The types of the messages, one letter each.
func types(_ bytes: [UInt8]) -> String { String(messages(bytes).map(\.type)) }
