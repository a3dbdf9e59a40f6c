import PosternCore
import Testing

struct SecretTextTests {
    @Test(arguments: [
        ("psql", "psql"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln-_", "[token]"),
        ("job eyJhbGciOiJSUzI1NiJ9.e30.c2ln, again", "job [token], again"),
        ("eyJ and keyJobOfTheDay", "eyJ and keyJobOfTheDay"),
        ("postgres://u:hunter2@h/db", "postgres://u:[password]@h/db"),
        ("postgres://u@h/a:b@c", "postgres://u@h/a:b@c"),
        ("host=h PassWord = 'hun ter' user=u", "host=h PassWord = [password] user=u"),
        ("password=hunter2", "password=[password]"),
        ("password", "password"),
        ("password=", "password="),
    ])
    func `tokens and passwords are taken out`(text: String, expected: String) {
        #expect(SecretText.scrubbed(text) == expected)
        #expect(SecretText.scrubbed(Array(text.utf8)) == Array(expected.utf8))
    }

    @Test(arguments: [
        #"{"a":"password='","b":"'"}"#, #"{"a":"password=x\"y"}"#, #"{"a":"://u:","b":"@"}"#,
        #"{"eyJhbGciOiJSUzI1NiJ9":"eyJhbGciOiJSUzI1NiJ9"}"#,
    ])
    func `what was JSON stays JSON`(text: String) {
        let scrubbed = SecretText.scrubbed(Array(text.utf8))
        #expect((try? JSONParser.parse(scrubbed, limits: JSONParser.Limits(bytes: 1000, depth: 4))) != nil)
    }
}
