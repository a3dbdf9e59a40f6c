internal import PosternIssuer
internal import PosternJournal

extension IssuerRun {
    init(_ build: Build, host: String) {
        self.init(
            system: build.system.rawValue,
            host: host,
            repository: build.repository,
            repositoryUID: build.repositoryUID,
            event: build.event,
            trigger: build.trigger,
            ref: build.ref,
            sha: build.sha,
            number: build.number
        )
    }
}
