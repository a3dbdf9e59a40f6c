package import PosternCore
package struct RefusalLimiter { package init() {}
 package struct Summary { package let count: UInt64; package let sources: Int }
 package mutating func admit(source: [UInt8], now: MonotonicTime) -> Bool { true }
 package mutating func summary(now: MonotonicTime) -> Summary? { nil } }
