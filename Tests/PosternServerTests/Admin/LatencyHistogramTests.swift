import PosternServer
import Testing

struct LatencyHistogramTests {
    @Test(arguments: [
        (Duration.zero, 0), (.microseconds(100), 0), (.nanoseconds(100_001), 1), (.microseconds(250), 1),
        (.seconds(100), 17), (.nanoseconds(100_000_000_001), 18), (.seconds(86_400), 18), (.milliseconds(-5), 0),
    ])
    func `a duration falls into the first bucket whose bound is not below it`(duration: Duration, bucket: Int) {
        let histogram = LatencyHistogram(.network)
        histogram.record(duration)
        let counts = histogram.snapshot.counts
        #expect(counts.firstIndex(of: 1) == bucket)
        #expect(counts.reduce(0, +) == 1)
        #expect(histogram.snapshot.sum == max(.zero, duration))
    }

    @Test func `bounds ascend and the scales differ`() {
        for scale in [LatencyHistogram.Scale.network, .processing] {
            #expect(scale.bounds == scale.bounds.sorted())
            #expect(Set(scale.bounds).count == scale.bounds.count)
        }
        #expect(LatencyHistogram.Scale.network.bounds.first == 100)
        #expect(LatencyHistogram.Scale.network.bounds.last == 100_000_000)
        #expect(LatencyHistogram.Scale.processing.bounds.first == 5)
    }

    @Test func `two loops' histograms add up`() {
        let (left, right) = (LatencyHistogram(.processing), LatencyHistogram(.processing))
        left.record(.microseconds(3))
        right.record(.microseconds(3))
        right.record(.seconds(2))
        var sum = left.snapshot
        sum += right.snapshot
        #expect(sum.counts.first == 2)
        #expect(sum.counts.last == 1)
        #expect(sum.sum == .microseconds(6) + .seconds(2))
    }
}
