package import PosternCore

/// Verified tokens of late, so that a pipeline's next connection costs no signature check.
///
/// A hit needs the same signing input and the same signature under the same key set and settings, and the token's
/// time is checked at each one: there is no way to a remembered token past `recall`. Bounded; when it is full an
/// entry leaves that was not used for a round (the "clock" of virtual memory).
package struct TokenMemory: Sendable {
    /// What an issuer is now. An entry that was made under something else is forgotten.
    package struct Issuer: Sendable {
        package let settings: IssuerSettings
        package let keySet: KeySet.Identity

        package init(settings: IssuerSettings, keySet: KeySet.Identity) {
            self.settings = settings
            self.keySet = keySet
        }
    }

    private struct Entry: Sendable {
        let token: VerifiedToken
        let issuer: Issuer
        var used: Bool
    }

    /// 4096 entries take some 20 MB of GitHub's tokens.
    package static let defaultCapacity = 4096

    private let capacity: Int
    /// Slots by signing input; a token's `iss` is part of that.
    private var slots: [[UInt8]: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var hand = 0

    /// - Parameter capacity: at least 1.
    package init(capacity: Int = defaultCapacity) {
        self.capacity = max(1, capacity)
    }

    package var count: Int { slots.count }

    /// - Parameter current: what the issuer of this name is now; nil when it is gone or has no keys.
    /// - Returns: nil when the token must be verified; else the token, or why its time is not now.
    package mutating func recall(
        _ fingerprint: TokenFingerprint,
        now: Timestamp,
        current: (String) -> Issuer?
    ) -> Result<VerifiedToken, TokenRefusal>? {
        guard let slot = slots[fingerprint.signingInput], let entry = entries[slot],
            entry.token.fingerprint == fingerprint
        else { return nil }
        guard let issuer = current(entry.token.issuer), issuer.keySet == entry.issuer.keySet,
            issuer.settings == entry.issuer.settings
        else {
            forget(slot)
            return nil
        }
        do throws(TokenRefusal) {
            try entry.token.checkTime(issuer.settings, now: now)
        } catch {
            forget(slot)
            return .failure(error)
        }
        entries[slot]?.used = true
        return .success(entry.token)
    }

    /// - Parameter issuer: the settings and key set that the token was verified under.
    package mutating func remember(_ token: VerifiedToken, verifiedUnder issuer: Issuer) {
        let entry = Entry(token: token, issuer: issuer, used: false)
        if let slot = slots[token.fingerprint.signingInput] {
            entries[slot] = entry
            return
        }
        let slot: Int
        if let unused = free.popLast() {
            slot = unused
        } else if entries.count < capacity {
            slot = entries.count
            entries.append(nil)
        } else {
            slot = evict()
        }
        entries[slot] = entry
        slots[token.fingerprint.signingInput] = slot
    }

    /// Empties the first slot from the hand on that was not used since the hand last passed.
    private mutating func evict() -> Int {
        while entries[hand]?.used ?? false {
            entries[hand]?.used = false
            hand = (hand + 1) % entries.count
        }
        let slot = hand
        hand = (hand + 1) % entries.count
        if let entry = entries[slot] { slots[entry.token.fingerprint.signingInput] = nil }
        entries[slot] = nil
        return slot
    }

    private mutating func forget(_ slot: Int) {
        guard let entry = entries[slot] else { return }
        slots[entry.token.fingerprint.signingInput] = nil
        entries[slot] = nil
        free.append(slot)
    }
}
