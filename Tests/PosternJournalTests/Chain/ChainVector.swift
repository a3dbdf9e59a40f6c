/// A chain that was not written by this code: its lines, hashes and signatures were made with other tools (SHA-256 and
/// Ed25519 of Python's hashlib and the openssl command), from the format's description.
enum ChainVector {
    /// The public key in base64, whose private half has the bytes 1 to 32 as seed (RFC 8032).
    static let publicKey = "ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ="

    /// What the files hold. Line feeds at the end are the files' own.
    static let records = #"""
        {"v":1,"chain":"00112233445566778899aabbccddeeff","seq":0,"time":"2026-11-21T01:29:40.000001Z","event":"chain.start","gateway":"gw-1","public_key":"ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=","prev":"0000000000000000000000000000000000000000000000000000000000000000","hash":"aecebeac1f2bd178fb5d574c844bd6bf467389eefa2324f004301164d746d207"}
        {"v":1,"chain":"00112233445566778899aabbccddeeff","seq":1,"time":"2026-11-21T01:29:41.250000Z","event":"session.cancel","session":"k3j9x0a81b2c4d5e","source":"192.0.2.7 \u0007 \"é\"","prev":"aecebeac1f2bd178fb5d574c844bd6bf467389eefa2324f004301164d746d207","hash":"d8ac403595aeac244638052e40e8d55c733e95269df4f60e3da95b2e0eb43509"}
        {"v":1,"chain":"00112233445566778899aabbccddeeff","seq":2,"time":"2026-11-21T01:29:50.999999Z","event":"journal.checkpoint","key_id":"65b60673d6ed884bf01c2c222d82ada0740f29ac3355d6a925c81f17f47a27b8","heads":{"ffeeddccbbaa99887766554433221100":{"name":"loop-1","seq":41,"hash":"9f2e6d33a3717ee826353a404ba4618d1aeeb6879ad7936bce8ed5f46814924d"}},"signature":"PP9v+uM+XORm3UZl1mibfzHmuK7YyGTSFX5D2gmkFbAzky8OjMsyzsixYINOqSRJjZk6aSqxAootTcYWyz/bAA==","prev":"d8ac403595aeac244638052e40e8d55c733e95269df4f60e3da95b2e0eb43509","hash":"3e1433b86d6060fc1d0ed99404eb81bfafebc66447c83efe93125c700ff0115c"}
        {"v":1,"chain":"00112233445566778899aabbccddeeff","seq":3,"time":"2026-11-21T01:29:51.000000Z","event":"x","prev":"3e1433b86d6060fc1d0ed99404eb81bfafebc66447c83efe93125c700ff0115c","hash":"47e8ce7d968934ca78674cfa22ff4c6d23f140a429fabcd4609c566764caaed4"}

        """#

    static let state = """
        postern-state-v1
        00112233445566778899aabbccddeeff
        closed 3 47e8ce7d968934ca78674cfa22ff4c6d23f140a429fabcd4609c566764caaed4
        rR2v9mlcX0r0g9vwM8YsNezGHK8ieuUArrMrncoLtwkgLQjyMqJZ82pJKenSBjp2h7buwbBBq7Swjv+8l7/BBA==

        """
}
