internal import PosternNet
final class LoopJournal {
    var acceptsSessions: Bool { true }
    func start(on loop: isolated EventLoop) {}
    func close() {}
}
