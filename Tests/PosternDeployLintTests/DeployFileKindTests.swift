import PosternDeployLint
import Testing

struct DeployFileKindTests {
    @Test(
        arguments: [
            ("compose.yaml", DeployFileKind.compose), ("docker-compose.yml", .compose), ("compose.prod.yaml", .compose),
            ("docker-compose-dev.yml", .compose), ("srv/prod.docker-compose.yml", .compose), (".drone.yml", .drone),
            ("deploy/pipelines/drone.yml", .drone), (".drone.release.yml", .drone), (".gitlab-ci.yml", .gitlab),
            ("ci/build.gitlab-ci.yml", .gitlab), (".woodpecker.yaml", .woodpecker),
            (".woodpecker/test.yaml", .woodpecker),
            (".github/workflows/a.yml", .github), (".forgejo/workflows/a.yaml", .github), ("x/deploy.sh", .shell),
            ("github-actions.yml", .github), ("values.yaml", nil), ("composer.json", nil), ("workflows/a.yml", nil),
            ("README.md", nil), ("", nil),
        ] as [(String, DeployFileKind?)]
    )
    func `a name says what a file is`(path: String, wanted: DeployFileKind?) {
        #expect(DeployFileKind.named(path) == wanted)
    }

    @Test(
        arguments: [
            ("kind: pipeline\nsteps: []", DeployFileKind.drone),
            ("kind: secret\n---\nkind: pipeline\ntype: exec", .drone),
            ("on: push\njobs: {a: {steps: []}}", .github),
            ("services: {db: {image: postgres}}", .compose),
            ("services: {db: {build: .}}", .compose),
            ("steps: [{image: x, commands: [y]}]", .woodpecker),
            ("steps: {a: {image: x}}", .woodpecker),
            ("test: {script: [make]}", .gitlab),
            ("apiVersion: v1\nkind: Pod", nil), ("a: 1", nil), ("", nil), ("- a", nil),
            ("apiVersion: tekton.dev/v1\nsteps: [{image: x, script: y}]", nil),
        ] as [(String, DeployFileKind?)]
    )
    func `the content says it where the name does not`(text: String, wanted: DeployFileKind?) {
        #expect(DeployFile(path: "some.yaml", contents: Array(text.utf8), kind: nil)?.kind == wanted)
    }

    @Test func `who names a file may say what it is`() {
        let text = Array("a: {script: [docker volume prune]}".utf8)
        #expect(DeployFile(path: "compose.yaml", contents: text, kind: .gitlab)?.kind == .gitlab)
    }
}
