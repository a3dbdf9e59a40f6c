import PosternDeployLint
import Testing

struct ShellScriptTests {
    /// Words joined by `|`.
    private func commands(_ script: String) -> [String] {
        ShellScript.commands(in: script).map { $0.texts.joined(separator: "|") }
    }

    @Test(arguments: [
        ("docker compose down -v", ["docker|compose|down|-v"]),
        ("docker  compose\tdown \\\n  -v", ["docker|compose|down|-v"]),
        ("docker com\\\npose down", ["docker|compose|down"]),
        (#""docker" 'compose' do"w"n"#, ["docker|compose|down"]),
        (#"echo "a \"b\" \$c \d""#, [#"echo|a "b" $c \d"#]),
        ("a; b && c || d | e & f", ["a", "b", "c", "d", "e", "f"]),
        ("# docker volume rm x\ntrue # and so on", ["true"]),
        ("echo a#b", ["echo|a#b"]),
        ("if ! test -f x; then rm -rf y; else true; fi", ["test|-f|x", "rm|-rf|y", "true"]),
        ("for i in a b; do docker volume rm $i; done", ["for|i|in|a|b", "docker|volume|rm|$i"]),
        ("(cd x && make)", ["cd|x", "make"]),
        ("f() { docker volume prune; }", ["f", "docker|volume|prune"]),
        ("PGPASSWORD=x psql -c 'select 1'", ["psql|-c|select 1"]),
        ("A=1", ["A=1"]),
        ("echo $(docker volume ls -q)", ["docker|volume|ls|-q", "echo|$(docker volume ls -q)"]),
        ("echo `docker volume prune -f`", ["docker|volume|prune|-f", "echo|`docker volume prune -f`"]),
        ("echo \"$(a \"b c\")\"", ["a|b c", "echo|$(a \"b c\")"]),
        ("echo \"$(grep -c \"don't )\" x)\"; ls", ["grep|-c|don't )|x", "echo|$(grep -c \"don't )\" x)", "ls"]),
        ("echo $((1 + 2)) ${A:-b c}", ["echo|$((1 + 2))|${A:-b c}"]),
        ("a > out 2>&1 < in b", ["a|b"]),
        ("cat <<EOF\ndocker volume prune\nEOF\nls", ["cat", "ls"]),
        ("cat <<-'EOF' > f\n\tdocker volume prune\n\tEOF\nls", ["cat", "ls"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("", []),
    ])
    func `a script's commands`(script: String, wanted: [String]) {
        #expect(commands(script) == wanted)
    }

    @Test(arguments: [
        "sudo -u deploy docker volume prune", "env A=1 docker volume prune", "timeout -k 5 10 docker volume prune",
        "nice -n 5 docker volume prune", "echo x | xargs -n 1 docker volume prune", "sh -c 'docker volume prune'",
        "bash -exc \"cd x && docker volume prune\"", "sudo sh -c 'exec docker volume prune'",
        "ssh -p 22 deploy@host docker volume prune", "ssh host 'cd /srv; docker volume prune'",
        "ssh host <<EOF\ndocker volume prune\nEOF", "bash -s <<'X'\ndocker volume prune\nX",
        "eval docker volume prune", "postern exec --role r -- docker volume prune", "/usr/bin/docker volume prune",
        "A=1 B=2 docker volume prune", "! docker volume prune", "time docker volume prune",
        "sh -c \"sh -c 'docker volume prune'\"",
    ])
    func `what runs another command`(script: String) {
        #expect(
            ShellScript.commands(in: script).contains {
                $0.name == "docker" && $0.texts.dropFirst() == ["volume", "prune"]
            }
        )
    }

    @Test func `words know their place`() {
        let command = ShellScript.commands(in: "true\n  sh -c 'a; docker volume \\\n prune'\n").last
        #expect(command?.words.map { "\($0.line):\($0.column)" } == ["1:12", "1:19", "2:1"])
    }

    @Test(arguments: [
        "'", "\"", "$(", "`", "${", "\\", "<<", "a <<X\nb", "((", "$((", "\"$(", "sh -c", "if", "<", "2>",
    ])
    func `what does not end is read to its end`(script: String) {
        for count in 0...script.count { _ = ShellScript.commands(in: String(script.prefix(count))) }
        _ = commands(script)
    }

    @Test func `substitutions are followed to a depth`() {
        let deep = String(repeating: "$(", count: 5_000)
        #expect(commands("echo " + deep).count < 50)
        let quotes = String(repeating: "\"$(", count: 5_000)
        #expect(commands("echo " + quotes).count < 50)
        let shells = (0..<30).reduce("docker volume prune") { text, _ in "sh -c \"\(text)\"" }
        #expect(commands(shells).count < 50)
    }
}
