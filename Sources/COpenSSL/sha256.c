// The functions are deprecated for the sake of providers, which a journal's hash does not choose between.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

enum { block = SHA256_CBLOCK };

void postern_sha256(const void *bytes, size_t length, uint8_t digest[32]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest, &context);
}

// The state after one block of `key` under `pad`.
static void pad_state(const uint8_t *key, size_t length, uint8_t pad, uint32_t state[8]) {
    uint8_t bytes[block];
    memset(bytes, pad, block);
    for (size_t index = 0; index < length; index++) bytes[index] ^= key[index];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, block);
    memcpy(state, context.h, sizeof context.h);
    OPENSSL_cleanse(bytes, sizeof bytes);
}

postern_hmac_sha256_key postern_hmac_sha256_key_make(const uint8_t *key, size_t length) {
    postern_hmac_sha256_key made;
    if (length > block) length = block;
    pad_state(key, length, 0x36, made.inner);
    pad_state(key, length, 0x5c, made.outer);
    return made;
}

// A context that has taken one block and stands in `state`.
static void resume(SHA256_CTX *context, const uint32_t state[8]) {
    SHA256_Init(context);
    memcpy(context->h, state, sizeof context->h);
    context->Nl = block * 8;
}

void postern_hmac_sha256(const postern_hmac_sha256_key *key, const void *bytes, size_t length, uint8_t code[32]) {
    SHA256_CTX context;
    uint8_t inner[SHA256_DIGEST_LENGTH];
    resume(&context, key->inner);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(inner, &context);
    resume(&context, key->outer);
    SHA256_Update(&context, inner, sizeof inner);
    SHA256_Final(code, &context);
}
