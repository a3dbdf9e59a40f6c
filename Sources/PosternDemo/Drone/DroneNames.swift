/// The names of the demo's Drone: a server, its repository, and what lies in the demo's folder for its issuer.
enum DroneNames {
    static let issuer = "drone"
    static let host = "drone.demo"
    /// The source-code host's id of the repository.
    static let repositoryUID = "158392"
    static let configurationName = "issuer.yaml"
    static let secretName = "drone.secret"
    static let journalName = "issuer/journal"
    static let socketName = "drone-issuer.sock"
    static let scriptName = "note.sql"
}
