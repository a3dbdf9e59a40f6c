// SHA-256 and HMAC-SHA-256 without a context on the heap.
//
// A journal hashes every record. OpenSSL 3's EVP interface allocates, fetches and cleans for each of them, which takes
// as long as the digest itself; its older functions run the same code on a struct of the caller's.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The digest of `length` bytes.
void postern_sha256(const void *bytes, size_t length, uint8_t digest[32]);

// The two states that HMAC (RFC 2104) begins with under a key.
typedef struct {
    uint32_t inner[8];
    uint32_t outer[8];
} postern_hmac_sha256_key;

// Prepares a key of 64 bytes at most.
postern_hmac_sha256_key postern_hmac_sha256_key_make(const uint8_t *key, size_t length);

// The code of `length` bytes.
void postern_hmac_sha256(const postern_hmac_sha256_key *key, const void *bytes, size_t length, uint8_t code[32]);
